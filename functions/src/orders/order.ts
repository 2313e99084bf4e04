import { FieldValue, Timestamp, type DocumentData } from 'firebase-admin/firestore';
import { z } from 'zod';
import { paymentsMode, type PaymentsMode } from '../config/settings';

/** What we agreed to sell: who, how much, through which gateway. Written once, never edited. */
export interface Order {
  readonly orderId: string;
  readonly uid: string;
  readonly amountCents: number;
  readonly gateway: string;
  readonly mode: PaymentsMode;
  readonly createdAt: Date;
}

export function documentOf(order: Order): DocumentData {
  return {
    order_id: order.orderId,
    uid: order.uid,
    amount: order.amountCents,
    currency: 'USD',
    gateway: order.gateway,
    mode: order.mode,
    // Firestore's clock, so that the orders of one user have one sequence.
    created_at: FieldValue.serverTimestamp(),
  };
}

/** What the order ids of a gateway look like. */
export interface OrderIdForm {
  readonly pattern: RegExp;
  /** Writes an id out of 32 bytes; fits the pattern. */
  write(bytes: Buffer): string;
}

/** The ids of every gateway that takes them. */
export const ordinaryIds: OrderIdForm = {
  pattern: /^[0-9a-f]{32}$/,
  write: (bytes) => bytes.toString('hex').slice(0, 32),
};

/**
 * What the ids of every gateway have in common, where it is not known which one is asked for;
 * Firestore keeps `__…__` for itself.
 */
export const anyIds = { pattern: /^(?!__.*__$)[0-9A-Za-z_-]{1,64}$/ };

/** Whether a text from outside has the form of our order ids; nothing else names a document. */
export function isOrderId(
  text: string,
  { pattern }: Pick<OrderIdForm, 'pattern'> = ordinaryIds,
): boolean {
  return pattern.test(text);
}

/** Reads back what `documentOf` wrote. */
export const storedOrder = z
  .object({
    order_id: z.string(),
    uid: z.string(),
    amount: z.int(),
    gateway: z.string(),
    mode: paymentsMode,
    created_at: z.instanceof(Timestamp),
  })
  .transform((stored): Order => ({
    orderId: stored.order_id,
    uid: stored.uid,
    amountCents: stored.amount,
    gateway: stored.gateway,
    mode: stored.mode,
    createdAt: stored.created_at.toDate(),
  }));
