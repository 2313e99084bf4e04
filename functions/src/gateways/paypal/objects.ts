import { z } from 'zod';
import { centsOf } from '../../money';

/**
 * The fields we use of the objects that PayPal's API returns
 * (https://developer.paypal.com/docs/api/orders/v2/, https://developer.paypal.com/docs/api/payments/v2/),
 * as its SDK spells them, checked when they are read.
 */
const payPalId = z.string().regex(/^[A-Z0-9]{1,36}$/);
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

/** An amount of another currency than US dollars is null: none of ours. */
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

/**
 * A capture: money on its way from the buyer to us. `COMPLETED` is received, and so it was when it
 * has been refunded since.
 */
export const captureSchema = z.object({
  id: payPalId,
  status: z.string(),
  amount: money,
  customId: z.string().optional(),
  createTime: time,
  supplementaryData: z
    .object({ relatedIds: z.object({ orderId: payPalId.optional() }).optional() })
    .optional(),
});
export type Capture = z.output<typeof captureSchema>;

/** A refund, or a reversal, which looks the same; of the capture that its link `up` names. */
export const refundSchema = z.object({
  id: payPalId,
  status: z.string(),
  /** Of this refund. */
  amount: money,
  createTime: time,
  /** Of this refund and all before it. */
  sellerPayableBreakdown: z.object({ totalRefundedAmount: money.optional() }).optional(),
  links: links.transform((all) => {
    const up = all.find(({ rel }) => rel === 'up')?.href ?? '';
    return { captureId: /\/v2\/payments\/captures\/([A-Z0-9]{1,36})$/.exec(up)?.[1] };
  }),
});
export type Refund = z.output<typeof refundSchema>;

const purchaseUnit = z.object({
  customId: z.string().optional(),
  payments: z
    .object({
      captures: z.array(captureSchema).default([]),
      refunds: z.array(refundSchema).default([]),
    })
    .default({ captures: [], refunds: [] }),
});

/** PayPal's order; that it is `COMPLETED` does not say that money was received. */
export const orderSchema = z.object({
  id: payPalId,
  status: z.string(),
  updateTime: time.optional(),
  purchaseUnits: z.array(purchaseUnit).default([]),
});
export type PayPalOrder = z.output<typeof orderSchema>;

/** What PayPal answers to a new order. */
export const createdOrderSchema = z.object({ id: payPalId, status: z.string(), links });
export type CreatedOrder = z.output<typeof createdOrderSchema>;
