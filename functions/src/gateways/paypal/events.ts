import { z } from 'zod';
import { Unusable } from '../../errors';
import type { GatewayEvent } from '../../gateway';
import { parseJson } from '../../json';
import { captureIdIn } from './objects';

/**
 * An event, with the object it is about. Its content may be forged (see `checkSignature`). So only
 * the id of the object is taken from it, and PayPal's API says what happened to the object.
 */
export interface PayPalEvent extends GatewayEvent {
  readonly subject: Subject;
  /** The id of the capture or refund. Undefined when it is missing or malformed. */
  readonly objectId: string | undefined;
  /** The capture that a refund or reversal says it belongs to: a hint where to look. */
  readonly captureId?: string;
  /** Fields of the event that may be forged. They only tell what need not be looked at. */
  readonly claim: { readonly customId: string | undefined; readonly payeeId: string | undefined };
}

/**
 * What happened, as the event claims:
 * - `capture`: PayPal completed or denied a capture.
 * - `hold`: PayPal holds the money of a capture back.
 * - `refund`: money went back to the buyer.
 * - `refundFailure`: a refund did not reach the buyer.
 * - `reversal`: PayPal took money back and reports it as a refund.
 * - `captureReversal`: PayPal took money back and reports it as the capture.
 * - `obsolete`: the event has the form of PayPal's old API.
 * - `notice`: no money moved, but a person should know.
 * - `nothing`: no money moved.
 */
export type Subject =
  | 'capture'
  | 'hold'
  | 'refund'
  | 'refundFailure'
  | 'reversal'
  | 'captureReversal'
  | 'obsolete'
  | 'notice'
  | 'nothing';

const envelope = z.object({
  id: z.string().regex(/^[\w-]{1,128}$/),
  event_type: z.string().regex(/^[A-Z][A-Z0-9._-]{1,99}$/),
  resource_type: z.string().optional(),
  resource_version: z.string().default('2.0'),
  resource: z.looseObject({
    id: z
      .string()
      .regex(/^[A-Z0-9]{1,36}$/)
      .optional()
      .catch(undefined),
    custom_id: z.string().optional().catch(undefined),
    /** Of a dispute. */
    disputed_transactions: z
      .tuple([z.object({ custom: z.string() })], z.unknown())
      .optional()
      .catch(undefined),
    payee: z.object({ merchant_id: z.string().optional() }).optional().catch(undefined),
    links: z.array(z.object({ href: z.string(), rel: z.string() })).catch([]),
  }),
});

/**
 * Reads a body whose signature was right.
 * @throws Unusable when the body is not an event.
 */
export function parseEvent(body: Buffer): PayPalEvent {
  const event = toEvent(parseJson(body.toString('utf8')));
  if (event === undefined) throw new Unusable('The body is signed and is not an event.');
  return event;
}

/** Reads an event that came signed, or that PayPal's API lists. Undefined when it is no event. */
export function toEvent(json: unknown): PayPalEvent | undefined {
  const { data } = envelope.safeParse(json);
  if (data === undefined) return undefined;
  const { id, event_type: type, resource } = data;
  const customId = resource.custom_id ?? resource.disputed_transactions?.[0].custom;
  const claim = { customId, payeeId: resource.payee?.merchant_id };
  const captureId = captureIdIn(resource.links);
  const event = { id, type, subject: subjectOf(data), objectId: resource.id, claim };
  return captureId === undefined ? event : { ...event, captureId };
}

/** By PayPal's event types (https://developer.paypal.com/api/rest/webhooks/event-names/). */
const subjects: ReadonlyMap<string, Subject> = new Map([
  ['PAYMENT.CAPTURE.COMPLETED', 'capture'],
  ['PAYMENT.CAPTURE.PENDING', 'hold'],
  // Either word ends a capture that was held. A capture that is declined at once is DECLINED, too.
  ['PAYMENT.CAPTURE.DENIED', 'capture'],
  ['PAYMENT.CAPTURE.DECLINED', 'capture'],
  ['PAYMENT.CAPTURE.REFUNDED', 'refund'],
  // The end of a refund that was reported as REFUNDED.
  ['PAYMENT.REFUND.PENDING', 'refund'],
  ['PAYMENT.REFUND.FAILED', 'refundFailure'],
  ['PAYMENT.CAPTURE.REVERSED', 'reversal'],
  ['CUSTOMER.DISPUTE.CREATED', 'notice'],
  ['CUSTOMER.DISPUTE.UPDATED', 'notice'],
  ['CUSTOMER.DISPUTE.RESOLVED', 'notice'],
  ['PAYMENT.SALE.COMPLETED', 'notice'],
  ['PAYMENT.SALE.REFUNDED', 'notice'],
  ['PAYMENT.SALE.REVERSED', 'notice'],
]);

function subjectOf(event: z.output<typeof envelope>): Subject {
  const subject = subjects.get(event.event_type) ?? 'nothing';
  if (subject === 'nothing' || subject === 'notice') return subject;
  if (event.resource_version !== '2.0') return 'obsolete';
  const isCapture = event.resource_type === 'capture';
  return subject === 'reversal' && isCapture ? 'captureReversal' : subject;
}

/**
 * What kind of object an event is about, also where the event has the form of PayPal's old API: the
 * ids are the same in both.
 */
export function subjectOfObject({ subject, type }: PayPalEvent): Subject {
  return subject === 'obsolete' ? (subjects.get(type) ?? 'nothing') : subject;
}
