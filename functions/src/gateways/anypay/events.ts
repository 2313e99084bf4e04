import { z } from 'zod';
import { Unusable } from '../../errors';
import type { AskedPayment, GatewayEvent } from '../../gateway';
import type { SignedNotice } from './signature';

/** A notification. It only tells us which order to look up in AnyPay's API. */
export interface AnypayEvent extends GatewayEvent {
  readonly payId: string;
  /** The status that AnyPay claims. MD5 does not sign it, so it may be forged. */
  readonly status: string;
  readonly isTest: boolean;
}

/** AnyPay takes order ids of digits only, at most 15. */
const orderNumber = z.string().regex(/^\d{1,15}$/);

/**
 * Reads a notification whose signature is right.
 * @throws Unusable when its order id cannot be one.
 */
export function parseEvent({ pay_id: payId, status, test }: SignedNotice): AnypayEvent {
  if (!orderNumber.safeParse(payId).success) {
    throw new Unusable('The notification is signed and names no order.');
  }
  const type = /^[\w-]{1,40}$/.test(status) ? status : 'unreadable';
  return { id: `${payId}_${type}`, type, payId, status, isTest: test === '1' };
}

const stored = z.object({ payId: orderNumber });

/** The order of a parked notification. Undefined for one that named no order. */
export function subjectOf(event: unknown): AskedPayment | undefined {
  const { data } = stored.safeParse(event);
  return data && { orderId: data.payId, ref: data.payId, paymentId: null };
}
