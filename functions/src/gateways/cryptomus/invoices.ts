import { z } from 'zod';
import { Misconfigured, Unusable } from '../../errors';
import { parseAnswer } from '../../outbound';
import type { Order } from '../../orders/order';
import { exactCentsOf } from './amounts';
import { post } from './client';
import type { CryptomusConfig } from './config';
import { invoiceId } from './events';

/** The fields we use of an invoice; amounts are decimals in `currency`. */
const invoiceSchema = z
  .object({
    uuid: invoiceId,
    order_id: z.string(),
    amount: z.string(),
    currency: z.string(),
    payment_status: z.string(),
    updated_at: z.iso
      .datetime({ offset: true })
      .transform((time) => new Date(time))
      .nullable()
      .catch(null),
  })
  .transform(({ order_id: orderId, payment_status: status, updated_at: updatedAt, ...same }) => {
    return { ...same, orderId, status, updatedAt };
  });
export type Invoice = Readonly<z.output<typeof invoiceSchema>>;

const pageSchema = z.object({ url: z.url({ protocol: /^https?$/ }) });

/** What an invoice is made of (https://doc.cryptomus.com/merchant-api/payments/creating-invoice). */
export interface InvoiceRequest {
  /** A decimal in `currency`. */
  readonly amount: string;
  readonly currency: 'USD';
  readonly order_id: string;
  readonly url_callback: string;
  readonly url_return: string;
  readonly url_success: string;
  /** Seconds. */
  readonly lifetime: number;
}

/** Invoices, made and read through Cryptomus's API. */
export class Invoices {
  readonly #config: CryptomusConfig;

  constructor(config: CryptomusConfig) {
    this.#config = config;
  }

  /**
   * Makes an invoice, or finds the one that was made for the same order before; `url` is the page
   * on which it is paid.
   * @throws Misconfigured when Cryptomus makes no invoice for this merchant.
   */
  async make(request: InvoiceRequest): Promise<Invoice & { readonly url: string }> {
    const answer = await post(this.#config, '/v1/payment', request);
    if (answer === undefined) throw new Misconfigured('Cryptomus refuses to make the invoice.');
    return { ...invoiceSchema.parse(answer.result), ...pageSchema.parse(answer.result) };
  }

  /** @throws Unusable when there is no such invoice. */
  async read(uuid: string): Promise<Invoice> {
    const answer = await post(this.#config, '/v1/payment/info', { uuid });
    if (answer === undefined) throw new Unusable('Cryptomus does not know the invoice.');
    return parseAnswer('Cryptomus', invoiceSchema, answer.result);
  }
}

/** What an invoice, or a report of one, asks for; null where it does not say. */
interface Ask {
  readonly orderId: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
}

export function asksFor(order: Order, { orderId, amount, currency }: Ask): boolean {
  const isSum = currency === 'USD' && exactCentsOf(amount) === order.amountCents;
  return orderId === order.orderId && isSum;
}
