import type { PaymentsMode } from '../config/settings';
import { Conflict } from '../errors';
import type { Movement } from '../movement';

/**
 * What a store has sold: whose it is, what we credited for it, how much of it is refunded. A store
 * knows no order of ours, so this is where "one receipt, one user" and "never more refunded than
 * credited" are kept. Its movements only ever grow, and every one becomes a row of the ledger.
 */
export interface Receipt {
  /** Null until somebody has claimed it. */
  readonly owner: ReceiptOwner | null;
  readonly product: ReceiptProduct | null;
  /** Null while nothing was reported as refunded. */
  readonly revocation: Omit<Revocation, 'isReversal'> | null;
  /** The payment, then its corrections. Empty: nothing was credited. */
  readonly movements: readonly Movement[];
}

export interface ReceiptOwner {
  readonly uid: string;
  /** What the store calls this user: `accountToken(uid)`. */
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
  readonly occurredAt: Date;
}

/** How much of a sale is refunded, all refunds taken together, as the store said at a time. */
export interface Revocation {
  /** `part` of `whole`: whole numbers, 0 ≤ part ≤ whole. 0 when every refund was taken back. */
  readonly part: number;
  readonly whole: number;
  /** When the store said so: what it said earlier and is heard later counts no more. */
  readonly asOf: Date;
  readonly occurredAt: Date;
  /** The store has taken refunds back: only then may less be refunded than before. */
  readonly isReversal?: true;
}

/** A receipt nobody has spoken of yet. */
export const unknownReceipt: Receipt = {
  owner: null,
  product: null,
  revocation: null,
  movements: [],
};

/**
 * The first user to claim a receipt has it.
 * @throws Conflict when it is another user's.
 */
export function claimed(receipt: Receipt, owner: ReceiptOwner): Receipt {
  if (receipt.owner === null) return { ...receipt, owner };
  if (receipt.owner.uid === owner.uid) return receipt;
  throw new Conflict('This purchase belongs to another account.');
}

/**
 * Credits a sale once: of what was credited before, nothing changes, whatever the catalogue says
 * by now. What was refunded before it could be credited is credited no more.
 * @throws Conflict when the receipt is another user's.
 */
export function credited(receipt: Receipt, sale: Sale): Receipt {
  const { owner, productId, quantity, movementId: id, amountCents, mode, occurredAt } = sale;
  const own = claimed(receipt, owner);
  if (own.movements.length > 0 || isRevokedWhole(own)) return own;
  const origin = { uid: owner.uid, mode, orderId: null, parentId: null };
  const payment: Movement = { ...origin, id, kind: 'payment', amountCents, occurredAt };
  return reconciled({ ...own, product: { productId, quantity }, movements: [payment] });
}

/**
 * Takes in what a store says is refunded. Without a credit it stays as a tombstone. A refund never
 * gives anything back, whatever part it names.
 */
export function revoked(receipt: Receipt, { isReversal, ...heard }: Revocation): Receipt {
  const known = receipt.revocation;
  if (known === null) return reconciled({ ...receipt, revocation: heard });
  if (isSettledBy(known, heard)) return receipt;
  const gives = isReversal !== true && isLess(heard, known);
  return reconciled({ ...receipt, revocation: gives ? { ...known, asOf: heard.asOf } : heard });
}

function isLess(one: Revocation, other: Revocation): boolean {
  return BigInt(one.part) * BigInt(other.whole) < BigInt(other.part) * BigInt(one.whole);
}

/** Whether nothing of a sale is left, credited or not. */
export function isRevokedWhole({ revocation }: Receipt): boolean {
  return revocation !== null && revocation.part === revocation.whole;
}

/** Said before, or overtaken by what was said since. */
function isSettledBy(known: Revocation, heard: Revocation): boolean {
  const same = known.part === heard.part && known.whole === heard.whole;
  return heard.asOf < known.asOf || (same && heard.asOf.getTime() === known.asOf.getTime());
}

/** Adds the one correction that brings what was taken back to what is refunded by now. */
function reconciled(receipt: Receipt): Receipt {
  const { movements, revocation } = receipt;
  const [payment, ...corrections] = movements;
  if (payment === undefined || revocation === null) return receipt;
  const taken = corrections.reduce((sum, { amountCents }) => sum - amountCents, 0);
  const difference = taken - shareOf(payment.amountCents, revocation);
  if (difference === 0) return receipt;
  const kind = difference < 0 ? 'refund' : 'refund_reversed';
  const correction: Movement = {
    ...payment,
    id: `${payment.id}-${kind}-${movements.length}`,
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
