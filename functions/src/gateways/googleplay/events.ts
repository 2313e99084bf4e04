import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { GatewayEvent, WebhookRequest } from '../../gateway';
import { parseJson } from '../../json';
import { googleOrderId, purchaseToken } from './objects';

/**
 * A real-time developer notification (https://developer.android.com/google/play/billing/rtdn-reference).
 * It only hints at a purchase, which is then read through the Play Developer API.
 */
export interface PlayEvent extends GatewayEvent {
  readonly packageName: string;
  /** The time of the event at Google. */
  readonly at: Date;
  readonly subject: Subject;
}

/**
 * - `purchase`: a purchase whose state may have changed.
 * - `void`: a refund.
 * - `review`: a chargeback that Google asks us about before it decides.
 * - `nothing`: no money of our purchases moved.
 * - `unreadable`: from our subscription, but in no form that Google documents.
 */
export type Subject =
  | { readonly kind: 'purchase'; readonly token: string }
  | { readonly kind: 'void'; readonly token: string; readonly googleOrderId: string | null }
  | { readonly kind: 'review'; readonly review: Review }
  | { readonly kind: 'nothing' | 'unreadable' };

/** The fields that our answer to Google needs (`orders.reviewrefund`). */
type Review = Readonly<z.output<typeof review>>;

/** A number, with or without quotes: Google writes both. */
const number = z.union([
  z.int(),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);

const ONE_TIME_PRODUCT = 2;

/** 1: bought. 2: a pending purchase was cancelled unpaid. The API then tells the present state. */
const oneTimeProduct = z.object({ notificationType: number, purchaseToken }).transform((given) => {
  const type = `oneTimeProduct.${given.notificationType}`;
  const isKnown = given.notificationType === 1 || given.notificationType === 2;
  const token = given.purchaseToken;
  return { type, subject: isKnown ? ({ kind: 'purchase', token } as const) : nothing };
});

const voidedPurchase = z
  .object({
    purchaseToken,
    productType: number,
    orderId: googleOrderId.nullable().default(null).catch(null),
  })
  .transform(({ purchaseToken: token, productType, orderId }) => {
    const isOurs = productType === ONE_TIME_PRODUCT;
    const subject = isOurs ? ({ kind: 'void', token, googleOrderId: orderId } as const) : nothing;
    return { type: 'voidedPurchase', subject };
  });

const review = z.object({
  orderId: googleOrderId,
  pendingRefundToken: z.string().min(1).max(4_096),
  refundReason: number.nullable().default(null).catch(null),
});

const pendingRefund = review.transform((given) => {
  return { type: 'pendingRefundReview', subject: { kind: 'review', review: given } as const };
});

const nothing = { kind: 'nothing' } as const;

function ignored(type: string) {
  return z.unknown().transform(() => ({ type, subject: nothing }));
}

/** The bodies by their field. A notification has exactly one of them. */
const bodies: Readonly<Record<string, z.ZodType<{ type: string; subject: Subject }>>> = {
  oneTimeProductNotification: oneTimeProduct,
  voidedPurchaseNotification: voidedPurchase,
  pendingRefundReviewNotification: pendingRefund,
  subscriptionNotification: ignored('subscription'),
  testNotification: ignored('test'),
};

const notification = z.looseObject({
  packageName: z.string().min(1).max(255),
  eventTimeMillis: number.pipe(z.int().max(8.64e15)).transform((millis) => new Date(millis)),
});

const messageId = z.string().regex(/^[\w-]{1,128}$/);

/** Pub/Sub sends the id in two spellings. Either will do. */
const wrapped = z.object({
  message: z.object({
    data: z.base64(),
    messageId: messageId.optional().catch(undefined),
    message_id: messageId.optional().catch(undefined),
  }),
});

/**
 * Reads a push whose sender is known: a message of Pub/Sub, or the bare notification when the
 * subscription unwraps it. Never throws, because Pub/Sub repeats a refused message for a week: the
 * subject of an unreadable push is `unreadable`.
 */
export function parseEvent({ headers, body }: WebhookRequest): PlayEvent {
  const outer = parseJson(body.toString('utf8'));
  const { data: envelope } = wrapped.safeParse(outer);
  const inner =
    envelope && parseJson(Buffer.from(envelope.message.data, 'base64').toString('utf8'));
  const given = envelope === undefined ? outer : inner;
  const givenId = envelope?.message.messageId ?? envelope?.message.message_id;
  const id =
    givenId ?? messageId.safeParse(headers['x-goog-pubsub-message-id']).data ?? digest(body);
  return { id, ...parseNotification(given) };
}

function parseNotification(given: unknown): Omit<PlayEvent, 'id'> {
  const { data: known } = notification.safeParse(given);
  if (known === undefined) return { ...unreadable, packageName: '', at: new Date(0) };
  const { packageName, eventTimeMillis: at, ...rest } = known;
  const names = Object.keys(bodies).filter((name) => rest[name] !== undefined);
  const [name] = names;
  if (name === undefined) return { type: 'unknown', subject: nothing, packageName, at };
  const body = names.length === 1 ? bodies[name]?.safeParse(rest[name]).data : undefined;
  return { ...(body ?? unreadable), packageName, at };
}

const unreadable = { type: 'unreadable', subject: { kind: 'unreadable' } } as const;

/** An id for a push without one. A repeated push gets the same id. */
function digest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 32);
}
