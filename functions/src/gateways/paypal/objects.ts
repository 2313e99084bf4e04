import { z } from 'zod';
import { centsOf } from '../../money';

/**
 * The objects that PayPal's API returns, with the fields that we use
 * (https://developer.paypal.com/docs/api/orders/v2/, https://developer.paypal.com/docs/api/payments/v2/).
 * The names are those of PayPal's SDK. The schemas check every object that is read.
 */
const payPalId = z.string().regex(/^[A-Z0-9]{1,36}$/);
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** In US cents. Null when the currency is not US dollars: all our orders are in US dollars. */
const money = z
  .object({ currencyCode: z.string(), value: z.string() })
  .transform(({ currencyCode, value }, context) => {
    if (currencyCode !== 'USD') return null;
    const cents = centsOf(value);
    if (cents === undefined) context.addIssue('not an amount');
    return cents ?? z.NEVER;
  });

const links = z
  .array(z.object({ href: z.string(), rel: z.string(), method: z.string().optional() }))
  .default([]);

/** The capture that the link `up` of a refund names. */
export function captureIdIn(
  all: readonly { readonly href: string; readonly rel: string }[],
): string | undefined {
  const up = all.find(({ rel }) => rel === 'up')?.href ?? '';
  return /\/v2\/payments\/captures\/([A-Z0-9]{1,36})$/.exec(up)?.[1];
}

/** Who is paid. PayPal leaves the merchant id out for an address that has no account. */
const payee = z.object({ merchantId: z.string().optional() }).optional();

/**
 * A capture: money on its way from the buyer to us. It was received when it is `COMPLETED`, and
 * also when it was refunded afterwards.
 */
export const captureSchema = z.object({
  id: payPalId,
  status: z.string(),
  amount: money,
  customId: z.string().optional(),
  createTime: time,
  payee,
  supplementaryData: z
    .object({ relatedIds: z.object({ orderId: payPalId.optional() }).optional() })
    .optional(),
});
export type Capture = z.output<typeof captureSchema>;

/** A refund or a reversal: both have the same form. The link `up` names the capture. */
export const refundSchema = z.object({
  id: payPalId,
  status: z.string(),
  /** The amount of this refund alone. */
  amount: money,
  createTime: time,
  /** Holds the total of this refund and all before it. */
  sellerPayableBreakdown: z.object({ totalRefundedAmount: money.optional() }).optional(),
  links: links.transform((all) => ({ captureId: captureIdIn(all) })),
});
export type Refund = z.output<typeof refundSchema>;

const purchaseUnit = z.object({
  customId: z.string().optional(),
  amount: money.optional(),
  payee,
  payments: z
    .object({
      captures: z.array(captureSchema).default([]),
      refunds: z.array(refundSchema).default([]),
    })
    .default({ captures: [], refunds: [] }),
});

/** PayPal's order. Its status `COMPLETED` does not mean that money was received. */
export const orderSchema = z.object({
  id: payPalId,
  status: z.string(),
  updateTime: time.optional(),
  purchaseUnits: z.array(purchaseUnit).default([]),
});
export type PayPalOrder = z.output<typeof orderSchema>;

/** PayPal's answer to a new order. */
export const createdOrderSchema = z.object({ id: payPalId, status: z.string(), links });
export type CreatedOrder = z.output<typeof createdOrderSchema>;
