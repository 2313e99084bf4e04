import { NotFound, Unusable } from '../../errors';
import type { History } from '../../gateway';
import type { Reported } from '../../movement';
import type { PayPalApi } from './api';
import { NotPermitted, Refusal } from './client';
import type { PayPalConfig } from './config';
import { listEvents } from './event-list';
import { groupByCapture, type Entry, type Listed, type Named } from './hints';
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
/** The span that is listed at once: below the 31 days that a search may have. */
const SLICE_MS = DAY_MS;
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
 * Each payment is read once: what a later entry says of it has been there then, too. A search that
 * fails ends the list only after all events were read.
 */
async function* listPages(
  deps: HistoryDeps,
  since: Date,
  until: Date,
): AsyncGenerator<readonly Reported[]> {
  const search = new Search(deps);
  const known = new Set<string>();
  for (let ms = since.getTime(); ms < until.getTime(); ms += SLICE_MS) {
    const end = new Date(Math.min(ms + SLICE_MS, until.getTime()));
    const events = await listKeptEvents(deps, new Date(ms), end);
    const found = await search.list(new Date(ms), end);
    const all = await findCaptures(deps, [...events.entries, ...found.entries], known);
    const unreadable = [...events.unreadable, ...found.unreadable, ...all.unreadable];
    if (unreadable.length > 0) yield unreadable;
    yield* readPages(deps, groupByCapture(all.entries), known);
  }
  search.expectDone();
}

/** The list of transactions, as far as it could be read. */
class Search {
  readonly #deps: HistoryDeps;
  #failure: unknown;

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
  }

  async list(since: Date, until: Date): Promise<Listed> {
    const { api, config } = this.#deps;
    if (!config.searchesTransactions || this.#failure !== undefined) return nothing;
    try {
      return await listTransactions(api, since, until);
    } catch (error) {
      this.#failure = error;
      return nothing;
    }
  }

  /** @throws the error that ended the search. */
  expectDone(): void {
    if (this.#failure !== undefined) throw this.#failure as Error;
  }
}

const nothing: Listed = { entries: [], unreadable: [] };

/** The events of a span that PayPal still keeps. */
async function listKeptEvents(deps: HistoryDeps, since: Date, until: Date): Promise<Listed> {
  const oldest = new Date(Math.max(since.getTime(), deps.now().getTime() - EVENTS_REACH_MS));
  return oldest < until ? listEvents(deps.api, oldest, until) : nothing;
}

type EntryOfCapture = Entry & { readonly captureId: string };

/** Finds the captures of refunds that do not name them. What cannot be found is not ours. */
async function findCaptures(
  { api }: HistoryDeps,
  entries: readonly Entry[],
  known: Set<string>,
): Promise<{ entries: readonly EntryOfCapture[]; unreadable: readonly Unusable[] }> {
  const found: EntryOfCapture[] = [];
  const unreadable: Unusable[] = [];
  for (const { captureId, ...entry } of entries) {
    if (captureId !== undefined) found.push({ ...entry, captureId });
    if (captureId !== undefined || entry.moved === 'return' || known.has(entry.objectId)) continue;
    known.add(entry.objectId);
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

async function* readPages(
  deps: HistoryDeps,
  captures: readonly Named[],
  known: Set<string>,
): AsyncGenerator<readonly Reported[]> {
  const fresh = captures.filter(({ hint }) => !known.has(hint.captureId));
  for (let first = 0; first < fresh.length; first += PAGE_LENGTH) {
    const page: Reported[] = [];
    for (const one of fresh.slice(first, first + PAGE_LENGTH)) {
      known.add(one.hint.captureId);
      page.push(...(await readNamed(deps, one)));
    }
    if (page.length > 0) yield page;
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
