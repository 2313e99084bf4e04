import type { Reply } from '../http/call';
import type { FoundEvent } from '../ledger/open-events';
import { lastMoveOf } from '../ledger/holder';
import { openRefundRequests } from '../ledger/refund-requests';
import type { Order } from '../orders/order';
import { isClosed } from '../orders/unpaid-orders';
import { openAuditBook, type ActOnRecord } from '../roles/audit-book';
import type { getStory } from './calls';
import { readFacts, type Facts } from './facts';
import { seconds, stateOf } from './replies';
import { openBooks } from './search';
import { linesOfRequest } from './refund-wording';
import { linesOfRow, signedUsd, timeOf, usd, type Line } from './wording';

export function openStories() {
  const books = { ...openBooks(), audit: openAuditBook(), requests: openRefundRequests() };
  return {
    /** @throws NotFound, Unavailable. */
    async read({ id }: { readonly id: string }): Promise<Reply<typeof getStory>> {
      const facts = await readFacts(books, id);
      const [row] = facts.rows;
      const payment = facts.rows.find(({ kind }) => kind === 'payment') ?? row;
      return {
        order_id: facts.order?.orderId ?? null,
        payment_id: payment?.paymentId ?? null,
        gateway: facts.order?.gateway ?? payment?.gateway ?? facts.events[0]?.gateway ?? '',
        uid: lastMoveOf(facts.rows)?.uid ?? facts.order?.uid ?? payment?.uid ?? null,
        summary: summaryOf(facts),
        lines: linesOf(facts).map(({ at, text, balance }) => ({ at: seconds(at), text, balance })),
      };
    },
  };
}

/** The story of an order or a payment: what happened, in its order, and then how it stands now. */
export function linesOf(facts: Facts): Line[] {
  const { order, reviewedAt, rows, events, requests, acts } = facts;
  const lines = [
    ...(order === undefined ? [] : linesOfOrder(order, rows.length > 0)),
    ...(reviewedAt === undefined ? [] : [linesOfReview(reviewedAt)]),
    ...rows.flatMap(linesOfRow),
    ...events.flatMap(linesOfEvent),
    ...requests.flatMap((request) => linesOfRequest(request, rows)),
    ...acts.map(lineOfAct),
  ];
  // A gateway tells its times in whole seconds: within one, a story keeps the order of its parts.
  const second = ({ at }: Line) => Math.floor((at?.getTime() ?? Number.MAX_SAFE_INTEGER) / 1000);
  return lines.sort((a, b) => second(a) - second(b));
}

function linesOfOrder(order: Order, isPaid: boolean): Line[] {
  const { amountCents, gateway, mode, createdAt, gatewayRef, timesAsked = 0, askAt } = order;
  const placed = `Ordered: ${usd(amountCents)} through ${gateway}, mode ${mode}.`;
  const bound =
    gatewayRef === undefined
      ? { at: null, text: 'Not bound: the gateway has not answered to the order.', balance: null }
      : { at: createdAt, text: `Bound to the gateway's ${gatewayRef}.`, balance: null };
  const asked = `Asked again: ${timesAsked === 1 ? 'once' : `${timesAsked} times`}, and the gateway had no payment.`;
  const next = askAt === undefined ? '' : ` Next question: ${timeOf(askAt)}.`;
  const isAsked = !isPaid && (timesAsked > 0 || askAt !== undefined);
  return [
    { at: createdAt, text: placed, balance: 'nothing yet' },
    bound,
    ...(isAsked && !isClosed(order)
      ? [
          {
            at: null,
            text: timesAsked === 0 ? `Not paid.${next}` : `${asked}${next}`,
            balance: null,
          },
        ]
      : []),
    ...(!isPaid && isClosed(order)
      ? [{ at: null, text: `${asked} Closed; a late payment is still booked.`, balance: 'nothing' }]
      : []),
  ];
}

function linesOfReview(at: Date): Line {
  return {
    at,
    text: 'In review: the gateway holds the money for a check.',
    balance: 'nothing yet',
  };
}

function linesOfEvent(event: FoundEvent): Line[] {
  const { id, parkedAt, message, reason, amountCents, resolvedAt, resolution, rows } = event;
  const balance =
    amountCents === null ? 'nothing was booked of it' : `${signedUsd(amountCents)} is not booked`;
  const parked = { at: parkedAt, text: `Parked (${reason}): ${message}`, balance };
  if (resolvedAt === null) return [parked, { at: null, text: waitOf(event), balance: null }];
  const by =
    resolution === null ? `by the rows ${rows.join(', ') || '–'}` : `by a person: ${resolution}`;
  return [
    parked,
    { at: resolvedAt, text: `The parked event ${id} was resolved ${by}.`, balance: null },
  ];
}

/** What happens next to a parked event. */
function waitOf({ id, releaseAt, attempts, recheckAt, rechecks }: FoundEvent): string {
  const retry = `npm run ops -- parked --retry ${id}`;
  if (releaseAt !== null) {
    return `Its row was tried again ${attempts} times. Next try: ${timeOf(releaseAt)}. Sooner: ${retry}`;
  }
  const asked = `The gateway was asked about it ${rechecks} times.`;
  if (recheckAt !== null) return `${asked} Next question: ${timeOf(recheckAt)}. Sooner: ${retry}`;
  return `${asked} It needs a person: ${retry}, or --resolve ${id} --reason "…"`;
}

function lineOfAct({ act, at, reason, outcome, staffEmail }: ActOnRecord): Line {
  const why = reason === null ? '' : ` (${reason})`;
  return {
    at,
    text: `Staff: ${act}${why}, by ${staffEmail}: ${outcome ?? 'begun, and its end is not known'}.`,
    balance: null,
  };
}

/** How it stands, in one sentence. */
export function summaryOf({ order, rows, events, reviewedAt }: Facts): string {
  const open = events.filter(({ resolvedAt }) => resolvedAt === null).length;
  const parked =
    open === 0 ? '' : ` ${open === 1 ? 'One parked event is' : `${open} parked events are`} open.`;
  if (rows.length === 0) return `${unpaid(order, reviewedAt)}${parked}`;
  const sum = (some: Facts['rows']) =>
    some.reduce((cents, { amountCents }) => cents + (amountCents ?? 0), 0);
  const payments = rows.filter(({ kind }) => kind === 'payment');
  const corrections = rows.filter(({ kind }) => kind !== 'payment' && kind !== 'move');
  const last = lastMoveOf(rows);
  const synced = rows.filter((row) => stateOf(row) === 'synced');
  const missing = rows.filter((row) => stateOf(row) !== 'synced');
  const corrected =
    corrections.length === 0 ? '' : `, and corrections moved ${signedUsd(sum(corrections))}`;
  const rest =
    missing.length === 0
      ? 'all of it is in the balance'
      : `${signedUsd(sum(synced))} is in the balance and ${signedUsd(sum(missing))} is missing there`;
  const isAdjustment = rows.every(({ kind }) => kind === 'adjustment');
  const moved = isAdjustment
    ? `The staff moved ${signedUsd(sum(rows))}`
    : `${usd(sum(payments))} was paid${corrected}${last === undefined ? '' : `, and the money was moved to the user ${last.uid}`}`;
  return `${moved}; ${rest}.${parked}`;
}

function unpaid(order: Order | undefined, reviewedAt: Date | undefined): string {
  if (order === undefined) return 'Nothing was booked.';
  if (reviewedAt !== undefined) return 'Not paid yet: the gateway holds the money for a check.';
  return isClosed(order) ? 'Not paid, and closed.' : 'Not paid, as far as the gateway has told us.';
}
