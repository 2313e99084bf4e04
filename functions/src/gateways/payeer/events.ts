import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Unusable } from '../../errors';
import type { AskedPayment, GatewayEvent } from '../../gateway';
import { centsOf } from '../../money';
import type { Form } from '../form';
import { moscowTime } from '../moscow-time';

/** A status notification. Its id is Payeer's number of the operation. */
export interface PayeerEvent extends GatewayEvent {
  readonly orderId: string;
  readonly shop: string;
  readonly status: string;
  /** Undefined unless the amount is written with two decimals, as in our form. */
  readonly amountCents: number | undefined;
  readonly currency: string;
  readonly paidAt: Date;
}

/**
 * The signature covers the values joined with colons. A buyer can see the signature of a failed
 * payment, and chooses a part of `m_params`. If another field could hold a colon, the buyer could
 * shift the values until `success` stands in the place of `fail`. So only `m_params` and the dates
 * may hold colons.
 */
const part = z.string().regex(/^[^:]*$/);
const date = z.union([part, z.string().refine((text) => moscowTime(text) !== undefined)]);

/**
 * The patterns are narrow because the operation becomes a payment id, and the order id is repeated
 * in our answer.
 */
const operation = z.string().regex(/^\d{1,20}$/);
const orderNumber = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

const schema = z.object({
  m_operation_id: operation,
  m_operation_ps: part,
  m_operation_date: date,
  m_operation_pay_date: date,
  m_shop: part,
  m_orderid: orderNumber,
  m_amount: part,
  m_curr: part,
  m_desc: z.string().regex(/^[A-Za-z0-9+/=]*$/),
  m_status: part,
});

/**
 * Reads a form whose signature was right. The fields that Payeer does not sign are not read.
 * @param now stands in for a time of payment that cannot be read.
 * @throws Unusable when a field holds something that Payeer does not write there.
 */
export function parseEvent(form: Form, now: Date): PayeerEvent {
  const { data } = schema.safeParse(Object.fromEntries(form));
  if (data === undefined) {
    // Not the bytes: a buyer who has seen one signature could add fields without end.
    const signature = form.get('m_sign')?.toLowerCase() ?? '';
    const about = createHash('sha256').update(signature).digest('hex').slice(0, 32);
    throw new Unusable('The body is signed and is not a notification.', { about });
  }
  return {
    id: data.m_operation_id,
    type: /^\w{1,40}$/.test(data.m_status) ? data.m_status : 'unreadable',
    orderId: data.m_orderid,
    shop: data.m_shop,
    status: data.m_status,
    amountCents: /\.\d\d$/.test(data.m_amount) ? centsOf(data.m_amount) : undefined,
    currency: data.m_curr,
    paidAt: moscowTime(data.m_operation_pay_date) ?? now,
  };
}

const stored = z.object({ id: operation, orderId: orderNumber });

/** The payment of a parked notification. Undefined for one that could not be read. */
export function subjectOf(event: unknown): AskedPayment | undefined {
  const { data } = stored.safeParse(event);
  return data && { orderId: data.orderId, ref: data.orderId, paymentId: data.id };
}
