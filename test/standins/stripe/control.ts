import type { Delivery, ReleaseOptions } from '../deliveries.ts';
import type { ApiFault } from '../faults.ts';
import type { ApiRequest, Desk } from './api.ts';
import type { StripeDeliveries, StripeEndpoint } from './deliveries.ts';
import * as disputes from './disputes.ts';
import type { DisputeOptions } from './disputes.ts';
import { impossible } from './errors.ts';
import type {
  Dispute,
  PaymentIntent,
  Refund,
  Review,
  StripeEvent,
  StripeObject,
} from './objects.ts';
import * as payments from './payments.ts';
import * as refunds from './refunds.ts';
import type { RefundOptions } from './refunds.ts';
import * as reviews from './reviews.ts';
import type { ClosedReason } from './reviews.ts';
import { signatureHeader } from './signature.ts';

/** A payment that did not start in this project. */
export interface ForeignIntent {
  /** Cents; 1500 unless told otherwise. */
  amount?: number;
  /** `usd` unless told otherwise. */
  currency?: string;
  /** Empty unless told otherwise. */
  metadata?: Record<string, string>;
  /** `automatic` unless told otherwise: it is captured when it is confirmed. */
  captureMethod?: 'automatic' | 'manual';
}

/** How a test signs a body itself. */
export interface SigningOptions {
  /** The endpoint's own secrets unless told otherwise. */
  secret?: string;
  /** Now unless told otherwise. */
  timestampSeconds?: number;
}

/** What the buyer, the bank and the operator do: each act changes objects and causes events. */
export interface StripeActs {
  /** The buyer pays; with `review` Radar holds the payment for a person to look at. */
  confirm(intentId: string, options?: { review?: boolean }): PaymentIntent;
  approveReview(intentId: string): Review;
  /** Closes the review and leaves the payment as it is. */
  closeReview(intentId: string, reason: ClosedReason): Review;
  /** Cents; all that is held unless told otherwise. */
  captureFromDashboard(intentId: string, amount?: number): PaymentIntent;
  /** Also closes an open review, as canceled. */
  cancelFromDashboard(intentId: string, reason?: string): PaymentIntent;
  expireHold(intentId: string): PaymentIntent;
  /** Cents; all that is left unless told otherwise. */
  refund(intentId: string, amount?: number, options?: RefundOptions): Refund;
  /** A pending refund succeeds. */
  settleRefund(refundId: string): Refund;
  /** A pending or even a succeeded refund fails. */
  failRefund(refundId: string, reason?: string): Refund;
  /** A pending refund is called off. */
  cancelRefund(refundId: string): Refund;
  /** Opens a dispute; nothing is withdrawn yet. */
  dispute(intentId: string, options?: DisputeOptions): Dispute;
  /** Cents; the disputed amount and a fee of 1500 unless told otherwise. */
  withdrawDispute(disputeId: string, money?: { amount?: number; fee?: number }): Dispute;
  /** Cents; all that was withdrawn unless told otherwise. */
  reinstateDispute(disputeId: string, amount?: number): Dispute;
  /** Reinstates everything and closes the dispute. */
  winDispute(disputeId: string): Dispute;
  /** Closes the dispute without moving money. */
  closeDispute(disputeId: string, status: Dispute['status']): Dispute;
  createForeignIntent(options?: ForeignIntent): PaymentIntent;
}

/** How events reach the webhook. */
export interface StripeEvents {
  /** While on, events are collected instead of sent; what was collected waits for `release`. */
  hold(on: boolean): void;
  held(): { id: string; type: string }[];
  release(options?: ReleaseOptions): Promise<Delivery[]>;
  /** Drops held events, all or those named: they are never delivered. */
  discard(eventIds?: string[]): void;
  redeliver(eventId: string, options?: Omit<ReleaseOptions, 'order'>): Promise<Delivery[]>;
  /** Makes an event of any type about an object as it stands, without changing it. */
  emit(type: string, objectId: string, previousAttributes?: object): StripeEvent;
  /** Everything sent and answered since the start or the last reset, in the order of the answers. */
  deliveries(): Delivery[];
  /** Resolves when no delivery is in flight. */
  idle(): Promise<void>;
  /** Every event made, sent or not, oldest first. */
  events(): StripeEvent[];
  configureEndpoint(endpoint: Partial<StripeEndpoint>): void;
  /** A body and the header that goes with it, for requests a test sends itself. */
  signed(payload: unknown, options?: SigningOptions): { body: string; header: string };
}

