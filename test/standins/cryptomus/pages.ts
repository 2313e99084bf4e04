import type { Invoice } from './invoices.ts';

/** Invoices on a page of the list. */
const PER_PAGE = 15;

/** A page as the API returns it; a cursor names the page, and means nothing to the merchant. */
export interface InvoicePage {
  readonly items: readonly Invoice[];
  readonly paginate: {
    readonly count: number;
    readonly hasPages: boolean;
    readonly nextCursor: string | null;
    readonly previousCursor: string | null;
    readonly perPage: number;
  };
}

/** The page with this cursor; the first one without. Undefined for a cursor that the API never gave. */
export function pageOf(invoices: readonly Invoice[], cursor?: string): InvoicePage | undefined {
  const start = cursor === undefined ? 0 : startOf(invoices, cursor);
  if (start === undefined) return undefined;
  const items = invoices.slice(start, start + PER_PAGE);
  const end = start + items.length;
  const first = Math.max(0, start - PER_PAGE);
  return {
    items,
    paginate: {
      count: items.length,
      hasPages: invoices.length > PER_PAGE,
      nextCursor: end < invoices.length ? cursorOf(invoices[end]) : null,
      previousCursor: start > 0 ? cursorOf(invoices[first]) : null,
      perPage: PER_PAGE,
    },
  };
}

/** It names the first invoice of the page: one that is made later does not move the pages. */
function cursorOf(invoice: Invoice | undefined): string | null {
  if (invoice === undefined) return null;
  return Buffer.from(JSON.stringify({ uuid: invoice.uuid })).toString('base64url');
}

function startOf(invoices: readonly Invoice[], cursor: string): number | undefined {
  const start = invoices.findIndex((invoice) => cursorOf(invoice) === cursor);
  return start === -1 ? undefined : start;
}
