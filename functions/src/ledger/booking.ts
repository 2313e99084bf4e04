import { Conflict, TooEarly } from '../errors';
import { sameOwner } from '../ids';
import { newCents, type BoundRow } from './bounds';
import type { PaymentRow } from './payment-row';

/** What the ledger knows of the payment that a correction belongs to. */
export interface KnownPayment {
  /** The user of the row that the correction names as its parent; undefined without such a row. */
  readonly owner: unknown;
  /** The payment, its corrections, and the failures of these. */
  readonly rows: readonly BoundRow[];
  /** Whether the failure of the refund was reported before the refund was booked. */
  readonly isVoided: boolean;
  /** See `newCents`. */
  readonly expectedCents: number;
}

/**
 * - `write`: the row is booked, with the user and the amount that its payment leaves it.
 * - `void`: the refund that the row gives back was never booked, and must not be from now on.
 * - `nothing`: nothing of the row is new.
 */
export type Booking =
  | { readonly kind: 'write'; readonly row: PaymentRow }
  | { readonly kind: 'void' }
  | { readonly kind: 'nothing' };

/**
 * Decides what becomes of a correction, or of the growth of a payment, that is not booked yet.
 * @throws TooEarly when the row that it belongs to is not booked yet.
 * @throws Conflict when that row is another user's.
 * @throws BeyondBounds when the payment has no room for it.
 */
export function bookCorrection(row: PaymentRow, known: KnownPayment): Booking {
  const { owner, rows, isVoided, expectedCents } = known;
  if (isVoided && row.kind === 'refund') return { kind: 'nothing' };
  if (owner === undefined) {
    if (row.kind === 'refund_failed') return { kind: isVoided ? 'nothing' : 'void' };
    throw new TooEarly('The payment it corrects is not in the ledger yet.');
  }
  // The user of a payment may have been erased since, and then its corrections have no user either.
  if (typeof owner !== 'string' || !sameOwner(owner, row.uid)) {
    throw new Conflict("The payment it corrects is another user's.");
  }
  const amountCents = newCents(row, rows, expectedCents);
  return amountCents === 0
    ? { kind: 'nothing' }
    : { kind: 'write', row: { ...row, uid: owner, amountCents } };
}

/** The row of a payment that has grown: a correction of the payment, named by its new total. */
export function toGrowth(total: PaymentRow): PaymentRow & { readonly parentId: string } {
  const { paymentId, amountCents } = total;
  return { ...total, paymentId: `${paymentId}-${amountCents}`, parentId: paymentId };
}
