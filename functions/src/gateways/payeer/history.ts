import { DAY_MS, HOUR_MS } from '../../config/limits';
import { Unavailable, Unusable } from '../../errors';
import type { History } from '../../gateway';
import type { Reported } from '../../movement';
import { ofOrder } from '../ordered-payment';
import { PAGE_LENGTH, type Transfer } from './api';
import { readOrder, type InquiryDeps } from './inquiry';
import { findOrder } from './movements';

/**
 * What the account's history shows. It has no invoiced amount and no number of a notification, so each
 * order that it names is asked about.
 */
export function openHistory(deps: InquiryDeps): History {
  return {
    kinds: ['payment'],
    // Payeer documents no end; a year is longer than any pause between two looks.
    reachMs: 365 * DAY_MS,
    // A transaction is listed by the time when it was begun, and may be complete later.
    lagMs: DAY_MS,
    // One call for each paid order, and notifications come by themselves.
    everyMs: 6 * HOUR_MS,
    list: (since, until) => list(since, until, deps),
  };
}

async function* list(
  since: Date,
  until: Date,
  deps: InquiryDeps,
): AsyncGenerator<readonly Reported[]> {
  const seen = new Set<string>();
  for await (const transfers of pages(since, until, deps)) {
    const unusable = transfers.filter((one) => one instanceof Unusable);
    if (unusable.length > 0) yield unusable;
    for (const transfer of transfers) {
      if (transfer instanceof Unusable || seen.has(transfer.orderId)) continue;
      seen.add(transfer.orderId);
      const reported = await read(transfer, deps);
      if (reported.length > 0) yield reported;
    }
  }
}

async function read({ id, orderId }: Transfer, deps: InquiryDeps): Promise<readonly Reported[]> {
  const order = await findOrder(orderId, deps);
  if (order === undefined) return [];
  const reported = await readOrder(order, deps);
  if (reported.length > 0) return ofOrder(orderId, reported);
  const message = "Payeer's history and its payments of an order differ.";
  return [new Unusable(message, { about: id, orderId })];
}

/**
 * The history page by page. Payeer does not say how short the last page is, so one more is asked for
 * until nothing new comes.
 * @throws Unavailable when a full page comes again.
 */
async function* pages(
  since: Date,
  until: Date,
  { api }: InquiryDeps,
): AsyncGenerator<readonly (Transfer | Unusable)[]> {
  const seen = new Set<string>();
  for (let after: string | undefined; ;) {
    const { keys, lastId, transfers } = await api().listTransfers(since, until, after);
    const isNew = keys.some((key) => !seen.has(key));
    if (!isNew && keys.length >= PAGE_LENGTH) {
      throw new Unavailable('Payeer lists the same transactions again.');
    }
    if (!isNew) return;
    for (const key of keys) seen.add(key);
    yield transfers;
    after = lastId;
  }
}
