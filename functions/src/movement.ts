import { z } from 'zod';
import { paymentsMode } from './config/settings';
import type { Unusable } from './errors';
import { date, type FieldValues } from './firestore/document';

/** The kinds of a movement of money. A correction is a movement of its own. */
export const movementKinds = [
  'payment',
  'refund',
  'refund_failed',
  'refund_reversed',
  'dispute',
  'dispute_reversed',
] as const;
export type MovementKind = (typeof movementKinds)[number];

/**
 * The kinds of a row: those of a movement, and what the staff books. Two rows of kind `move` bring what
 * is left of a payment from one user to another.
 */
export const rowKinds = [...movementKinds, 'adjustment', 'move'] as const;

/**
 * The fields of every movement, in the code and in documents. A field that is added here is written to
 * payment rows, parked rows and receipts, and read back. Make it optional: older documents lack it.
 */
export const movementFields = {
  kind: ['kind', z.enum(movementKinds)],
  uid: ['uid', z.string()],
  /** USD cents, never 0; positive raises the balance. */
  amountCents: ['amount', z.int()],
  /** The `id` of the payment that a refund or dispute belongs to. */
  parentId: ['parent_id', z.string().nullable()],
  orderId: ['order_id', z.string().nullable()],
  mode: ['mode', paymentsMode],
  /** Sandbox money that a live deployment credits to a reviewer of a store: no money was paid for it. */
  isReviewer: ['is_reviewer', z.literal(true).exactOptional()],
  occurredAt: ['occurred_at', date],
} as const;

/** One movement of money, verified by its gateway. */
export interface Movement extends FieldValues<typeof movementFields> {
  /** The gateway's id, with a suffix where one id stands for two movements. */
  readonly id: string;
  /**
   * The amount is the total of all movements of this kind so far, because the gateway knows no other
   * figure. The ledger books the new part. A payment that grows is such a total, too.
   */
  readonly isTotal?: true;
  /** A fact that a person should know. Told when the row is written, and when it is found not pushed. */
  readonly notice?: string;
}

/**
 * A manual review of an order's payment: opened, or closed without a payment. A review that ends in
 * a payment is not reported closed: the payment is a movement.
 */
export interface Review {
  readonly review: 'opened' | 'closed';
  readonly orderId: string;
  readonly uid: string;
}

/**
 * One result of an event. An error takes the place of a movement that cannot become a row, so that
 * the other movements are not lost with it.
 */
export type Reported = Movement | Review | Unusable;
