import { z } from 'zod';
import type { Order } from '../../orders/order';
import { exactCentsOf } from './amounts';
import { invoiceId } from './events';

/** A sum of coins. Null when it is missing or is not a decimal. */
const coins = z
  .string()
  .regex(/^\d{1,20}(\.\d{1,18})?$/)
  .nullable()
  .catch(null);

/**
 * The fields of an invoice that we use. The amount is a decimal in `currency`. The sums that were
 * asked for and that arrived are in the payer's coins: Cryptomus's API does not tell them in US dollars.
 */
export const invoiceSchema = z
  .object({
    uuid: invoiceId,
    order_id: z.string(),
    amount: z.string(),
    currency: z.string(),
    payment_status: z.string(),
    is_final: z.boolean().nullable().catch(null),
    payer_amount: coins,
    payment_amount: coins,
    updated_at: z.iso
      .datetime({ offset: true })
      .transform((time) => new Date(time))
      .nullable()
      .catch(null),
  })
  .transform((invoice) => ({
    uuid: invoice.uuid,
    orderId: invoice.order_id,
    amount: invoice.amount,
    currency: invoice.currency,
    status: invoice.payment_status,
    isFinal: invoice.is_final,
    askedCoins: invoice.payer_amount,
    arrivedCoins: invoice.payment_amount,
    updatedAt: invoice.updated_at,
  }));
export type Invoice = Readonly<z.output<typeof invoiceSchema>>;

/** The page on which an invoice is paid. */
export const pageSchema = z.object({ url: z.url({ protocol: /^https?$/ }) });

/** The request for an invoice (https://doc.cryptomus.com/merchant-api/payments/creating-invoice). */
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

/** The order and the sum of an invoice, as the invoice or a notification says. Null where it does not. */
interface Demand {
  readonly orderId: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
}

/** Whether an invoice, or a notification about one, is for the sum of this order. */
export function isFor(order: Order, { orderId, amount, currency }: Demand): boolean {
  const isSum = currency === 'USD' && exactCentsOf(amount) === order.amountCents;
  return orderId === order.orderId && isSum;
}

/** The id of an invoice that Cryptomus is asked about: its own, or that of our order. */
export type InvoiceName = { readonly uuid: string } | { readonly order_id: string };

/**
 * A page of the list of invoices (https://doc.cryptomus.com/merchant-api/payments/payment-history). An
 * invoice that cannot be read must not hide the others, so each is read by itself.
 */
export const listSchema = z.object({
  items: z.array(z.unknown()),
  paginate: z.object({ nextCursor: z.string().min(1).nullable() }),
});

/**
 * The fields that say whether an invoice of the list is worth reading. A field that is not as
 * documented is undefined.
 */
export const listedSchema = z.object({
  uuid: invoiceId.optional().catch(undefined),
  order_id: z.string().nullable().optional().catch(undefined),
  payment_status: z.string().optional().catch(undefined),
});
