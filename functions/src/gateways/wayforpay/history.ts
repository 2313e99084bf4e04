import { z } from 'zod';
import { DAY_MS, HOUR_MS } from '../../config/limits';
import { Unusable } from '../../errors';
import type { History } from '../../gateway';
import type { Reported } from '../../movement';
import { Unsigned, type WayforpayApi } from './api';
import { readOrder } from './inquiry';
import { effectOf, findOrder, type MovementsDeps } from './movements';

export interface HistoryDeps extends MovementsDeps {
  readonly api: Pick<WayforpayApi, 'checkStatus' | 'listTransactions'>;
}

/** WayForPay documents a longest span, and no limit to how long ago it is. */
const REACH_MS = 365 * DAY_MS;

/** A payment may wait for the check against fraud, and WayForPay does not say by which time it lists. */
const LAG_MS = 2 * DAY_MS;

/** A look asks for each order of the span by itself, and most of what it finds was told before. */
const EVERY_MS = 6 * HOUR_MS;

/** WayForPay lists 31 days at most (https://wiki.wayforpay.com/view/1736786), all in one answer. */
const SPAN_MS = DAY_MS;

/** Orders that are asked for at once, and make a page. */
const PAGE = 10;

/** The transactions that WayForPay lists, and what their orders have moved. */
export function openHistory(deps: HistoryDeps): History {
  return {
    kinds: ['payment', 'refund'],
    reachMs: REACH_MS,
    lagMs: LAG_MS,
    everyMs: EVERY_MS,
    list: (since, until) => list(since, until, deps),
  };
}

/**
 * An order has several transactions, and is asked for once. One whose status is not signed ends the
 * list only after all others were read.
 */
async function* list(since: Date, until: Date, deps: HistoryDeps) {
  const asked = new Set<string>();
  const unsigned: Unsigned[] = [];
  for (let fromMs = since.getTime(); fromMs < until.getTime(); fromMs += SPAN_MS) {
    const to = new Date(Math.min(fromMs + SPAN_MS, until.getTime()));
    const { references, unreadable } = readList(
      await deps.api.listTransactions(new Date(fromMs), to),
    );
    if (unreadable.length > 0) yield unreadable;
    const fresh = references.filter((reference) => !asked.has(reference));
    for (const reference of fresh) asked.add(reference);
    for (let start = 0; start < fresh.length; start += PAGE) {
      const some = fresh.slice(start, start + PAGE);
      const read = some.map((reference) => readListed(reference, deps, unsigned));
      yield (await Promise.all(read)).flat();
    }
  }
  if (unsigned[0] !== undefined) throw unsigned[0];
}

/** A status that is not a text may be of a payment. */
const transaction = z.object({
  orderReference: z.string().min(1),
  transactionStatus: z.string().optional().catch(undefined),
});

/** The orders that may have moved money, each once. */
function readList(transactions: readonly unknown[]) {
  const references = new Set<string>();
  const unreadable: Unusable[] = [];
  for (const one of transactions) {
    const { data } = transaction.safeParse(one);
    if (data === undefined) {
      unreadable.push(new Unusable('WayForPay lists a transaction without a usable order.'));
    } else if (effectOf(data.transactionStatus ?? '') !== 'nothing') {
      references.add(data.orderReference);
    }
  }
  return { references: [...references], unreadable };
}

/** The movements of a listed order, or the Unusable in their place. */
async function readListed(
  reference: string,
  deps: HistoryDeps,
  unsigned: Unsigned[],
): Promise<readonly Reported[]> {
  const order = await findOrder(reference, deps);
  if (order === undefined) return [];
  try {
    return await readOrder(order, deps);
  } catch (error) {
    if (error instanceof Unsigned) {
      unsigned.push(error);
      return [];
    }
    if (!(error instanceof Unusable)) throw error;
    return [new Unusable(error.message, { cause: error, about: reference })];
  }
}
