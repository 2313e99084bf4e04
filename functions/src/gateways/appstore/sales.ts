import type { PaymentsMode } from '../../config/settings';
import { Conflict, Unusable } from '../../errors';
import type { IsEarlier } from '../../stores/earlier-backend';
import {
  isRevokedWhole,
  type Receipt,
  type ReceiptOwner,
  type Revocation,
  type Sale,
} from '../../stores/receipt';
import type { ReceiptBook } from '../../stores/receipts';
import type { Catalogue } from '../../stores/catalogue';
import { modeOfSale } from '../../stores/reviewers';
import { WHOLE, type Transaction } from './events';
import type { Movement } from '../../movement';

export function modeOf({ environment }: Transaction): PaymentsMode {
  return environment === 'Production' ? 'live' : 'test';
}

/** The id of a receipt and of its payment. The sandbox has numbers of its own, hence a prefix. */
export function receiptIdOf({ transactionId, environment }: Transaction): string {
  return environment === 'Production' ? transactionId : `sandbox-${transactionId}`;
}

/** The fields by which a person finds the purchase. None of them names the buyer. */
export function toTrace(transaction: Transaction) {
  const { productId, quantity } = transaction;
  return { receiptId: receiptIdOf(transaction), productId, quantity };
}

/**
 * Checks that the app named the caller's account when it bought. If it named none, the first user
 * to claim the purchase gets it.
 * @throws Conflict when the app named another account.
 */
export function checkAccount(
  { appAccountToken }: Transaction,
  { accountToken }: ReceiptOwner,
): void {
  if (appAccountToken === null || appAccountToken === accountToken) return;
  throw new Conflict('This purchase belongs to another account.');
}

/** Why a purchase can never be credited, whatever a person or a fix does. */
export type NeverReason = 'unpaid' | 'shared' | 'refunded';

/** A purchase for which its buyer paid nothing. */
export class NothingPaid extends Unusable {
  readonly never: NeverReason;

  constructor(message: string, never: NeverReason) {
    super(message);
    this.never = never;
  }
}

/**
 * Whether a purchase belongs to an earlier backend: bought before STORE_PURCHASES_SINCE, and not
 * credited here.
 * @throws Unavailable when Firestore does not answer.
 */
export async function isOfEarlierBackend(
  transaction: Transaction,
  receipts: ReceiptBook,
  isEarlier: IsEarlier,
): Promise<boolean> {
  if (!isEarlier(transaction.purchaseDate)) return false;
  const known = await receipts.find(receiptIdOf(transaction));
  return (known?.movements ?? []).length === 0;
}

/**
 * Credits a purchase once, less the refund that the purchase itself shows. A purchase that was
 * credited before is not priced again.
 * @returns all that the purchase has ever moved. Nothing when it was refunded before its credit.
 * @throws Conflict when it is another user's.
 * @throws NothingPaid when its buyer paid nothing.
 * @throws Unusable unless it is a consumable of the catalogue.
 */
export async function creditTo(
  owner: ReceiptOwner,
  transaction: Transaction,
  receipts: ReceiptBook,
  catalogue: Catalogue,
  mode: PaymentsMode,
): Promise<readonly Movement[]> {
  const id = receiptIdOf(transaction);
  const known = await takeRefunds(owner, transaction, receipts);
  if (known?.owner?.uid === owner.uid && known.movements.length > 0) return known.movements;
  if (known !== undefined && isRevokedWhole(known)) {
    return (await receipts.claim(id, owner)).movements;
  }
  return (await receipts.credit(id, toSale(transaction, owner, catalogue, mode))).movements;
}

/**
 * Takes in what the purchase shows of its refunds. When it shows none, and Apple signed it later than
 * the refund that we know, Apple has reversed that refund, whether or not we were told.
 */
async function takeRefunds(
  owner: ReceiptOwner,
  transaction: Transaction,
  receipts: ReceiptBook,
): Promise<Receipt | undefined> {
  const id = receiptIdOf(transaction);
  const revocation = toRevocation(transaction);
  if (revocation !== null) return receipts.revoke(id, revocation, owner);
  const known = await receipts.find(id);
  return isReversed(transaction, known)
    ? receipts.revoke(id, toReversal(transaction), owner)
    : known;
}

function isReversed({ revocationDate, signedDate }: Transaction, known?: Receipt): boolean {
  const refund = known?.revocation ?? null;
  return revocationDate === null && refund !== null && refund.part > 0 && refund.asOf < signedDate;
}

function toSale(
  transaction: Transaction,
  owner: ReceiptOwner,
  catalogue: Catalogue,
  mode: PaymentsMode,
): Sale {
  checkSale(transaction);
  const { productId, quantity } = transaction;
  return {
    owner,
    productId,
    quantity,
    movementId: receiptIdOf(transaction),
    amountCents: catalogue.creditCents(productId, quantity),
    ...modeOfSale(modeOf(transaction) === 'test', mode),
    occurredAt: transaction.purchaseDate,
  };
}

function checkSale(transaction: Transaction): void {
  const { type, inAppOwnershipType: ownership, transactionReason, price } = transaction;
  if (!isConsumable(transaction)) fail(`its type is ${type === null ? 'missing' : 'another'}`);
  if (ownership === 'FAMILY_SHARED') fail('it is shared, not bought', 'shared');
  if (ownership !== 'PURCHASED') fail('its ownership is unknown');
  if (transactionReason !== 'PURCHASE') fail('it is no purchase');
  // An offer code can make a purchase free, and the catalogue knows full prices only.
  if (price === 0) fail('nothing was paid', 'unpaid');
  if (price !== null && price < 0) fail('its price is below nothing');
}

/** @param never set when the buyer paid nothing, so that no fix will make it good. */
function fail(fault: string, never?: NeverReason): never {
  const message = `The purchase cannot be credited: ${fault}.`;
  throw never === undefined ? new Unusable(message) : new NothingPaid(message, never);
}

export function isConsumable({ type }: Transaction): boolean {
  return type === 'Consumable';
}

const otherKinds: readonly (string | null)[] = [
  'Non-Consumable',
  'Auto-Renewable Subscription',
  'Non-Renewing Subscription',
];

/** Whether the product is of a kind that raises no balance. */
export function isOfOtherKind({ type }: Transaction): boolean {
  return otherKinds.includes(type);
}

/** Whether money was paid back. The end of family sharing revokes a purchase and moves none. */
function isRefunded({ revocationDate, revocationType }: Transaction): boolean {
  return revocationDate !== null && revocationType !== 'FAMILY_REVOKE';
}

/** The part of a purchase that was refunded when Apple signed it. Null for none. */
export function toRevocation(transaction: Transaction): Revocation | null {
  const { revocationDate, revocationPercentage, signedDate: asOf } = transaction;
  if (revocationDate === null || !isRefunded(transaction)) return null;
  return { part: revocationPercentage ?? WHOLE, whole: WHOLE, asOf, occurredAt: revocationDate };
}

/** Takes back all refunds but the part that the purchase still shows. */
export function toReversal(transaction: Transaction): Revocation {
  const { revocationPercentage, signedDate: asOf } = transaction;
  const part = isRefunded(transaction) ? (revocationPercentage ?? 0) : 0;
  return { part, whole: WHOLE, asOf, occurredAt: asOf, isReversal: true };
}
