import type { PaymentsMode } from '../../config/settings';
import { Conflict, Unusable } from '../../errors';
import type { ReceiptOwner, Revocation, Sale } from '../../stores/receipt';
import type { ReceiptBook } from '../../stores/receipts';
import type { Catalogue } from '../../stores/catalogue';
import { WHOLE, type Transaction } from './events';
import type { Movement } from '../../movement';

export function modeOf({ environment }: Transaction): PaymentsMode {
  return environment === 'Production' ? 'live' : 'test';
}

/** The id of a receipt and of its payment; the sandbox numbers its purchases on its own. */
export function receiptIdOf({ transactionId, environment }: Transaction): string {
  return environment === 'Production' ? transactionId : `sandbox-${transactionId}`;
}

/** What a person needs to find the purchase: nothing that says whose it is. */
export function traceOf(transaction: Transaction) {
  const { productId, quantity } = transaction;
  return { receiptId: receiptIdOf(transaction), productId, quantity };
}

/**
 * The account that the app named when it bought must be the caller's; where none was named, the
 * first one to claim the purchase has it.
 * @throws Conflict
 */
export function checkAccount(
  { appAccountToken }: Transaction,
  { accountToken }: ReceiptOwner,
): void {
  if (appAccountToken === null || appAccountToken === accountToken) return;
  throw new Conflict('This purchase belongs to another account.');
}

/**
 * Credits a purchase once, less what its proof itself shows as refunded, and says all it has ever
 * moved: nothing when it was refunded before. Of what is credited already the catalogue is not
 * asked again.
 * @throws Conflict when it is another user's.
 * @throws Unusable for what is no paid consumable of the catalogue.
 */
export async function creditTo(
  owner: ReceiptOwner,
  transaction: Transaction,
  receipts: ReceiptBook,
  catalogue: Catalogue,
): Promise<readonly Movement[]> {
  const id = receiptIdOf(transaction);
  const revocation = revocationOf(transaction);
  const known = await (revocation === null
    ? receipts.find(id)
    : receipts.revoke(id, revocation, owner));
  if (known?.owner?.uid === owner.uid && known.movements.length > 0) return known.movements;
  return (await receipts.credit(id, saleOf(transaction, owner, catalogue))).movements;
}

function saleOf(transaction: Transaction, owner: ReceiptOwner, catalogue: Catalogue): Sale {
  const fault = faultOf(transaction);
  if (fault !== undefined) throw new Unusable(`The purchase cannot be credited: ${fault}.`);
  const { productId, quantity } = transaction;
  return {
    owner,
    productId,
    quantity,
    movementId: receiptIdOf(transaction),
    amountCents: catalogue.creditCents(productId, quantity),
    mode: modeOf(transaction),
    occurredAt: transaction.purchaseDate,
  };
}

function faultOf(transaction: Transaction): string | undefined {
  const { type, inAppOwnershipType, transactionReason, price } = transaction;
  if (!isConsumable(transaction)) return `its type is ${type === null ? 'missing' : 'another'}`;
  if (inAppOwnershipType !== 'PURCHASED') return 'it is shared, not bought';
  if (transactionReason !== 'PURCHASE') return 'it is no purchase';
  // An offer code can make it free, and the catalogue knows full prices only.
  if (price !== null && price <= 0) return 'nothing was paid';
  return undefined;
}

export function isConsumable({ type }: Transaction): boolean {
  return type === 'Consumable';
}

/** Whether it says that money was paid back; the end of family sharing moves none. */
function isRefunded({ revocationDate, revocationType }: Transaction): boolean {
  return revocationDate !== null && revocationType !== 'FAMILY_REVOKE';
}

/** How much of a purchase is refunded, as it was when it was signed; null for none. */
export function revocationOf(transaction: Transaction): Revocation | null {
  const { revocationDate, revocationPercentage, signedDate: asOf } = transaction;
  if (revocationDate === null || !isRefunded(transaction)) return null;
  return { part: revocationPercentage ?? WHOLE, whole: WHOLE, asOf, occurredAt: revocationDate };
}

/** Refunds were taken back: all, but for the part that the purchase still shows. */
export function reversalOf(transaction: Transaction): Revocation {
  const { revocationPercentage, signedDate: asOf } = transaction;
  const part = isRefunded(transaction) ? (revocationPercentage ?? 0) : 0;
  return { part, whole: WHOLE, asOf, occurredAt: asOf, isReversal: true };
}
