import { z } from 'zod';
import { Unusable } from '../../errors';
import type { AskedPayment, GatewayEvent } from '../../gateway';

/** A status of an invoice, as Cryptomus reports it. A field that is not as documented is null. */
export interface CryptomusEvent extends GatewayEvent {
  readonly subject: Subject;
  /** The id of the invoice. */
  readonly uuid: string;
  readonly status: string;
  readonly isFinal: boolean | null;
  readonly orderId: string | null;
  /** The sum of the invoice, a decimal in `currency`. */
  readonly amount: string | null;
  readonly currency: string | null;
  /** The sum that has arrived, a decimal in US dollars. */
  readonly arrivedUsd: string | null;
}

/** `notice`: no money moved, but a person should know. `nothing`: no money moved. */
type Subject = 'payment' | 'refund' | 'notice' | 'nothing';

/** https://doc.cryptomus.com/merchant-api/payments/payment-statuses. An unknown status is a notice. */
const subjects: ReadonlyMap<string, Subject> = new Map([
  ['paid', 'payment'],
  ['paid_over', 'payment'],
  ['wrong_amount', 'payment'],
  ['refund_paid', 'refund'],
  ['check', 'nothing'],
  ['process', 'nothing'],
  ['confirm_check', 'nothing'],
  ['wrong_amount_waiting', 'nothing'],
  ['cancel', 'nothing'],
  ['refund_process', 'nothing'],
  ['fail', 'notice'],
  ['system_fail', 'notice'],
  ['refund_fail', 'notice'],
  ['locked', 'notice'],
]);

/** The id of an invoice: a UUID of any version. */
export const invoiceId = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i)
  .transform((uuid) => uuid.toLowerCase());

/**
 * A notification (https://doc.cryptomus.com/merchant-api/payments/webhook). Only the
 * fields that name the event are required: with another broken field the event is parked by its name.
 */
const notification = z.object({
  type: z.string().regex(/^\w{1,40}$/),
  uuid: invoiceId,
  status: z.string().regex(/^\w{1,40}$/),
  is_final: z.boolean().nullable().catch(null),
  order_id: z
    .string()
    .regex(/^[\w-]{1,128}$/)
    .nullable()
    .catch(null),
  amount: z.string().max(40).nullable().catch(null),
  currency: z.string().max(40).nullable().catch(null),
  payment_amount_usd: z.string().max(40).nullable().catch(null),
});

/**
 * Reads the text that was signed.
 * @throws Unusable when it does not name an invoice and its status.
 */
export function parseEvent(signed: string): CryptomusEvent {
  const { data } = notification.safeParse(JSON.parse(signed));
  if (data === undefined) throw new Unusable('The body is signed and is not a notification.');
  const { type, uuid, status, is_final: isFinal } = data;
  return {
    id: `${uuid}_${status}`,
    type: `${type}.${status}`,
    subject: type === 'payment' ? toSubject(status, isFinal) : 'nothing',
    uuid,
    status,
    isFinal,
    orderId: data.order_id,
    amount: data.amount,
    currency: data.currency,
    arrivedUsd: data.payment_amount_usd,
  };
}

/** An underpaid invoice may still be topped up until it is final. */
export function toSubject(status: string, isFinal: boolean | null): Subject {
  if (status === 'wrong_amount' && isFinal === false) return 'nothing';
  return subjects.get(status) ?? 'notice';
}

/** The fields of a parked event that name its invoice. Events of wallets and payouts are not about one. */
const parkedEvent = z.object({
  type: z.string().startsWith('payment.'),
  uuid: invoiceId,
  orderId: z.string().nullable().catch(null),
});

/** The payment that a parked event is about. Undefined when its stored fields do not tell. */
export function subjectOf(event: unknown): AskedPayment | undefined {
  const { data } = parkedEvent.safeParse(event);
  return data && { orderId: data.orderId, ref: data.uuid, paymentId: data.uuid };
}
