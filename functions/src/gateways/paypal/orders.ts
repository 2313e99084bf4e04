import type { PaymentsMode } from '../../config/settings';
import { Unusable } from '../../errors';
import { isOrderId, type Order } from '../../orders/order';
import type { Orders } from '../../orders/orders';
import { NAME } from './config';

/**
 * The order of ours that a `custom_id` names, as PayPal's API gave it back; undefined when it is
 * not ours: PayPal's accounts are shared with others.
 * @throws Unusable when it looks like ours and there is no such order.
 */
export async function orderOf(
  orders: Pick<Orders, 'find'>,
  customId: string | undefined,
  mode: PaymentsMode,
): Promise<Order | undefined> {
  if (customId === undefined || !isOrderId(customId)) return undefined;
  const order = await orders.find(customId);
  if (order?.gateway !== NAME || order.mode !== mode) {
    throw new Unusable('There is no order of this id.');
  }
  return order;
}
