import type { PaymentsMode } from '../../config/settings';
import { Unavailable, Unusable } from '../../errors';
import type { Movement } from '../../movement';
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

/** Money of an order: none has moved, it was paid, it is being paid back, it was paid back. */
type Effect = 'nothing' | 'paid' | 'returning' | 'returned';

/**
 * The effect of each status on money, https://wiki.wayforpay.com/view/852131. WayForPay voids a
 * payment that it cannot refund; the effect is the same.
 */
const effects: Readonly<Record<string, Effect>> = {
  Approved: 'paid',
  RefundInProcessing: 'returning',
  Refunded: 'returned',
  Voided: 'returned',
  Created: 'nothing',
  InProcessing: 'nothing',
  Pending: 'nothing',
  WaitingAuthComplete: 'nothing',
  Declined: 'nothing',
  Expired: 'nothing',
};

/** Undefined for a status that WayForPay does not document. */
export function effectOf(status: string): Effect | undefined {
  return Object.hasOwn(effects, status) ? effects[status] : undefined;
}

export const UNKNOWN_STATUS = 'WayForPay reports a status that we do not know.';

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
): Promise<readonly Movement[]> {
  const effect = effectOf(event.status);
  if (effect === 'nothing' || effect === 'returning') return [];
  const order = await findOrder(event.orderReference, deps);
  if (order === undefined) return [];
  if (effect === undefined) throw new Unusable(UNKNOWN_STATUS);
  if (effect === 'paid') return [toPayment(order, event)];
  const status = await deps.api.checkStatus(order.orderId);
  if (status === undefined) {
    throw new Unusable('WayForPay does not know the order that it reports.');
  }
  const { processedAt } = event;
  return [toRefund(order, { ...status, processedAt }, () => refundedCents(status, event, order))];
}

/** Our order that a callback or a list names. */
export function findOrder(
  orderId: string,
  { mode, orders }: Pick<MovementsDeps, 'mode' | 'orders'>,
): Promise<Order | undefined> {
  return findOurOrder(orders, { orderId, gateway: NAME, mode });
}

/** An order as a callback or the API shows it. */
type Shown = Pick<OrderStatus, 'amountCents' | 'currency' | 'processedAt'>;

/** @throws Unusable when the amount is not the order's. */
export function toPayment(order: Order, shown: Shown): Movement {
  return paymentOf(order, amountOf(order, shown));
}

/**
 * All refunds of an order as one total. WayForPay gives single refunds no id, and does not document
 * the amount in the callback of a partial refund.
 * @param sumCents tells the total; called when the order's own amount is right.
 * @throws Unusable when the amounts leave a doubt.
 */
export function toRefund(order: Order, shown: Shown, sumCents: () => number): Movement {
  const whole = refundOf(order, order.orderId, amountOf(order, shown));
  const cents = sumCents();
  if (cents > order.amountCents) {
    throw new Unusable('More was refunded than was ordered.', { about: order.orderId });
  }
  const id = refundIdOf(order.orderId, cents);
  return { ...whole, id, amountCents: -cents, isTotal: true };
}

/** The id of the refund that has brought all refunds of an order to so many cents. */
export function refundIdOf(orderId: string, sumCents: number): string {
  return `${orderId}_refund_${sumCents}`;
}

function amountOf({ orderId, createdAt }: Order, { amountCents, currency, processedAt }: Shown) {
  return { id: orderId, amountCents, currency, occurredAt: processedAt ?? createdAt };
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
