import { z } from 'zod';
import type { Order } from '../../orders/order';
import { exactCentsOf } from './amounts';
import { invoiceId } from './events';

/** The fields of an invoice that we use. The amount is a decimal in `currency`. */
export const invoiceSchema = z
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
