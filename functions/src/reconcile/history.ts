import { createHash } from 'node:crypto';
import { FIRST_LOOK_MS, HOUR_MS, LATE_LOOK_MS, LONGEST_LOOK_MS, MINUTE_MS } from '../config/limits';
import { Unusable } from '../errors';
import type { AskedPayment, History } from '../gateway';
import { isOfUser, type BookedRow } from '../ledger/booked-rows';
import type { Look } from '../ledger/looks';
import type { PaymentRow } from '../ledger/payment-row';
import { log } from '../log';
import type { Reported } from '../movement';
import { book } from '../pipeline';
import { pushNow } from '../retail/push';
import { checkRows } from './rows';
import { sourceOf, toRows, type SecondLook } from './second-look';

/**
 * Goes through the gateway's own list since the last look, one span of time after another, and books
 * what is new. The mark moves when all of a span is booked; a run that dies repeats its span.
 * @returns how many pages were read: none while no look is due.
 * @throws Unavailable when the gateway or Firestore does not answer, Misconfigured when the gateway
 *   refuses our keys.
 */
export async function lookThrough(look: SecondLook): Promise<number> {
  const { name, gateway, pipeline, looks } = look;
  const { history } = gateway;
  if (history === undefined) return 0;
  const now = pipeline.now().getTime();
  // The edge of the list moves while it is read.
  const edge = now - history.reachMs + MINUTE_MS;
  // A shorter span would list the same overlap again and again.
  const longestMs = Math.max(LONGEST_LOOK_MS, history.lagMs);
  const first = { until: new Date(Math.max(now - FIRST_LOOK_MS, edge)), spanMs: longestMs };
  const last = await looks.read(name, first);
  const isFirst = last.version === undefined || isAhead(name, last, now);
  if (!isFirst && now - last.until.getTime() < history.everyMs) return 0;
  if (!isFirst) warnIfLate(name, last, edge, now);
  // Written at once: a first look that fails begins at the same time again, however late that is.
  let mark = isFirst ? await looks.move(name, last, first.until, first.spanMs) : last;
  let pages = 0;
  while (mark !== undefined && mark.until.getTime() < now && !look.isOver()) {
    const from = Math.max(mark.until.getTime(), edge);
    const until = new Date(Math.min(from + mark.spanMs, now));
    const since = new Date(Math.max(from - history.lagMs, edge));
    const read = await readSpan(look, history, { since, until });
    pages += read.pages;
    if (!read.isWhole) {
      await looks.narrow(name, mark);
      log.warn('the list was too long for one run', { gateway: name, rows: read.rows });
      break;
    }
    mark = await looks.move(name, mark, until, Math.min(mark.spanMs * 2, longestMs));
  }
  return pages;
}

/** Whether a person has moved the mark to a time that has not come: no look would ever be due. */
function isAhead(gateway: string, { until }: Look, now: number): boolean {
  if (until.getTime() - now < HOUR_MS) return false;
  log.alert('the mark of the last look is in the future: the list is read from the start', {
    gateway,
    next_step:
      'Nothing, where tn_looks was changed by hand; else check who may write to Firestore.',
  });
  return true;
}

/** Says that looks have failed for long: once they have passed the edge, money may stay unseen. */
function warnIfLate(gateway: string, { until }: Look, edge: number, now: number): void {
  if (until.getTime() < edge) {
    log.alert('money may have moved unseen: the list does not reach back to the last look', {
      gateway,
      next_step:
        'npm run reconcile compares the days that were missed; the log of <gateway>-reconcile says why.',
    });
  } else if (now - until.getTime() > LATE_LOOK_MS) {
    log.alert('the list of the gateway was not gone through for a day', {
      gateway,
      next_step:
        'The errors and warnings of <gateway>-reconcile say why; see the README of the gateway.',
    });
  }
}

interface Span {
  readonly since: Date;
  readonly until: Date;
}

async function readSpan(look: SecondLook, history: History, span: Span) {
  const { pipeline, isOver } = look;
  const listed = new Map<string, PaymentRow>();
  let pages = 0;
  for await (const page of history.list(span.since, span.until)) {
    pages += 1;
    for (const row of toRows(look.name, page)) listed.set(row.paymentId, row);
    const fresh = [];
    const news = await withoutBooked(look, page);
    for (const [asked, reported] of byPayment(news.map(withName))) {
      const source = sourceOf(look.name, asked);
      const booked = await book(pipeline, source, reported, {
        isSecondLook: true,
        payment: asked,
      });
      fresh.push(...booked.fresh);
    }
    await pushNow(fresh, pipeline, pipeline.settings.pushBudgetMs);
    if (isOver()) return { pages, rows: listed.size, isWhole: false };
  }
  // Rows that are younger than that may not be listed yet.
  const until = new Date(span.until.getTime() - history.lagMs);
  const isWhole = await checkRows(look, { since: span.since, until }, listed);
  return { pages, rows: listed.size, isWhole };
}

/** Leaves out the movements that are booked and delivered as they are told: most of an overlap. */
async function withoutBooked(
  { name, rows }: SecondLook,
  page: readonly Reported[],
): Promise<readonly Reported[]> {
  const booked = await rows.withIds(toRows(name, page).map(({ paymentId }) => paymentId));
  return page.filter((one) => {
    const [row] = toRows(name, [one]);
    const known = row && booked.get(row.paymentId);
    return row === undefined || known === undefined || !isSame(row, known);
  });
}

function isSame(row: PaymentRow, known: BookedRow): boolean {
  return (
    known.isSynced &&
    row.kind === known.kind &&
    row.amountCents === known.amountCents &&
    isOfUser(known, row.uid)
  );
}

/**
 * An entry that not even its id can be read of is named by what is wrong with it. Without a name it
 * would pass for any other event without one, and not be told while such an event is parked.
 */
function withName(one: Reported): Reported {
  if (!(one instanceof Unusable) || one.about !== undefined) return one;
  const hash = createHash('sha256').update(one.message).digest('hex').slice(0, 16);
  return new Unusable(one.message, { cause: one, about: `list-${hash}` });
}

/** The results of a page by the payment that they are of, so that a parked one says which. */
function byPayment(page: readonly Reported[]): [AskedPayment, readonly Reported[]][] {
  const groups = Map.groupBy(page, (one) => JSON.stringify(askedIn(one)));
  return [...groups].map(([key, reported]) => [JSON.parse(key) as AskedPayment, reported]);
}

function askedIn(one: Reported): AskedPayment {
  if (one instanceof Unusable) {
    return { orderId: one.orderId ?? null, ref: null, paymentId: one.about ?? null };
  }
  if ('review' in one) return { orderId: one.orderId, ref: null, paymentId: null };
  return { orderId: one.orderId, ref: null, paymentId: one.parentId ?? one.id };
}
