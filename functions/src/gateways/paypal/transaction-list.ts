import { z } from 'zod';
import { Misconfigured, NotFound, Unavailable, Unusable } from '../../errors';
import { parseJson } from '../../json';
import type { PayPalApi } from './api';
import { NotPermitted, Refusal } from './client';
import { joinLists, type Entry, type Listed, type Moved } from './hints';

/** https://developer.paypal.com/docs/api/transaction-search/v1/search-get/ */
const PATH = '/v1/reporting/transactions';
const PAGE_SIZE = 500;

/** "It takes a maximum of three hours for executed transactions to appear." */
export const SEARCH_LAG_MS = 3 * 3_600_000;

const page = z
  .object({
    transaction_details: z.array(z.unknown()).nullish(),
    total_pages: z.int().min(0),
    /** How far the list reaches. PayPal writes the zone without a colon, which Date reads, too. */
    last_refreshed_datetime: z.string().nullish(),
  })
  // Only an empty list may lack its entries.
  .refine((read) => Array.isArray(read.transaction_details) || read.total_pages === 0);
type Page = z.output<typeof page>;

const id = z.string().regex(/^[A-Z0-9]{1,36}$/);

const detail = z.object({
  transaction_info: z.object({
    transaction_id: z.string().nullish(),
    transaction_event_code: z.string(),
    paypal_reference_id: z.string().nullish(),
    paypal_reference_id_type: z.string().nullish(),
    custom_field: z.string().nullish(),
  }),
});

/**
 * Lists the transactions of our account in a span of time of 31 days at most.
 * @throws Unavailable when PayPal does not answer, answers with half a page, or does not list this time
 *   yet. Misconfigured when the app may not search.
 */
export async function listTransactions(
  api: Pick<PayPalApi, 'get'>,
  since: Date,
  until: Date,
): Promise<Listed> {
  try {
    return await readPages(api, since, until);
  } catch (error) {
    if (error instanceof NotPermitted) throw new Misconfigured(NOT_PERMITTED, { cause: error });
    if (!(error instanceof Refusal || error instanceof NotFound)) throw error;
    const halfMs = Math.floor((until.getTime() - since.getTime()) / 2);
    const isTooMuch = error instanceof Refusal && error.issue === 'RESULTSET_TOO_LARGE';
    if (!isTooMuch || halfMs < 1000) {
      // PayPal refuses a time that its list does not reach yet.
      throw new Unavailable("PayPal's list of transactions does not show this time.", {
        cause: error,
      });
    }
    const middle = new Date(since.getTime() + halfMs);
    const first = await listTransactions(api, since, middle);
    return joinLists([first, await listTransactions(api, middle, until)]);
  }
}

const NOT_PERMITTED =
  'PayPal does not permit the app to list transactions: give it the feature Transaction Search, or set PAYPAL_TRANSACTION_SEARCH=false.';

async function readPages(api: Pick<PayPalApi, 'get'>, since: Date, until: Date): Promise<Listed> {
  const listed: Listed[] = [];
  let pages = 1;
  for (let number = 1; number <= pages; number += 1) {
    const query = {
      start_date: since.toISOString(),
      end_date: until.toISOString(),
      fields: 'transaction_info',
      page_size: String(PAGE_SIZE),
      page: String(number),
    };
    const { data } = page.safeParse(parseJson(await api.get(PATH, query)));
    if (data === undefined) {
      throw new Unavailable('PayPal answered with half a list of transactions.');
    }
    // The number of the first answer holds: a list that grows is not followed for ever.
    if (number === 1) pages = data.total_pages;
    expectFresh(data, until);
    listed.push(...(data.transaction_details ?? []).map(readDetail));
  }
  return joinLists(listed);
}

/** A look begins as long before the last one's end as PayPal promises to be late; not longer. */
function expectFresh({ last_refreshed_datetime: text }: Page, until: Date): void {
  const refreshedMs = Date.parse(text ?? '');
  if (refreshedMs < until.getTime() - SEARCH_LAG_MS) {
    throw new Unavailable("PayPal's list of transactions is late by more than three hours.");
  }
}

function readDetail(json: unknown): Listed {
  const { data } = detail.safeParse(json);
  if (data === undefined) return unreadable({});
  const info = data.transaction_info;
  const moved = kindOf(info.transaction_event_code);
  if (moved === undefined) return { entries: [], unreadable: [] };
  const objectId = id.safeParse(info.transaction_id).data;
  if (objectId === undefined)
    return unreadable(info.transaction_id ? { about: info.transaction_id } : {});
  const claim = { customId: info.custom_field ?? undefined, payeeId: undefined };
  if (moved === 'capture') {
    return { entries: [{ moved, objectId, captureId: objectId, claim }], unreadable: [] };
  }
  const named = info.paypal_reference_id_type === 'TXN' ? info.paypal_reference_id : undefined;
  const captureId = id.safeParse(named).data;
  const entry: Entry = { moved, objectId, captureId, claim };
  return { entries: [entry], unreadable: [] };
}

function unreadable(options: { readonly about?: string }): Listed {
  const message = 'PayPal lists a transaction that cannot be read.';
  return { entries: [], unreadable: [new Unusable(message, options)] };
}

/**
 * By the codes of https://developer.paypal.com/docs/transaction-search/transaction-event-codes. Holds
 * (T1110, T1111) move no money for good; other groups are not about payments that we receive.
 */
function kindOf(code: string): Moved | undefined {
  if (code.startsWith('T00')) return 'capture';
  if (code === 'T1107') return 'refund';
  if (code === 'T1106' || code === 'T1201') return 'reversal';
  return code === 'T1202' || code === 'T1205' ? 'return' : undefined;
}
