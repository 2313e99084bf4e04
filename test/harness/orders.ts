import type { OrderBook } from '../../functions/src/orders/ours.ts';
import type { Order } from '../../functions/src/orders/order.ts';

/** An order of user1 over 12.50, but for what is given. */
export function orderOf(given: Partial<Order> & Pick<Order, 'orderId' | 'gateway'>): Order {
  const createdAt = new Date('2026-01-01T00:00:00Z');
  return { uid: 'user1', amountCents: 1250, mode: 'test', createdAt, ...given };
}

/** The orders of a test, without a database. */
export function orderBook(...orders: readonly Order[]): OrderBook {
  return { find: async (orderId) => orders.find((order) => order.orderId === orderId) };
}

/** What a gateway reports when an order was paid, but for the time. */
export function paymentOf({ orderId, uid, amountCents, mode }: Order, id: string) {
  return { id, kind: 'payment', uid, amountCents, parentId: null, orderId, mode } as const;
}