/** What a test can arrange and see. */
export interface StripeControl extends StripeActs, StripeEvents {
  /** Newest first. */
  intents(): PaymentIntent[];
  /** Any object, by its id. */
  object(id: string): object;
  /** Overwrites fields of an object in silence, for states that no act leads to. */
  edit(id: string, patch: Record<string, unknown>): object;
  fault(...faults: ApiFault[]): void;
  /** Delays every answer of the API; the effect stays immediate. */
  latency(milliseconds: number): void;
  requests(): ApiRequest[];
  /** Forgets everything but the ids given out; the endpoint is as at the start. */
  reset(): void;
}

/** The control of one stand-in. */
export function controlOf(desk: Desk, deliveries: StripeDeliveries): StripeControl {
  const initial = { ...deliveries.endpoint };
  return {
    ...actsOn(desk),
    ...eventsOf(desk, deliveries),
    intents: () => structuredClone(desk.account.all('payment_intent')),
    object: (id) => structuredClone(existing(desk, id)),
    edit: (id, patch) => structuredClone(Object.assign(existing(desk, id), structuredClone(patch))),
    fault: (...faults) => {
      desk.faults.plan(faults);
    },
    latency: (milliseconds) => {
      desk.faults.latencyMs = milliseconds;
    },
    requests: () => structuredClone(desk.requests),
    reset: () => {
      desk.account.clear();
      desk.faults.clear();
      desk.idempotency.clear();
      desk.requests.length = 0;
      deliveries.clear();
      deliveries.endpoint = { ...initial };
    },
  };
}

function actsOn({ account }: Desk): StripeActs {
  const copy = structuredClone;
  return {
    confirm: (id, options) => copy(payments.confirmPayment(account, id, options?.review === true)),
    approveReview: (id) => copy(reviews.closeReview(account, id, 'approved')),
    closeReview: (id, reason) => copy(reviews.closeReview(account, id, reason)),
    captureFromDashboard: (id, amount) => copy(payments.capturePayment(account, id, amount)),
    cancelFromDashboard: (id, reason) => copy(payments.cancelPayment(account, id, reason)),
    expireHold: (id) => copy(payments.expireHold(account, id)),
    refund: (id, amount, options) => copy(refunds.refundPayment(account, id, amount, options)),
    settleRefund: (id) => copy(refunds.settleRefund(account, id)),
    failRefund: (id, reason = 'unknown') => copy(refunds.failRefund(account, id, reason)),
    cancelRefund: (id) => copy(refunds.cancelRefund(account, id)),
    dispute: (id, options) => copy(disputes.disputePayment(account, id, options)),
    withdrawDispute: (id, money) => copy(disputes.withdrawDispute(account, id, money)),
    reinstateDispute: (id, amount) => copy(disputes.reinstateDispute(account, id, amount)),
    winDispute: (id) => copy(disputes.winDispute(account, id)),
    closeDispute: (id, status) => copy(disputes.closeDispute(account, id, status)),
    createForeignIntent: (options) => copy(createForeignIntent(account, options)),
  };
}

function eventsOf(desk: Desk, deliveries: StripeDeliveries): StripeEvents {
  const { account } = desk;
  return {
    hold: (on) => {
      deliveries.isHolding = on;
    },
    held: () => deliveries.held().map(({ id, type }) => ({ id, type })),
    release: (options = {}) => deliveries.release(options),
    discard: (eventIds) => {
      deliveries.discard(eventIds);
    },
    redeliver: (eventId, options = {}) => deliveries.send([account.get('event', eventId)], options),
    emit: (type, objectId, previous) => {
      const object = existing(desk, objectId);
      if (object.object === 'event') throw impossible('an event is not about an event');
      return structuredClone(account.record(type, object, previous));
    },
    deliveries: () => structuredClone([...deliveries.done()]),
    idle: () => deliveries.idle(),
    events: () => structuredClone(account.all('event').reverse()),
    configureEndpoint: (endpoint) => {
      deliveries.endpoint = { ...deliveries.endpoint, ...endpoint };
    },
    signed: (payload, options = {}) => {
      const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
      const { secret, timestampSeconds = Math.floor(desk.now() / 1000) } = options;
      const secrets = secret === undefined ? deliveries.endpoint.secrets : [secret];
      return { body, header: signatureHeader(body, secrets, timestampSeconds) };
    },
  };
}

function existing({ account }: Desk, id: string): StripeObject {
  const object = account.find(id);
  if (!object) throw impossible(`there is no ${id}`);
  return object;
}

function createForeignIntent(account: Desk['account'], options: ForeignIntent = {}): PaymentIntent {
  return payments.createPayment(account, {
    amount: options.amount ?? 1500,
    currency: options.currency ?? 'usd',
    metadata: options.metadata ?? {},
    capture_method: options.captureMethod ?? 'automatic',
  });
}
