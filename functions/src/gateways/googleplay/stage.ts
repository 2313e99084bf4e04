import { Unusable } from '../../errors';
import type { PlayOrder, Purchase } from './objects';
import type { GooglePlayApi } from './api';

/** Whether the buyer has paid for a purchase that is not credited yet. */
export type Stage = 'pending' | 'unpaid' | 'paid' | 'refunded';

/**
 * Reads from Google's order whether money was paid. The purchase does not say: a promotion and a
 * payment with points look the same on it. Only a purchase without an order is known to be free.
 * @throws Unusable for an order that shows no payment, or in a state that no row can be made of.
 */
export async function readStage(
  token: string,
  { state, isTest, googleOrderId, voidedQuantity }: Purchase,
  api: Pick<GooglePlayApi, 'readOrder'>,
): Promise<Stage> {
  if (state === 'pending') return 'pending';
  if (googleOrderId === null) return 'unpaid';
  if (isTest) return 'paid';
  const order = await api.readOrder(googleOrderId);
  if (order.purchaseToken !== token) throw new Unusable('The order is of another purchase.');
  if (isRefunded(order)) return 'refunded';
  const stage = stages.get(order.state);
  if (stage === 'pending') return 'pending';
  if (order.isPaid === null) throw new Unusable('The order does not say what was paid.');
  if (!order.isPaid) throw new Unusable('The order shows neither a price nor other payment.');
  if (stage === 'paid' || voidedQuantity > 0) return 'paid';
  throw new Unusable('The order was refunded in part before it was credited.');
}

/** PENDING_REFUND: Google decides on a refund, and may decline it. */
const stages: ReadonlyMap<string, Stage> = new Map([
  ['PENDING', 'pending'],
  ['PENDING_REFUND', 'pending'],
  ['PROCESSED', 'paid'],
]);

/** Whether all of the order was refunded or cancelled. */
export function isRefunded({ state }: PlayOrder): boolean {
  return state === 'REFUNDED' || state === 'CANCELED';
}
