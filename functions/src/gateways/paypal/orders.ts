import type { PaymentsMode } from '../../config/settings';
import { Unusable } from '../../errors';
import { isOrderId, type Order } from '../../orders/order';
import type { Orders } from '../../orders/orders';
import { NAME } from './config';

/**
 * Finds our order by the `custom_id` that PayPal's API returned. Undefined when the id is not
 * ours: other software may use the same PayPal account.
 * @throws Unusable when the id has our form and there is no such order of this mode.
 */
export async function findOrder(
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
