import type Stripe from '../../../functions/node_modules/stripe/cjs/stripe.cjs.node.js';

/** The version whose shapes and rules the stand-in follows. */
export const API_VERSION = '2026-10-28.endive';

/** An API object as the account keeps it: the references in `Refs` are ids, never objects. */
type Stored<T, Refs extends keyof T> = Omit<T, Refs> & {
  [Ref in Refs]: Extract<T[Ref], string | null>;
};

/** The objects with the fields of the real package's types, so that drift is a type error. */
export type PaymentIntent = Stored<Stripe.PaymentIntent, 'latest_charge' | 'review'>;
export type Charge = Stored<Stripe.Charge, 'payment_intent' | 'balance_transaction' | 'review'>;
export type Refund = Stored<Stripe.Refund, 'charge' | 'payment_intent' | 'balance_transaction'>;
export type Dispute = Stored<Stripe.Dispute, 'charge' | 'payment_intent'>;
export type Review = Stored<Stripe.Review, 'charge'> & { payment_intent: string };
export type WebhookEndpoint = Stripe.WebhookEndpoint;
export type BalanceTransaction = Stored<Stripe.BalanceTransaction, 'source'>;

/** An event; `data.object` is the object as it was when the event was made. */
export interface StripeEvent {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: object };
  livemode: boolean;
  pending_webhooks: number;
  request: Cause;
  type: string;
}

/** The API request behind an event; both null when a person or a bank caused it. */
export interface Cause {
  id: string | null;
  idempotency_key: string | null;
}

/** The kinds of object by the name in their `object` field. */
export interface Objects {
  payment_intent: PaymentIntent;
  charge: Charge;
  refund: Refund;
  dispute: Dispute;
  review: Review;
  balance_transaction: BalanceTransaction;
  event: StripeEvent;
  webhook_endpoint: WebhookEndpoint;
}

export type Kind = keyof Objects;
export type StripeObject = Objects[Kind];

/** How ids begin. */
export const ID_PREFIXES = {
  payment_intent: 'pi',
  charge: 'ch',
  refund: 're',
  dispute: 'dp',
  review: 'prv',
  balance_transaction: 'txn',
  event: 'evt',
  webhook_endpoint: 'we',
} as const satisfies Record<Kind, string>;
