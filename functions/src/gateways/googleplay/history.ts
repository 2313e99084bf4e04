import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../config/limits';
import { Malformed, Parkable, Unusable } from '../../errors';
import type { History } from '../../gateway';
import type { Reported } from '../../movement';
import { forEachByKey } from '../../schedule/by-key';
import type { GooglePlayApi } from './api';
import type { GooglePlay } from './google-play';
import type { VoidedPurchase } from './objects';
import { receiptIdOf } from './purchases';

/**
 * Google lists refunds for 30 days, and refuses an earlier start:
 * https://developers.google.com/android-publisher/api-ref/rest/v3/purchases.voidedpurchases/list.
 * An hour is left for clocks that differ, and for the pages before the last.
 */
const REACH_MS = 30 * DAY_MS - HOUR_MS;

/**
 * The list goes by the time when Google's system saw a refund. Reports say that Google shows refunds
 * hours late; the purchase, which a refund of a part is read from, may show them later than the list.
 */
const LAG_MS = 2 * DAY_MS;

/** Google allows 6,000 calls of the list a day. */
const EVERY_MS = HOUR_MS;

/** Within this time Google's API may not show a refund of a part that it lists. */
const SHOWN_AFTER_MS = DAY_MS;

const byPurchase = { key: ({ token }: VoidedPurchase) => token, concurrency: 5 };

export interface HistoryDeps {
  readonly api: Pick<GooglePlayApi, 'listVoids'>;
  /** Opens the books for one look. */
  readonly open: () => Pick<GooglePlay, 'receipts' | 'voids'>;
  readonly now: () => Date;
}

/** Google's list of refunds. Each goes through the routine of an announced one. */
export function openHistory(deps: HistoryDeps): History {
  return {
    kinds: ['refund'],
    reachMs: REACH_MS,
    lagMs: LAG_MS,
    everyMs: EVERY_MS,
    list: (since, until) => list(deps, since, until),
  };
}

async function* list(
  { api, open, now }: HistoryDeps,
  since: Date,
  until: Date,
): AsyncGenerator<readonly Reported[]> {
  const start = new Date(Math.max(since.getTime(), now().getTime() - REACH_MS));
  const books = { ...open(), now: now() };
  const taken = new Map<string, boolean>();
  // Google refuses an end that has not come by its own clock.
  const isOver = until.getTime() < now().getTime() - MINUTE_MS;
  for await (const page of api.listVoids(start, isOver ? until : undefined)) {
    const unreadable = page.filter((one) => one instanceof Unusable);
    const voids = page.flatMap((one) => (one instanceof Unusable ? [] : [one]));
    const { reported, failure } = await readVoids(withoutTaken(voids, taken), books);
    yield [...reported, ...unreadable];
    if (failure !== undefined) throw failure;
  }
}

/**
 * One entry a purchase. An entry of all of it says more than one of a part, and the part of a purchase
 * that was read before is in it. Whole ones come first: they need no call.
 */
function withoutTaken(
  page: readonly VoidedPurchase[],
  taken: Map<string, boolean>,
): VoidedPurchase[] {
  const wholeFirst = page.toSorted((one, other) => Number(other.isWhole) - Number(one.isWhole));
  return wholeFirst.filter(({ token, isWhole }) => {
    const known = taken.get(token);
    if (known === true || known === isWhole) return false;
    taken.set(token, isWhole);
    return true;
  });
}

type LookDeps = Pick<GooglePlay, 'receipts' | 'voids'> & { readonly now: Date };

/** Ends at the first failure, with the refunds that were read before it. */
async function readVoids(
  voids: readonly VoidedPurchase[],
  books: LookDeps,
): Promise<{ readonly reported: readonly Reported[]; readonly failure?: Error }> {
  const reported: Reported[] = [];
  const failures: Error[] = [];
  await forEachByKey(voids, byPurchase, async (one) => {
    if (failures.length > 0) return;
    try {
      reported.push(...(await readVoid(one, books)));
    } catch (error) {
      if (isOfOne(error)) reported.push(toUnusable(error.message, one, error));
      else failures.push(error instanceof Error ? error : new Error('not an error'));
    }
  });
  const [failure] = failures;
  return failure === undefined ? { reported } : { reported, failure };
}

/** Whether only this purchase cannot be read, and not Google or Firestore. */
function isOfOne(error: unknown): error is Parkable | Malformed {
  return error instanceof Parkable || error instanceof Malformed;
}

function toUnusable(message: string, one: VoidedPurchase, cause?: Error): Unusable {
  return new Unusable(message, { cause, about: one.googleOrderId ?? receiptIdOf(one.token) });
}

/** A refund of a part that Google does not show stays in the list until it does, or a person looks. */
async function readVoid(one: VoidedPurchase, books: LookDeps): Promise<readonly Reported[]> {
  const { shown, movements } = await books.voids.syncVoid(one);
  if (shown !== 'nothing') return movements;
  const isNew = books.now.getTime() - one.voidedAt.getTime() < SHOWN_AFTER_MS;
  if (isNew || !(await isCredited(one, books))) return [];
  return [toUnusable('Google lists a refund of a part and does not show it.', one)];
}

async function isCredited({ token }: VoidedPurchase, { receipts }: LookDeps): Promise<boolean> {
  return ((await receipts.find(receiptIdOf(token)))?.movements ?? []).length > 0;
}
