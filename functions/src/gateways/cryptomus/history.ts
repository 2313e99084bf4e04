import { DAY_MS, HOUR_MS } from '../../config/limits';
import { Unavailable, Unusable } from '../../errors';
import type { History } from '../../gateway';
import type { Reported } from '../../movement';
import type { CryptomusApi } from './api';
import { isFunded, readInvoiceMovements } from './inquiry';
import { invoiceSchema, listedSchema, type Invoice } from './invoices';
import { findOrder, type MovementsDeps } from './settlement';

export interface HistoryDeps extends MovementsDeps {
  readonly api: Pick<CryptomusApi, 'readInvoice' | 'listInvoices'>;
}

/** Cryptomus documents no limit (https://doc.cryptomus.com/merchant-api/payments/payment-history). */
const REACH_MS = 365 * DAY_MS;

/**
 * Cryptomus lists invoices by the time that they were made, and they are refunded later. Each look
 * goes through the invoices of so long again, fifteen a call.
 */
const LAG_MS = 7 * DAY_MS;

/** A look costs calls for all invoices of a week, and most of what it finds was told before. */
const EVERY_MS = 6 * HOUR_MS;

/** The invoices that Cryptomus lists, and what they have moved. */
export function openHistory(deps: HistoryDeps): History {
  return {
    kinds: ['payment', 'refund'],
    reachMs: REACH_MS,
    lagMs: LAG_MS,
    everyMs: EVERY_MS,
    list: (since, until) => list(since, until, deps),
  };
}

async function* list(since: Date, until: Date, deps: HistoryDeps) {
  const seen = new Set<string>();
  for await (const invoices of pagesOf(since, until, deps)) {
    const fresh = invoices.map(toListed).filter((listed) => isNew(listed, seen));
    yield (await Promise.all(fresh.map((listed) => readListed(listed, deps)))).flat();
  }
}

/** An invoice may move to another page while the pages are read. It is read once. */
function isNew({ uuid }: Listed, seen: Set<string>): boolean {
  if (uuid === undefined) return true;
  const isSeen = seen.has(uuid);
  seen.add(uuid);
  return !isSeen;
}

/** @throws Unavailable also when the list begins anew: it would never end. */
async function* pagesOf(since: Date, until: Date, { api }: HistoryDeps) {
  const cursors = new Set<string>();
  let cursor: string | undefined;
  do {
    const { invoices, nextCursor } = await api.listInvoices(since, until, cursor);
    yield invoices;
    cursor = nextCursor ?? undefined;
    if (cursor !== undefined && cursors.has(cursor)) {
      throw new Unavailable('Cryptomus lists the same page again.');
    }
    if (cursor !== undefined) cursors.add(cursor);
  } while (cursor !== undefined);
}

/** An invoice as it is listed, with those of its fields that can be read. */
interface Listed {
  readonly given: unknown;
  readonly uuid?: string | undefined;
  readonly order_id?: string | null | undefined;
  readonly payment_status?: string | undefined;
}

function toListed(given: unknown): Listed {
  return { given, ...listedSchema.safeParse(given).data };
}

/** The movements of a listed invoice, or the Unusable in their place. */
async function readListed(listed: Listed, deps: HistoryDeps): Promise<readonly Reported[]> {
  const { uuid, order_id: orderId, payment_status: status } = listed;
  // Most invoices are never paid.
  if (status !== undefined && !isFunded(status)) return [];
  try {
    if (uuid === undefined || orderId === undefined) {
      throw new Unusable('Cryptomus lists an invoice without a usable id.');
    }
    const order = await findOrder({ uuid, orderId }, deps);
    if (order === undefined) return [];
    const invoice = await readInvoice(uuid, listed.given, deps);
    return invoice === undefined ? [] : await readInvoiceMovements(order, invoice, deps);
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    const about = error.about ?? uuid ?? orderId ?? undefined;
    return [new Unusable(error.message, { cause: error, ...(about !== undefined && { about }) })];
  }
}

/** The list has whole invoices. One that lacks a field is asked for by itself. */
async function readInvoice(
  uuid: string,
  given: unknown,
  { api }: HistoryDeps,
): Promise<Invoice | undefined> {
  return invoiceSchema.safeParse(given).data ?? (await api.readInvoice({ uuid }));
}
