import { DAY_MS, HOUR_MS } from '../../config/limits';
import { Unavailable, Unusable } from '../../errors';
import type { History } from '../../gateway';
import type { Reported } from '../../movement';
import { ofOrder } from '../ordered-payment';
import { PAGE_LENGTH, type AnypayApi, type Listed } from './api';
import { findOrder, isUnmoved, movementsOfOrder, type MovementsDeps } from './movements';

/** A refund changes the status of an old entry, and not its times. */
const REFUNDS_LOOK_BACK_MS = 30 * DAY_MS;

/** AnyPay does not document the zone of its times; we read them as Moscow's. */
const CLOCK_DOUBT_MS = 12 * HOUR_MS;

/** How many orders are looked up at once. */
const ORDERS_AT_ONCE = 20;

export interface HistoryDeps extends Omit<MovementsDeps, 'api'> {
  readonly api: Pick<AnypayApi, 'listPage'>;
}

/**
 * What AnyPay's list of all payments shows. The list has no filter by time and no documented order, so
 * each look reads it to its end, in parts of 1000: one call where a project has few payments.
 */
export function openHistory(deps: HistoryDeps): History {
  return {
    kinds: ['payment', 'refund'],
    // AnyPay names no end; a year is longer than any pause between two looks.
    reachMs: 365 * DAY_MS,
    lagMs: HOUR_MS,
    everyMs: HOUR_MS,
    list: (since, until) => list(since, until, deps),
  };
}

/**
 * The whole list is read before anything is said of it: another payment of the same order may stand in
 * its last part.
 */
async function* list(
  since: Date,
  until: Date,
  deps: HistoryDeps,
): AsyncGenerator<readonly Reported[]> {
  const orders = byOrder(await readAll(deps.api));
  const recent = [...orders].filter(([, listed]) =>
    listed.some((one) => isWithin(one, since, until)),
  );
  for (let done = 0; done < recent.length; done += ORDERS_AT_ONCE) {
    const page = recent.slice(done, done + ORDERS_AT_ONCE);
    const reported = await Promise.all(page.map(([payId, listed]) => read(payId, listed, deps)));
    yield reported.flat();
  }
}

async function read(
  payId: string,
  listed: readonly Listed[],
  deps: HistoryDeps,
): Promise<readonly Reported[]> {
  const order = await findOrder(payId, deps);
  if (order === undefined) return [];
  const payments = listed.map(({ payment }) => payment);
  return ofOrder(payId, movementsOfOrder(order, payments, deps.now()));
}

/** @throws Unavailable when the parts do not come to the number that AnyPay says. */
async function readAll(api: HistoryDeps['api']): Promise<Listed[]> {
  const found = new Map<string, Listed>();
  // Entries that name no order are counted in the total. A list of nothing else is no answer.
  let nameless = 0;
  for (let offset = 0; ;) {
    const { length, total, listed } = await api.listPage(offset);
    const fresh = listed.filter(({ key }) => !found.has(key));
    // A payment that is made meanwhile may move others into the next part, where they come again.
    for (const one of fresh) found.set(one.key, one);
    offset += length;
    const isRepeated = listed.length > 0 && fresh.length === 0;
    if (!isRepeated) nameless += length - listed.length;
    const isEnd = length < PAGE_LENGTH && offset >= total;
    const isWhole = isRepeated ? found.size + nameless >= total : isEnd;
    if (isWhole && (found.size > 0 || nameless === 0)) return [...found.values()];
    const isNew = fresh.length > 0 || (length > listed.length && offset <= total);
    if (isWhole || isRepeated || !isNew)
      throw new Unavailable('AnyPay does not list all of its payments.');
  }
}

function byOrder(listed: readonly Listed[]): Map<string, Listed[]> {
  const orders = new Map<string, Listed[]>();
  for (const one of listed) orders.set(one.payId, [...(orders.get(one.payId) ?? []), one]);
  return orders;
}

/** Whether an entry may have moved money, or need a person, in a span of time. */
function isWithin({ at, payment }: Listed, since: Date, until: Date): boolean {
  const isRead = !(payment instanceof Unusable);
  if (isRead && isUnmoved(payment)) return false;
  if (at === undefined) return true;
  const lookBackMs = isRead && payment.status === 'refund' ? REFUNDS_LOOK_BACK_MS : 0;
  const sinceMs = since.getTime() - CLOCK_DOUBT_MS - lookBackMs;
  return at.getTime() >= sinceMs && at.getTime() < until.getTime() + CLOCK_DOUBT_MS;
}
