import { Misconfigured, Unusable } from '../../errors';
import { parseAnswer } from '../../outbound';
import { post } from './client';
import type { CryptomusApiConfig } from './config';
import { invoiceSchema, pageSchema, type Invoice, type InvoiceRequest } from './invoices';

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
    if (answer === undefined) throw new Misconfigured('Cryptomus refuses to make the invoice.');
    return { ...invoiceSchema.parse(answer.result), ...pageSchema.parse(answer.result) };
  }

  /** @throws Unusable when there is no such invoice. */
  async readInvoice(uuid: string): Promise<Invoice> {
    const answer = await post(this.#config, '/v1/payment/info', { uuid });
    if (answer === undefined) throw new Unusable('Cryptomus does not know the invoice.');
    return parseAnswer('Cryptomus', invoiceSchema, answer.result);
  }
}
