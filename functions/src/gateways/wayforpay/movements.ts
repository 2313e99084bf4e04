import type { PaymentsMode } from '../../config/settings';
import { Unavailable, Unusable } from '../../errors';
import type { Movement, Reported } from '../../movement';
import type { Order } from '../../orders/order';
import { findOurOrder, type OrderBook } from '../../orders/ours';
import { paymentOf, refundOf } from '../ordered-payment';
import type { OrderStatus, WayforpayApi } from './api';
import { NAME } from './config';
import type { WayforpayEvent } from './events';

export interface MovementsDeps {
  readonly mode: PaymentsMode;
  readonly api: Pick<WayforpayApi, 'checkStatus'>;
  readonly orders: OrderBook;
}

/**
 * The effect of each status on money, https://wiki.wayforpay.com/view/852131. WayForPay voids a
 * payment that it cannot refund; the effect is the same.
 */
const effects: Readonly<Record<string, 'paid' | 'returned' | 'nothing'>> = {
  Approved: 'paid',
  Refunded: 'returned',
  Voided: 'returned',
  Created: 'nothing',
  InProcessing: 'nothing',
  Pending: 'nothing',
  WaitingAuthComplete: 'nothing',
  Declined: 'nothing',
  Expired: 'nothing',
  RefundInProcessing: 'nothing',
};

/**
 * The payment or the refund that a callback reports. A payment is in the callback; for a refund,
 * WayForPay's API is asked.
 * @throws Unusable when the status is unknown, or the amounts leave a doubt.
 * @throws Unavailable when the API does not answer, or is behind the callback.
 * @throws Misconfigured when the API refuses our key.
 */
export async function readMovements(
  event: WayforpayEvent,
  deps: MovementsDeps,
): Promise<readonly Reported[]> {
  const effect = Object.hasOwn(effects, event.status) ? effects[event.status] : undefined;
  if (effect === 'nothing') return [];
  const { mode, orders } = deps;
  const claim = { orderId: event.orderReference, gateway: NAME, mode };
  const order = await findOurOrder(orders, claim);
  if (order === undefined) return [];
  if (effect === undefined) throw new Unusable('WayForPay reports a status that we do not know.');
  if (effect === 'returned') return [await readRefund(order, event, deps)];
  const { processedAt: occurredAt } = event;
  return [paymentOf(order, { ...event, id: order.orderId, occurredAt })];
}

/**
 * All refunds of an order as one total. WayForPay gives single refunds no id, and does not document
 * the amount in the callback of a partial refund.
 */
async function readRefund(
  order: Order,
  event: WayforpayEvent,
  { api }: MovementsDeps,
): Promise<Movement> {
  const status = await api.checkStatus(order.orderId);
  const { processedAt: occurredAt } = event;
  const whole = refundOf(order, order.orderId, { ...status, id: order.orderId, occurredAt });
  const cents = refundedCents(status, event, order);
  if (cents > order.amountCents) throw new Unusable('More was refunded than was ordered.');
  return { ...whole, id: `${order.orderId}_refund_${cents}`, amountCents: -cents, isTotal: true };
}

/**
 * The sum of the refunds that the API tells. If it tells none, the whole order counts as refunded
 * when the callback is about a void or names the whole amount.
 */
function refundedCents(
  { refundedCents: sumCents }: OrderStatus,
  { amountCents, status }: WayforpayEvent,
  order: Order,
): number {
  if (sumCents !== undefined && sumCents > 0) return sumCents;
  const isWhole = sumCents === undefined && amountCents === order.amountCents;
  if (status === 'Voided' || isWhole) return order.amountCents;
  if (sumCents === 0) throw new Unavailable("WayForPay's API is behind its own callback.");
  throw new Unusable('WayForPay does not say how much was refunded.');
}
