import { Unusable } from '../../errors';
import type { PlayOrder, Purchase } from './objects';
import type { PlayApi } from './play-api';

/** Where a purchase that was not credited yet stands with its buyer's money. */
export type Stage = 'pending' | 'unpaid' | 'paid' | 'refunded';

/**
 * Asks the order whether money was paid, which the purchase does not say: promotions and points look
 * the same on it.
 * @throws Unusable for an order in a state that no row can be made of, or without a price.
 */
export async function stageOf(
  token: string,
  { state, isTest, orderId, voidedQuantity }: Purchase,
  play: Pick<PlayApi, 'order'>,
): Promise<Stage> {
  if (state === 'pending') return 'pending';
  if (orderId === null) return 'unpaid';
  if (isTest) return 'paid';
  const order = await play.order(orderId);
  if (order.purchaseToken !== token) throw new Unusable('The order is of another purchase.');
  if (isRefunded(order)) return 'refunded';
  const stage = stages.get(order.state);
  if (stage === 'pending') return 'pending';
  if (order.isPaid === null) throw new Unusable('The order does not say what was paid.');
  if (!order.isPaid) return 'unpaid';
  if (stage === 'paid' || voidedQuantity > 0) return 'paid';
  throw new Unusable('The order was refunded in part before it was credited.');
}

/** PENDING_REFUND: a refund is being looked into; it may also be declined. */
const stages: ReadonlyMap<string, Stage> = new Map([
  ['PENDING', 'pending'],
  ['PENDING_REFUND', 'pending'],
  ['PROCESSED', 'paid'],
]);

/** All of it. */
export function isRefunded({ state }: PlayOrder): boolean {
  return state === 'REFUNDED' || state === 'CANCELED';
}
