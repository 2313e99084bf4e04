import { z } from 'zod';

/**
 * The fields we use of the objects that Stripe's API returns, checked when they are read. Amounts
 * are in the currency's minor unit, times in Unix seconds.
 */
const unixTime = z.int().transform((seconds) => new Date(seconds * 1000));
const cents = z.int().min(0).max(99_999_999);

const INTENT_ID = /^pi_\w+$/;

const charge = z.object({
  created: unixTime,
  captured: z.boolean(),
  refunded: z.boolean(),
  /** Whether the payment was ever disputed. */
  disputed: z.boolean().default(false),
  amount_refunded: cents,
  outcome: z.object({ type: z.string() }).nullable().default(null),
});

/** Set once a payment was reviewed, and still set after the review is closed. */
const review = z.object({ open: z.boolean(), closed_reason: z.string().nullable() });

/** A PaymentIntent with `latest_charge` and `review` expanded. */
export const intentSchema = z.object({
  id: z.string().regex(INTENT_ID),
  status: z.string(),
  currency: z.string(),
  livemode: z.boolean(),
  amount_received: cents,
  metadata: z.record(z.string(), z.unknown()),
  latest_charge: charge.nullable(),
  review: review.nullable(),
});
export type Intent = z.output<typeof intentSchema>;

export const intentExpansions = ['latest_charge', 'review'];

export const refundSchema = z.object({
  id: z.string().regex(/^(re|pyr)_\w+$/),
  status: z.string().nullable(),
  amount: cents.min(1),
  currency: z.string(),
  created: unixTime,
  /** Ours holds the key of its request. */
  metadata: z.record(z.string(), z.unknown()).catch({}),
  failure_balance_transaction: z.object({ created: unixTime }).optional().catch(undefined),
});
export type Refund = z.output<typeof refundSchema>;

/** A page of a list, whose entries are read one by one. */
export const pageSchema = z.object({
  data: z.array(z.looseObject({ id: z.string() }).nullable().catch(null)),
  has_more: z.boolean(),
});
export type ListPage = z.output<typeof pageSchema>;

/** An object that belongs to a payment, as it names it. */
export const ofPaymentSchema = z.object({
  id: z.string(),
  payment_intent: z.string().regex(INTENT_ID).nullable().default(null),
  charge: z.string().nullable().default(null),
});

/** A charge as it names its intent; null when it was made without one. */
export const chargeSchema = z.object({
  payment_intent: z.string().regex(INTENT_ID).nullable().default(null),
});

export const refundExpansions = ['data.failure_balance_transaction'];

export const disputeSchema = z.object({
  amount: cents.min(1),
  currency: z.string(),
  balance_transactions: z.array(
    z.object({
      id: z.string().regex(/^txn_\w+$/),
      amount: z.int(),
      currency: z.string(),
      created: unixTime,
    }),
  ),
});
export type Dispute = z.output<typeof disputeSchema>;
