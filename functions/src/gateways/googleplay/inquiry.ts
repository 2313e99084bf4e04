import { z } from 'zod';
import { Malformed, Unusable } from '../../errors';
import type { AskedPayment } from '../../gateway';
import type { Reported } from '../../movement';
import type { GooglePlayApi } from './api';
import type { GooglePlay } from './google-play';
import { googleOrderId, type PlayOrder } from './objects';
import { unlessUnknown, type PurchasesDeps } from './purchases';

export interface InquiryDeps extends Pick<GooglePlay, 'receipts' | 'voids'> {
  readonly api: Pick<GooglePlayApi, 'readOrder'>;
}

/**
 * Google's API for one look: each object is read once, however often the routine comes back to it.
 */
export function readingOnce(api: PurchasesDeps['api']): PurchasesDeps['api'] {
  return {
    readPurchase: remembered((token) => api.readPurchase(token)),
    readOrder: remembered((orderId) => api.readOrder(orderId)),
    consume: (productId, token) => api.consume(productId, token),
  };
}

function remembered<T>(read: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (id) => {
    const found = known.get(id) ?? read(id);
    known.set(id, found);
    return found;
  };
}

/**
 * Asks Google about one order, and returns all that its purchase has moved. The order is named by its
 * payment's id, or found through the receipt, whose id is the `ref`. Empty when Google does not know it.
 * @throws Unusable when no row can be made of it.
 * @throws Unavailable when Google or Firestore does not answer.
 * @throws Misconfigured when Google refuses us.
 */
export async function inquire(
  { paymentId, ref }: AskedPayment,
  { api, receipts, voids }: InquiryDeps,
): Promise<readonly Reported[]> {
  const receipt = paymentId === null && ref !== null ? await receipts.find(ref) : undefined;
  const { data: id } = googleOrderId.safeParse(paymentId ?? receipt?.movements[0]?.id);
  if (id === undefined) return [];
  const order = await readOurs(id, api);
  if (order === undefined) return [];
  const movements = await voids.syncAll({ token: order.purchaseToken, googleOrderId: id });
  const isUnseen = order.state === 'PARTIALLY_REFUNDED' && movements.length === 1;
  return isUnseen ? [...movements, refundedByAmount(id)] : movements;
}

/** Undefined when Google does not know the order, or it is of another app. */
async function readOurs(id: string, api: InquiryDeps['api']): Promise<PlayOrder | undefined> {
  try {
    return await unlessUnknown(api.readOrder(id));
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** Google lists no such refund, and announces it in no documented way. */
function refundedByAmount(about: string): Unusable {
  return new Unusable('The order was refunded in part, and the purchase shows no part.', { about });
}

const stored = z.object({
  orderId: googleOrderId.nullable().default(null).catch(null),
  receiptId: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable()
    .default(null)
    .catch(null),
});

/**
 * The order or the receipt that a parked event names. Undefined for a chargeback that asks for a
 * word: the payment as it stands now is no answer to it.
 */
export function subjectOf(event: unknown): AskedPayment | undefined {
  const { data } = stored.safeParse(event);
  if (data === undefined || (data.orderId ?? data.receiptId) === null) return undefined;
  return { orderId: null, ref: data.receiptId, paymentId: data.orderId };
}
