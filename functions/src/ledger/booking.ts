import { Conflict, TooEarly } from '../errors';
import { sameOwner } from '../ids';
import { newCents, type BoundRow } from './bounds';
import { holderOf, type HeldRow } from './holder';
import type { PaymentRow } from './payment-row';

/** What the ledger knows of the payment that a correction belongs to. */
export interface KnownPayment {
  /** The user of the payment's own row; undefined without the row that the correction names. */
  readonly owner: unknown;
  /** The payment, its corrections, and the failures of these. */
  readonly rows: readonly (BoundRow & HeldRow)[];
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
 * Decides what becomes of a correction, or of the growth of a payment, that is not booked yet. It
 * changes the balance of the user who has the money: a payment may have been moved to another.
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
  if (amountCents === 0) return { kind: 'nothing' };
  const uid = holderOf(owner, rows);
  if (uid === '') throw new Conflict('A row that moved the payment has no user.');
  const moved = uid === owner ? {} : { isMoved: true as const };
  return { kind: 'write', row: { ...row, uid, amountCents, ...moved } };
}

/** The row of a payment that has grown: a correction of the payment, named by its new total. */
export function toGrowth(total: PaymentRow): PaymentRow & { readonly parentId: string } {
  const { paymentId, amountCents } = total;
  return { ...total, paymentId: `${paymentId}-${amountCents}`, parentId: paymentId };
}
