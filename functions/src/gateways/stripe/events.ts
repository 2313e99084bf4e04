import { z } from 'zod';
import { Unusable } from '../../errors';
import type { GatewayEvent } from '../../gateway';
import { parseJson } from '../../json';

/**
 * The ids of the objects that an event is about. The objects are read through the API, so neither
 * their age nor the API version of the event matters. `refundId` and `refundedCents` only tell
 * whether the API shows yet what the event reports.
 */
export interface StripeEvent extends GatewayEvent {
  readonly livemode: boolean;
  /** The connected account that the event comes from. Null for our own account. */
  readonly account: string | null;
  readonly subject: Subject;
  readonly intentId: string | null;
  readonly chargeId: string | null;
  readonly disputeId: string | null;
  readonly refundId: string | null;
  /** What all refunds of the charge took together. */
  readonly refundedCents: number | null;
}

/** `notice`: no money moved, but a person should know. `nothing`: no money of our payments moved. */
type Subject = 'intent' | 'refunds' | 'dispute' | 'notice' | 'nothing';

/** Stripe's event types, https://docs.stripe.com/api/events/types. */
const subjects: ReadonlyMap<string, Subject> = new Map([
  ['payment_intent.amount_capturable_updated', 'intent'],
  ['payment_intent.succeeded', 'intent'],
  ['review.closed', 'intent'],
  ['charge.refunded', 'refunds'],
  ['charge.refund.updated', 'refunds'],
  ['refund.created', 'refunds'],
  ['refund.updated', 'refunds'],
  ['refund.failed', 'refunds'],
  ['charge.dispute.funds_withdrawn', 'dispute'],
  ['charge.dispute.funds_reinstated', 'dispute'],
  ['charge.dispute.created', 'notice'],
  ['charge.dispute.updated', 'notice'],
  ['charge.dispute.closed', 'notice'],
  ['radar.early_fraud_warning.created', 'notice'],
]);

/** The types of events after which money of a payment has moved. */
export const moneyTypes = [...subjects]
  .filter(([, subject]) => subject !== 'notice')
  .map(([type]) => type);

/** An id, or the object that has it. Null when the id has another form. */
const idOf = (pattern: RegExp) =>
  z
    .union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
    .refine((id) => pattern.test(id))
    .nullable()
    .catch(null);

const intentId = idOf(/^pi_\w+$/);
const chargeId = idOf(/^(ch|py)_\w+$/);
const disputeId = idOf(/^(dp|du)_\w+$/);
const refundId = idOf(/^(re|pyr)_\w+$/);

const envelope = z.object({
  id: z.string().regex(/^evt_\w{1,255}$/),
  object: z.literal('event'),
  type: z.string().regex(/^[\w.]{1,100}$/),
  livemode: z.boolean(),
  account: z.string().nullable().default(null),
  /** Stripe's newer name of `account`. */
  context: z.string().nullable().default(null),
  data: z.object({
    object: z.looseObject({
      id: z.string().optional(),
      payment_intent: intentId,
      charge: chargeId,
      amount_refunded: z.int().nullable().catch(null),
    }),
  }),
});

const claim = envelope.pick({ id: true });

/** The id that a body claims, whose signature was not right. */
export function claimedId(body: Buffer): string | undefined {
  return claim.safeParse(parseJson(body.toString('utf8'))).data?.id;
}

/** Stripe's question whether the address answers. */
const ping = z.object({ id: z.string(), type: z.literal('v2.core.event_destination.ping') });

const nothing = {
  livemode: false,
  account: null,
  subject: 'nothing',
  intentId: null,
  chargeId: null,
  disputeId: null,
  refundId: null,
  refundedCents: null,
} as const;

/**
 * Reads a body whose signature was right.
 * @throws Unusable when the body is not a snapshot event, above all when the endpoint sends thin events.
 */
export function parseEvent(body: Buffer): StripeEvent {
  return toEvent(parseJson(body.toString('utf8')));
}

/** Reads an event that Stripe lists. @throws as `parseEvent`. */
export function toEvent(json: unknown): StripeEvent {
  const { data: pinged } = ping.safeParse(json);
  if (pinged !== undefined) return { ...nothing, ...pinged };
  const result = envelope.safeParse(json);
  if (!result.success) throw new Unusable(complaint(json));
  const { id, type, livemode, context, data } = result.data;
  const account = result.data.account ?? context;
  const object = data.object;
  return {
    id,
    type,
    livemode,
    account,
    subject: subjects.get(type) ?? 'nothing',
    intentId: intentId.parse(object.id) ?? object.payment_intent,
    chargeId: chargeId.parse(object.id) ?? object.charge,
    disputeId: disputeId.parse(object.id),
    refundId: refundId.parse(object.id),
    refundedCents: object.amount_refunded,
  };
}

function complaint(json: unknown): string {
  const thin = z.object({ object: z.literal('v2.core.event') }).safeParse(json).success;
  return thin
    ? 'This endpoint takes snapshot events; the destination sends thin ones.'
    : 'The body is signed and is not an event.';
}
