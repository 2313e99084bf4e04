import { NotFound, PaymentsError, Unusable } from '../../errors';
import type { History } from '../../gateway';
import type { Reported } from '../../movement';
import type { PayPalApi } from './api';
import { NotPermitted, Refusal } from './client';
import type { PayPalConfig } from './config';
import { listEvents } from './event-list';
import { groupByCapture, joinLists, type Entry, type Listed, type Named } from './hints';
import { isForeign, type MovementsDeps } from './movements';
import { readPayment } from './payment';
import { listTransactions, SEARCH_LAG_MS } from './transaction-list';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The list of events goes back 30 days
 * (https://developer.paypal.com/api/rest/webhooks/events-dashboard). An hour less: the very edge may be
 * refused.
 */
const EVENTS_REACH_MS = 30 * DAY_MS - HOUR_MS;
/** PayPal does not say how late an event may be listed. */
const EVENTS_LAG_MS = HOUR_MS;
/** "This call lists transactions for the previous three years." */
const SEARCH_REACH_MS = 1095 * DAY_MS;
/** A search may span 31 days. */
const SEARCH_SPAN_MS = 30 * DAY_MS;
/** Payments that are read for one page. */
const PAGE_LENGTH = 20;

export interface HistoryDeps extends Omit<MovementsDeps, 'api' | 'config'> {
  readonly config: Pick<PayPalConfig, 'mode' | 'merchantId' | 'searchesTransactions'>;
  readonly api: MovementsDeps['api'] & Pick<PayPalApi, 'get'>;
  readonly now: () => Date;
}

/**
 * What has moved, by the webhook events that PayPal keeps, and by the account's transactions where
 * PAYPAL_TRANSACTION_SEARCH allows it. Both only say where to look.
 */
export function openHistory(deps: HistoryDeps): History {
  const searches = deps.config.searchesTransactions;
  return {
    kinds: ['payment', 'refund', 'refund_failed', 'dispute'],
    reachMs: searches ? SEARCH_REACH_MS : EVENTS_REACH_MS,
    lagMs: searches ? SEARCH_LAG_MS : EVENTS_LAG_MS,
    everyMs: HOUR_MS,
    list: (since, until) => listPages(deps, since, until),
  };
}

/**
 * Both lists are read whole before the payments: each payment is read once, with all that they say of
 * it. A search that fails ends the list only after all that the events name was read.
 */
async function* listPages(
  deps: HistoryDeps,
  since: Date,
  until: Date,
): AsyncGenerator<readonly Reported[]> {
  const events = await listKeptEvents(deps, since, until);
  const search = await searchAll(deps, since, until);
  const all = await findCaptures(deps, [...events.entries, ...search.entries]);
  const unreadable = [...events.unreadable, ...search.unreadable, ...all.unreadable];
  if (unreadable.length > 0) yield unreadable;
  const captures = groupByCapture(all.entries);
  for (let first = 0; first < captures.length; first += PAGE_LENGTH) {
    const page: Reported[] = [];
    for (const one of captures.slice(first, first + PAGE_LENGTH)) {
      page.push(...(await readNamed(deps, one)));
    }
    if (page.length > 0) yield page;
  }
  if (search.failure !== undefined) throw search.failure;
}

interface Searched extends Listed {
  /** The error that ended the search. */
  readonly failure?: Error;
}

/** The list of transactions, as far as it can be read. */
async function searchAll(
  { api, config }: HistoryDeps,
  since: Date,
  until: Date,
): Promise<Searched> {
  if (!config.searchesTransactions) return nothing;
  const parts: Listed[] = [];
  try {
    for (let ms = since.getTime(); ms < until.getTime(); ms += SEARCH_SPAN_MS) {
      const end = new Date(Math.min(ms + SEARCH_SPAN_MS, until.getTime()));
      parts.push(await listTransactions(api, new Date(ms), end));
    }
  } catch (error) {
    if (!(error instanceof PaymentsError)) throw error;
    return { ...joinLists(parts), failure: error };
  }
  return joinLists(parts);
}

const nothing: Listed = { entries: [], unreadable: [] };

/** The events of a span that PayPal still keeps. */
async function listKeptEvents(deps: HistoryDeps, since: Date, until: Date): Promise<Listed> {
  const oldest = new Date(Math.max(since.getTime(), deps.now().getTime() - EVENTS_REACH_MS));
  return oldest < until ? listEvents(deps.api, oldest, until) : nothing;
}

type EntryOfCapture = Entry & { readonly captureId: string };

/** Finds the captures of refunds that do not name them. A refund that PayPal does not show is left out. */
async function findCaptures(
  { api }: HistoryDeps,
  entries: readonly Entry[],
): Promise<{ entries: readonly EntryOfCapture[]; unreadable: readonly Unusable[] }> {
  const found: EntryOfCapture[] = [];
  const unreadable: Unusable[] = [];
  const read = new Set<string>();
  for (const { captureId, ...entry } of entries) {
    if (captureId !== undefined) found.push({ ...entry, captureId });
    if (captureId !== undefined || entry.moved === 'return' || read.has(entry.objectId)) continue;
    read.add(entry.objectId);
    const refund = await readOr(unreadable, entry.objectId, () => api.readRefund(entry.objectId));
    const named = refund?.links.captureId;
    if (named !== undefined) found.push({ ...entry, captureId: named });
  }
  return { entries: found, unreadable };
}

/** Undefined, and a note in `unreadable`, when the object cannot be read. */
async function readOr<T>(
  unreadable: Unusable[],
  about: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isUnknown(error)) return undefined;
    if (!(error instanceof Unusable)) throw error;
    unreadable.push(toUnusable(error, about));
    return undefined;
  }
}

async function readNamed(deps: HistoryDeps, { hint, claim }: Named): Promise<readonly Reported[]> {
  if (await isForeign({ claim }, deps)) return [];
  try {
    return await readPayment(deps, hint);
  } catch (error) {
    // A list may name objects of other apps of the account. One that says it is ours is missed.
    if (isUnknown(error) && claim.customId === undefined) return [];
    if (isUnknown(error) || error instanceof Unusable) return [toUnusable(error, hint.captureId)];
    throw error;
  }
}

/** Whether PayPal does not know an object, or does not show it to our app. */
function isUnknown(error: unknown): error is Error {
  return error instanceof NotFound || error instanceof Refusal || error instanceof NotPermitted;
}

function toUnusable(error: Error, captureId: string): Unusable {
  const about = (error instanceof Unusable ? error.about : undefined) ?? captureId;
  return new Unusable(error.message, { cause: error, about });
}
