import type { Call, Reply } from '../http.ts';
import { usd, type Account } from './account.ts';
import { ApiError } from './errors.ts';
import type { PayPalEvent, PayPalObject, Transaction } from './objects.ts';

const DAY_MS = 86_400_000;
/** Events are kept so long. */
const EVENTS_KEPT_MS = 30 * DAY_MS;
const SEARCH_KEPT_MS = 3 * 366 * DAY_MS;
const LONGEST_SEARCH_MS = 31 * DAY_MS;

/** What a test may set of the search of transactions. */
export interface SearchOptions {
  /** Whether the app has the feature Transaction Search. An app has not, until somebody ticks it. */
  isPermitted?: boolean;
  /** Milliseconds after which a transaction is listed. */
  delayMs?: number;
  /** A result with more transactions is refused: 10,000 at PayPal. */
  most?: number;
}

export type SearchState = Required<SearchOptions>;

export const newSearch: SearchState = { isPermitted: false, delayMs: 0, most: 10_000 };

const EVENT_PARAMETERS = [
  'page_size',
  'start_time',
  'end_time',
  'transaction_id',
  'event_type',
  'move_to',
  'index_time',
  'index_id',
];

/** `GET /v1/notifications/webhooks-events`: newest first, with a link to the next page. */
export function listEvents(account: Account, { path, query }: Call, nowMs: number): Reply {
  expectKnown(query, EVENT_PARAMETERS);
  const size = wholeNumber(query.get('page_size') ?? '10', 1, 300);
  const [since, until] = ['start_time', 'end_time'].map((name) => timeOf(query.get(name)));
  const matching = account
    .events()
    .toReversed()
    .filter((event) => {
      const ms = Date.parse(event.create_time);
      const isKept = ms >= nowMs - EVENTS_KEPT_MS;
      return isKept && ms >= (since ?? 0) && ms <= (until ?? nowMs) && isAsked(event, query);
    });
  const first = wholeNumber(query.get('index_id') ?? '0', 0, matching.length);
  const events = matching.slice(first, first + size);
  const next = new URLSearchParams(query);
  next.set('move_to', 'next');
  next.set('index_time', events.at(-1)?.create_time ?? '');
  next.set('index_id', String(first + size));
  const href = `https://api.sandbox.paypal.com${path}/?${next.toString()}`;
  const links = first + size < matching.length ? [{ href, rel: 'next', method: 'GET' }] : [];
  return { status: 200, body: { events, count: events.length, links } };
}

function isAsked({ event_type: type, resource }: PayPalEvent, query: URLSearchParams): boolean {
  const [wantedType, wantedId] = [query.get('event_type'), query.get('transaction_id')];
  const isOfType = wantedType === null || wantedType === type;
  return isOfType && (wantedId === null || (resource as { id?: string }).id === wantedId);
}

const SEARCH_PARAMETERS = [
  'start_date',
  'end_date',
  'fields',
  'balance_affecting_records_only',
  'page_size',
  'page',
];

/** `GET /v1/reporting/transactions`, for an app that may search. */
export function searchTransactions(
  account: Account,
  { query }: Call,
  { isPermitted, delayMs, most }: SearchState,
  nowMs: number,
): Reply {
  if (!isPermitted) throw new ApiError(403, 'PERMISSION_DENIED');
  expectKnown(query, SEARCH_PARAMETERS);
  const since = timeOf(query.get('start_date'));
  const asked = timeOf(query.get('end_date'));
  if (since === undefined || asked === undefined) throw new ApiError(400, 'MISSING_DATE');
  if (asked < since || asked - since > LONGEST_SEARCH_MS) throw new ApiError(400, 'INVALID_RANGE');
  const refreshedMs = nowMs - delayMs;
  if (since > refreshedMs || since < nowMs - SEARCH_KEPT_MS) return unavailable();
  const until = Math.min(asked, refreshedMs);
  const found = account.transactions().filter(({ atMs }) => atMs >= since && atMs <= until);
  if (found.length > most) return tooLarge(found.length, most);
  const size = wholeNumber(query.get('page_size') ?? '100', 1, 500);
  const page = wholeNumber(query.get('page') ?? '1', 1, 2_147_483_647);
  const body = {
    transaction_details: found
      .slice((page - 1) * size, page * size)
      .map((one) => ({ transaction_info: infoOf(account, one) })),
    account_number: account.merchantId,
    start_date: zoned(since),
    end_date: zoned(until),
    last_refreshed_datetime: zoned(refreshedMs),
    page,
    total_items: found.length,
    total_pages: Math.ceil(found.length / size),
    links: [],
  };
  return { status: 200, body };
}

function infoOf(account: Account, { id, code, cents, referenceId, atMs }: Transaction): object {
  const object = account.find(id);
  const payment = account.find(referenceId ?? id);
  const customId = payment?.kind === 'capture' ? payment.custom_id : undefined;
  return {
    transaction_id: id,
    ...(referenceId !== undefined && {
      paypal_reference_id: referenceId,
      paypal_reference_id_type: 'TXN',
    }),
    transaction_event_code: code,
    transaction_initiation_date: zoned(atMs),
    transaction_updated_date: zoned(atMs),
    transaction_amount: usd(cents),
    transaction_status: statusOf(object),
    ...(customId !== undefined && { custom_field: customId }),
  };
}

/** Of a capture that was refunded whole: V. */
function statusOf(object: PayPalObject | undefined): string {
  const status = object?.status ?? 'COMPLETED';
  if (status === 'PENDING') return 'P';
  if (['DECLINED', 'FAILED', 'CANCELLED'].includes(status)) return 'D';
  return status === 'REFUNDED' ? 'V' : 'S';
}

/** As PayPal writes it here: to the second, its zone without a colon. */
function zoned(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, '+0000');
}

function unavailable(): Reply {
  const message = 'Data for the given start date is not available.';
  return refused({ name: 'INVALID_REQUEST', message });
}

function tooLarge(found: number, most: number): Reply {
  const message = 'Result set size is greater than the maximum limit.';
  return refused({ name: 'RESULTSET_TOO_LARGE', message, total_items: found, maximum_items: most });
}

function refused(error: object): Reply {
  return { status: 400, body: { ...error, debug_id: 'f00dbabe00002', details: [], links: [] } };
}

function expectKnown(query: URLSearchParams, names: readonly string[]): void {
  const unknown = [...query.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new ApiError(400, 'INVALID_PARAMETER');
}

/** RFC 3339 with seconds. */
function timeOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)) {
    throw new ApiError(400, 'INVALID_DATE_FORMAT');
  }
  return Date.parse(text);
}

function wholeNumber(text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ApiError(400, 'INVALID_PARAMETER_VALUE');
}
