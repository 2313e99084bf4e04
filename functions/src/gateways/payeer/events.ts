import { z } from 'zod';
import { Malformed, Unauthentic } from '../../errors';
import { centsOf } from '../../money';
import { formOf, type Form } from '../form';
import type { GatewayEvent } from '../../gateway';
import { moscowTime } from '../moscow-time';
import { sameBytes } from '../signature';
import type { MerchantConfig } from './config';
import { signatureOf } from './signature';

/** A status notification; its id is Payeer's number of the operation. */
export interface PayeerEvent extends GatewayEvent {
  readonly orderId: string;
  readonly shop: string;
  readonly status: string;
  /** Undefined unless written as we invoice: with two decimals. */
  readonly amountCents: number | undefined;
  readonly currency: string;
  readonly paidAt: Date;
}

/** In the order of the signature; everything else in the form is unsigned and not looked at. */
const signed = [
  'm_operation_id',
  'm_operation_ps',
  'm_operation_date',
  'm_operation_pay_date',
  'm_shop',
  'm_orderid',
  'm_amount',
  'm_curr',
  'm_desc',
  'm_status',
] as const;

/**
 * The signature is over texts joined with colons, and a buyer may see the one of a failed payment
 * and has chosen a part of `m_params`: where another field could hold a colon, `success` could be
 * moved into the place of `fail`.
 */
const part = z.string().regex(/^[^:]*$/);
const date = z.union([part, z.string().refine((text) => moscowTime(text) !== undefined)]);

/** The number becomes a payment id, the order is echoed: nothing else gets that far. */
const fields = z.object({
  m_operation_id: z.string().regex(/^\d{1,20}$/),
  m_operation_ps: part,
  m_operation_date: date,
  m_operation_pay_date: date,
  m_shop: part,
  m_orderid: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  m_amount: part,
  m_curr: part,
  m_desc: z.string().regex(/^[A-Za-z0-9+/=]*$/),
  m_status: part,
});

/**
 * Proves a notification and reads it.
 * @throws Unauthentic for whatever is not signed with our key.
 * @throws Malformed when it is, and a field is not what Payeer writes there.
 */
export function readEvent(body: Buffer, config: MerchantConfig, now: Date): PayeerEvent {
  const form = formOf(body);
  if (form === undefined || !isGenuine(form, config)) {
    throw new Unauthentic('The signature is missing or wrong.');
  }
  const { data } = fields.safeParse(Object.fromEntries(form));
  if (data === undefined) throw new Malformed('The notification is signed and is none.');
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

/** `m_params` is signed when it was posted, even empty. */
function isGenuine(form: Form, { secretKey }: MerchantConfig): boolean {
  const names = form.has('m_params') ? [...signed, 'm_params'] : signed;
  const values = names.flatMap((name) => form.get(name) ?? []);
  const signature = form.get('m_sign');
  if (values.length < names.length || signature === undefined) return false;
  return sameBytes(signature.toUpperCase(), signatureOf(secretKey, values));
}
