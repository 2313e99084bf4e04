import { Unusable } from '../../errors';
import type { AskedPayment } from '../../gateway';
import type { Movement, Reported } from '../../movement';
import type { Order } from '../../orders/order';
import type { OrderStatus } from './api';
import {
  effectOf,
  findOrder,
  toPayment,
  toRefund,
  UNKNOWN_STATUS,
  type MovementsDeps,
} from './movements';

/**
 * Reads what an order has moved, as it stands now. WayForPay names a payment by our order.
 * @throws Unusable when the order is paid and no row can be made of it.
 * @throws Unavailable when WayForPay or Firestore does not answer.
 */
export async function inquire(
  { orderId, paymentId }: AskedPayment,
  deps: MovementsDeps,
): Promise<readonly Reported[]> {
  const reference = orderId ?? paymentId;
  const order = reference === null ? undefined : await findOrder(reference, deps);
  return order === undefined ? [] : readOrder(order, deps);
}

/**
 * The payment of an order that is ours, and its refunds. No callback is needed for them. An order
 * that WayForPay does not know has moved nothing.
 * @throws Unusable as `inquire`.
 */
export async function readOrder(
  order: Order,
  { api }: Pick<MovementsDeps, 'api'>,
): Promise<readonly Reported[]> {
  const status = await api.checkStatus(order.orderId);
  const effect = status && effectOf(status.status);
  if (status === undefined || effect === 'nothing') return [];
  if (effect === undefined) throw new Unusable(UNKNOWN_STATUS, { about: order.orderId });
  const payment = toPayment(order, status);
  const isRefunded =
    effect === 'returned' || (effect === 'paid' && (status.refundedCents ?? 0) > 0);
  return isRefunded ? [payment, refundOrDoubt(order, status)] : [payment];
}

/** A refund in doubt must not hide its payment. */
function refundOrDoubt(order: Order, status: OrderStatus): Movement | Unusable {
  try {
    return toRefund(order, status, () => refundedCents(status, order));
  } catch (error) {
    if (error instanceof Unusable) return error;
    throw error;
  }
}

/**
 * The sum of the refunds. A void is of the whole. The amount of the status is always the order's, so
 * it says nothing about a refund.
 */
function refundedCents({ status, refundedCents: cents }: OrderStatus, order: Order): number {
  if (cents !== undefined && cents > 0) return cents;
  if (status === 'Voided') return order.amountCents;
  throw new Unusable('WayForPay does not say how much was refunded.', { about: order.orderId });
}
