import type { PaymentsMode } from '../config/settings';
import { Conflict } from '../errors';
import type { Movement } from '../movement';

/**
 * A sale of a store: its owner, our credit for it, and how much of it is refunded. A store does not
 * know our orders, so the receipt keeps the two rules "one receipt, one user" and "never more
 * refunded than credited". Movements are only added, and every movement becomes a row of the ledger.
 */
export interface Receipt {
  /** Null until a user claims it. */
  readonly owner: ReceiptOwner | null;
  readonly product: ReceiptProduct | null;
  /** Null until the store reports a refund. */
  readonly revocation: Omit<Revocation, 'isReversal'> | null;
  /** The payment, then its corrections. Empty: nothing was credited. */
  readonly movements: readonly Movement[];
}

export interface ReceiptOwner {
  readonly uid: string;
  /** The name of this user at the store: `accountToken(uid)`. */
  readonly accountToken: string;
}

export interface ReceiptProduct {
  readonly productId: string;
  readonly quantity: number;
}

/** A proven sale to a proven user. */
export interface Sale extends ReceiptProduct {
  readonly owner: ReceiptOwner;
  /** The id of its payment movement; corrections are named after it. */
  readonly movementId: string;
  /** USD cents by the catalogue, above 0. */
  readonly amountCents: number;
  readonly mode: PaymentsMode;
  /** See `Movement`. */
  readonly isReviewer?: true;
  readonly occurredAt: Date;
}

/** How much of a sale was refunded at a time, all refunds together, as the store reports it. */
export interface Revocation {
  /** `part` of `whole`: whole numbers, 0 ≤ part ≤ whole. 0 when every refund was taken back. */
  readonly part: number;
  readonly whole: number;
  /** The time of the store's report. An older report that arrives later is ignored. */
  readonly asOf: Date;
  readonly occurredAt: Date;
  /** The store has reversed refunds. Only then may less be refunded than before. */
  readonly isReversal?: true;
}

/** A receipt without a claim, a sale or a refund. */
export const unknownReceipt: Receipt = {
  owner: null,
  product: null,
  revocation: null,
  movements: [],
};

/**
 * Gives the receipt to the first user who claims it.
 * @throws Conflict when it is another user's.
 */
export function claimReceipt(receipt: Receipt, owner: ReceiptOwner): Receipt {
  if (receipt.owner === null) return { ...receipt, owner };
  if (receipt.owner.uid === owner.uid) return receipt;
  throw new Conflict('This purchase belongs to another account.');
}

/**
 * Credits a sale once. A credit that was made stays as it is, even if the catalogue has changed. A
 * part that was refunded before the credit is taken back with it; a sale that was refunded whole is
 * not credited.
 * @throws Conflict when the receipt is another user's.
 */
export function creditReceipt(receipt: Receipt, sale: Sale): Receipt {
  const { owner, productId, quantity, movementId: id, amountCents, occurredAt } = sale;
  const own = claimReceipt(receipt, owner);
  if (own.movements.length > 0 || isRevokedWhole(own)) return own;
  const { mode, isReviewer } = sale;
  const mark = isReviewer && ({ isReviewer } as const);
  const origin = { uid: owner.uid, mode, ...mark, orderId: null, parentId: null };
  const payment: Movement = { ...origin, id, kind: 'payment', amountCents, occurredAt };
  return reconcile({ ...own, product: { productId, quantity }, movements: [payment] });
}

/**
 * Takes in a store's report of a refund. Without a credit the report is kept, so that a later credit
 * is reduced by it. A refund never gives money back to the user, whatever part it names.
 */
export function revokeReceipt(receipt: Receipt, { isReversal, ...heard }: Revocation): Receipt {
  const known = receipt.revocation;
  if (known === null) return reconcile({ ...receipt, revocation: heard });
  if (isRepeatedOrOlder(known, heard)) return receipt;
  const gives = isReversal !== true && isLess(heard, known);
  return reconcile({ ...receipt, revocation: gives ? { ...known, asOf: heard.asOf } : heard });
}

function isLess(one: Revocation, other: Revocation): boolean {
  return BigInt(one.part) * BigInt(other.whole) < BigInt(other.part) * BigInt(one.whole);
}

/** Whether all of a sale is refunded, credited or not. */
export function isRevokedWhole({ revocation }: Receipt): boolean {
  return revocation !== null && revocation.part === revocation.whole;
}

/** Whether the report is a repeated one, or older than the one we have. */
function isRepeatedOrOlder(known: Revocation, heard: Revocation): boolean {
  const same = known.part === heard.part && known.whole === heard.whole;
  return heard.asOf < known.asOf || (same && heard.asOf.getTime() === known.asOf.getTime());
}

/** Adds the one correction that makes the sum taken back equal to the refunded part. */
function reconcile(receipt: Receipt): Receipt {
  const { movements, revocation } = receipt;
  const [payment, ...corrections] = movements;
  if (payment === undefined || revocation === null) return receipt;
  const taken = corrections.reduce((sum, { amountCents }) => sum - amountCents, 0);
  const difference = taken - shareOf(payment.amountCents, revocation);
  if (difference === 0) return receipt;
  const kind = difference < 0 ? 'refund' : 'refund_reversed';
  const correction: Movement = {
    ...payment,
    id: correctionIdOf(payment.id, kind, movements.length),
    kind,
    amountCents: difference,
    parentId: payment.id,
    occurredAt: revocation.occurredAt,
  };
  return { ...receipt, movements: [...movements, correction] };
}

/** Rounded half up to a cent, never below 0 nor above what was credited. */
function shareOf(amountCents: number, { part, whole }: Revocation): number {
  if (part <= 0) return 0;
  if (part >= whole) return amountCents;
  const [amount, numerator, denominator] = [BigInt(amountCents), BigInt(part), BigInt(whole)];
  return Number((2n * amount * numerator + denominator) / (2n * denominator));
}

/** The id of the correction that is the so-many-th of a payment. */
export function correctionIdOf(
  paymentId: string,
  kind: 'refund' | 'refund_reversed',
  number: number,
): string {
  return `${paymentId}-${kind}-${number}`;
}
