import { HOUR_MS } from '../../config/limits';
import { Misconfigured, Unavailable } from '../../errors';
import { parseAnswer } from '../../outbound';
import { post } from './client';
import type { CryptomusApiConfig } from './config';
import {
  invoiceSchema,
  listSchema,
  pageSchema,
  type Invoice,
  type InvoiceName,
  type InvoiceRequest,
} from './invoices';

/** A part of the list of invoices. Each is as Cryptomus sent it. */
export interface InvoicePage {
  readonly invoices: readonly unknown[];
  /** The name of the next page; null after the last one. */
  readonly nextCursor: string | null;
}

/**
 * The calls of Cryptomus's API. Each throws Unavailable when Cryptomus does not answer in time, and
 * Misconfigured when Cryptomus refuses our key.
 */
export class CryptomusApi {
  readonly #config: CryptomusApiConfig;

  constructor(config: CryptomusApiConfig) {
    this.#config = config;
  }

  /**
   * Makes an invoice. For an order id that has an invoice already, Cryptomus returns that one.
   * @returns the invoice, with the address of the page on which it is paid.
   * @throws Misconfigured also when Cryptomus makes no invoice for this merchant.
   */
  async createInvoice(request: InvoiceRequest): Promise<Invoice & { readonly url: string }> {
    const answer = await post(this.#config, '/v1/payment', request);
    if (answer === undefined)
      throw new Misconfigured(
        'Cryptomus refuses to make the invoice: check CRYPTOMUS_CALLBACK_URL, and that the project CRYPTOMUS_MERCHANT_ID is approved.',
      );
    return { ...invoiceSchema.parse(answer.result), ...pageSchema.parse(answer.result) };
  }

  /**
   * Reads an invoice.
   * @returns undefined when Cryptomus does not know it.
   * @throws Unusable when it cannot be read.
   */
  async readInvoice(name: InvoiceName): Promise<Invoice | undefined> {
    const answer = await post(this.#config, '/v1/payment/info', name);
    return answer && parseAnswer('Cryptomus', invoiceSchema, answer.result);
  }

  /**
   * Pays a whole invoice back. Cryptomus knows no key; the invoice says whether it was asked before.
   * @param address of the coin and network that the invoice was paid in.
   * @returns whether Cryptomus has begun it; false when it refuses.
   */
  async refundInvoice(uuid: string, address: string): Promise<boolean> {
    // The fee is taken from our balance, so that the buyer gets the whole sum.
    const request = { uuid, address, is_subtract: true };
    return (await post(this.#config, '/v1/payment/refund', request)) !== undefined;
  }

  /**
   * Reads a page of the invoices that were made in a span of time.
   * @param cursor the name of the page; undefined for the first one.
   * @throws Unavailable also when the answer is no page.
   * @throws Misconfigured also when Cryptomus lists nothing for this merchant.
   */
  async listInvoices(since: Date, until: Date, cursor?: string): Promise<InvoicePage> {
    const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const span = {
      date_from: timeOf(since.getTime()),
      date_to: timeOf(until.getTime() + ZONE_MS + 1_000),
    };
    const answer = await post(this.#config, `/v1/payment/list${query}`, span);
    if (answer === undefined)
      throw new Misconfigured(
        'Cryptomus refuses to list the invoices: check CRYPTOMUS_MERCHANT_ID.',
      );
    const { data } = listSchema.safeParse(answer.result);
    if (data === undefined) throw new Unavailable('Cryptomus answered without a page of invoices.');
    return { invoices: data.items, nextCursor: data.paginate.nextCursor };
  }
}

/**
 * Cryptomus writes times in UTC+3, and does not say in which zone it reads those of a span: UTC or
 * UTC+3. The span is wide enough for both.
 */
const ZONE_MS = 3 * HOUR_MS;

/** `2026-01-02 03:04:05`, in UTC. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
