import { log } from '../../log';
import type { Movement } from '../../movement';
import { findOurOrder, type OrderBook } from '../../orders/ours';
import { paymentOf } from '../ordered-payment';
import { NAME, type PayeerConfig } from './config';
import type { PayeerEvent } from './events';
import { orderIds } from './order-ids';

export interface MovementsDeps {
  readonly orders: OrderBook;
  readonly config: PayeerConfig;
}

/**
 * Reads what a notification moved: the payment of our order, or nothing. A status that we do
 * not know is an alert in the log.
 * @throws Unusable when the payment does not match the order.
 */
export async function readMovements(
  event: PayeerEvent,
  { orders, config }: MovementsDeps,
): Promise<readonly Movement[]> {
  if (!isPayment(event, config)) {
    if (event.status !== 'fail') {
      const { id, type } = event;
      log.alert('Payeer reports what we do not know', { event_id: id, event_type: type });
    }
    return [];
  }
  const { orderId } = event;
  const claim = { orderId, gateway: NAME, mode: config.mode, ids: orderIds };
  const order = await findOurOrder(orders, claim);
  if (order === undefined) return [];
  return [paymentOf(order, { ...event, occurredAt: event.paidAt })];
}

/** Whether a notification reports money for our shop. */
export function isPayment(
  { shop, status }: PayeerEvent,
  { merchantId }: Pick<PayeerConfig, 'merchantId'>,
): boolean {
  return shop === merchantId && status === 'success';
}
