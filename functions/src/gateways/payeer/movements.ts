import { Unusable } from '../../errors';
import type { Movement } from '../../movement';
import type { Order } from '../../orders/order';
import { findOurOrder, type OrderBook } from '../../orders/ours';
import { paymentOf } from '../ordered-payment';
import { NAME, type PayeerConfig } from './config';
import type { PayeerEvent } from './events';
import { orderIds } from './order-ids';

export interface MovementsDeps {
  readonly orders: OrderBook;
  readonly config: Pick<PayeerConfig, 'mode' | 'merchantId'>;
}

/**
 * Reads what a notification moved: the payment of our order, or nothing.
 * @throws Unusable when the status is unknown, or the payment does not match the order.
 */
export async function readMovements(
  event: PayeerEvent,
  { orders, config }: MovementsDeps,
): Promise<readonly Movement[]> {
  const { orderId, shop, status } = event;
  if (shop !== config.merchantId || status === 'fail') return [];
  const order = await findOrder(orderId, { orders, config });
  if (order === undefined) return [];
  if (!isPayment(event, config)) throw new Unusable('Payeer reports a status that we do not know.');
  return [paymentOf(order, { ...event, occurredAt: event.paidAt })];
}

/** Our order with this id; undefined when the payments of it are not ours. */
export function findOrder(
  orderId: string,
  { orders, config }: MovementsDeps,
): Promise<Order | undefined> {
  return findOurOrder(orders, { orderId, gateway: NAME, mode: config.mode, ids: orderIds });
}

/** Whether a notification reports money for our shop. */
export function isPayment(
  { shop, status }: PayeerEvent,
  { merchantId }: Pick<PayeerConfig, 'merchantId'>,
): boolean {
  return shop === merchantId && status === 'success';
}
