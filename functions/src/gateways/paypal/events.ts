import { z } from 'zod';
import { Malformed } from '../../errors';
import type { GatewayEvent } from '../../gateway';

/**
 * What an event is about. Its id is all we take from it, and even that may be forged (see
 * `transmission.ts`): what happened is read from PayPal's API.
 */
export interface PayPalEvent extends GatewayEvent {
  readonly subject: Subject;
  /** Of the capture, or of the refund; undefined where there is none of that form. */
  readonly objectId: string | undefined;
}

/**
 * `reversal`: PayPal took money back, told as a refund. `captureReversal`: the same, told as the
 * capture. `hold`: a capture whose money PayPal holds back. `obsolete`: told in the form of PayPal's
 * old API. `notice`: moves no money, and a person should know. `nothing`: moves none.
 */
type Subject =
  | 'capture'
  | 'hold'
  | 'refund'
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
  }),
});

/**
 * Reads a body whose signature was right.
 * @throws Malformed when it is no event.
 */
export function parseEvent(body: Buffer): PayPalEvent {
  const result = envelope.safeParse(parseJson(body));
  if (!result.success) throw new Malformed('The body is signed and is not an event.');
  const { id, event_type: type, resource } = result.data;
  return { id, type, subject: subjectOf(result.data), objectId: resource.id };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Malformed('The body is signed and is not JSON.');
  }
}

/** PayPal's event types, https://developer.paypal.com/api/rest/webhooks/event-names/. */
const subjects: Readonly<Record<string, Subject>> = {
  'PAYMENT.CAPTURE.COMPLETED': 'capture',
  'PAYMENT.CAPTURE.PENDING': 'hold',
  // Of a capture that was held; one that is declined at once is told as DECLINED.
  'PAYMENT.CAPTURE.DENIED': 'capture',
  'PAYMENT.CAPTURE.REFUNDED': 'refund',
  'PAYMENT.CAPTURE.REVERSED': 'reversal',
  'CUSTOMER.DISPUTE.CREATED': 'notice',
  'CUSTOMER.DISPUTE.UPDATED': 'notice',
  'CUSTOMER.DISPUTE.RESOLVED': 'notice',
  'PAYMENT.SALE.COMPLETED': 'notice',
  'PAYMENT.SALE.REFUNDED': 'notice',
  'PAYMENT.SALE.REVERSED': 'notice',
};

function subjectOf(event: z.output<typeof envelope>): Subject {
  const subject = subjects[event.event_type] ?? 'nothing';
  if (subject === 'nothing' || subject === 'notice') return subject;
  if (event.resource_version !== '2.0') return 'obsolete';
  const isCapture = event.resource_type === 'capture';
  return subject === 'reversal' && isCapture ? 'captureReversal' : subject;
}
