import type { PaymentsMode } from './config/settings';
import type { Unusable } from './errors';

/** What a movement of money was. A correction is a movement of its own. */
export const movementKinds = [
  'payment',
  'refund',
  'refund_failed',
  'refund_reversed',
  'dispute',
  'dispute_reversed',
] as const;
export type MovementKind = (typeof movementKinds)[number];

/** One movement of money, proven by its gateway. */
export interface Movement {
  /** The id the gateway gave it, with a suffix where one id stands for two movements. */
  readonly id: string;
  readonly kind: MovementKind;
  readonly uid: string;
  /** USD cents, never 0; positive raises the balance. */
  readonly amountCents: number;
  /**
   * The amount is what all corrections of this kind have taken from the payment so far, where the
   * gateway knows no other figure: the ledger writes what is new about it.
   */
  readonly isTotal?: true;
  /** The `id` of the payment that a refund or dispute belongs to. */
  readonly parentId: string | null;
  readonly orderId: string | null;
  readonly mode: PaymentsMode;
  readonly occurredAt: Date;
}

/**
 * An order whose money the gateway holds for a check, or holds no longer without having paid it
 * out: what was paid out is a movement, and says so itself. Told of an order with such a check only.
 */
export interface Review {
  readonly review: 'opened' | 'closed';
  readonly orderId: string;
  readonly uid: string;
}

/**
 * What an event comes to, one by one. Where a movement cannot become a row, the reason stands in
 * its place, so that it takes nothing else down with it.
 */
export type Reported = Movement | Review | Unusable;
