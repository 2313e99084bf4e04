import type { PaymentsMode } from '../../config/settings';
import { Unusable } from '../../errors';
import { log } from '../../log';
import type { Movement } from '../../movement';
import type { Catalogue } from '../../stores/catalogue';
import type { IsEarlier } from '../../stores/earlier-backend';
import { isRevokedWhole, type ReceiptOwner } from '../../stores/receipt';
import type { ReceiptBook } from '../../stores/receipts';
import { mayUseSandbox } from '../../stores/reviewers';
import type { UnclaimedPurchaseBook } from '../../stores/unclaimed-purchases';
import type { AppStoreApi } from './api';
import { isHandled, type AppStoreEvent, type HandledType, type Transaction } from './events';
import {
  creditTo,
  isConsumable,
  isOfEarlierBackend,
  isOfOtherKind,
  modeOf,
  receiptIdOf,
  toReversal,
  toRevocation,
} from './sales';

export interface MovementsDeps {
  readonly mode: PaymentsMode;
  readonly receipts: ReceiptBook;
  readonly unclaimed: Pick<UnclaimedPurchaseBook, 'keep'>;
  readonly catalogue: Catalogue;
  /** Absent where there was no earlier backend. */
  readonly isEarlier?: IsEarlier;
  /** Undefined when we tell Apple nothing about consumption. */
  readonly api: Pick<AppStoreApi, 'sendConsumption'> | undefined;
}

/**
 * Takes a notification into the receipt of its purchase, and returns all that the purchase has ever
 * moved.
 * @throws Unusable when the purchase is missing, unreadable or cannot be credited.
 * @throws Unavailable when Firestore or Apple's API does not answer.
 */
export async function readMovements(
  event: AppStoreEvent,
  deps: MovementsDeps,
): Promise<readonly Movement[]> {
  const { type, transaction } = event;
  if (!isHandled(type)) return [];
  if (transaction === null) throw new Unusable('The notification carries no purchase.');
  if (transaction instanceof Unusable) throw transaction;
  return (await isOurs(transaction, deps)) ? handlers[type](transaction, deps, event) : [];
}

/**
 * Takes a purchase as Apple shows it now into its receipt: its refund, a reversal that we have not
 * heard of, and its credit, which is made when there is none. Returns and throws as `readMovements`.
 */
export async function readPresent(
  transaction: Transaction,
  proof: string,
  deps: MovementsDeps,
): Promise<readonly Movement[]> {
  if (!(await isOurs(transaction, deps))) return [];
  const revocation = toRevocation(transaction);
  if (revocation !== null) {
    const receipt = await deps.receipts.revoke(receiptIdOf(transaction), revocation);
    if (receipt.movements.length > 0 || isRevokedWhole(receipt)) return receipt.movements;
  }
  return credit(transaction, deps, { proof });
}

/** @throws Unusable when the kind of the product is unknown. */
async function isOurs(
  transaction: Transaction,
  { receipts, isEarlier = () => false }: MovementsDeps,
): Promise<boolean> {
  if (isOfOtherKind(transaction)) return false;
  if (!isConsumable(transaction)) {
    throw new Unusable('The type of the purchased product is unknown.');
  }
  return !(await isOfEarlierBackend(transaction, receipts, isEarlier));
}

type Handler = (
  transaction: Transaction,
  deps: MovementsDeps,
  event: AppStoreEvent,
) => Promise<readonly Movement[]>;

const handlers: Readonly<Record<HandledType, Handler>> = {
  ONE_TIME_CHARGE: credit,
  REFUND: refund,
  REFUND_REVERSED: reverseRefund,
  CONSUMPTION_REQUEST: sendConsumption,
};

/**
 * Credits a purchase whose buyer is known from its receipt or from an earlier purchase. That of an
 * unknown buyer is kept until a call of the app says whose it is.
 */
async function credit(
  transaction: Transaction,
  { mode, receipts, unclaimed, catalogue }: MovementsDeps,
  { proof }: Pick<AppStoreEvent, 'proof'>,
): Promise<readonly Movement[]> {
  const receiptId = receiptIdOf(transaction);
  const { appAccountToken: accountToken, signedDate: reportedAt } = transaction;
  const known = (await receipts.find(receiptId))?.owner;
  const owner = known ?? (await findBuyer(receipts, accountToken));
  if (owner === undefined) {
    if (proof !== null) await unclaimed.keep({ receiptId, accountToken, proof, reportedAt });
    return [];
  }
  if (modeOf(transaction) === 'test' && !mayUseSandbox(owner.uid, mode)) return [];
  return creditTo(owner, transaction, receipts, catalogue, mode);
}

async function findBuyer(
  receipts: ReceiptBook,
  accountToken: string | null,
): Promise<ReceiptOwner | undefined> {
  if (accountToken === null) return undefined;
  const uid = await receipts.uidOf(accountToken);
  return uid === undefined ? undefined : { uid, accountToken };
}

async function refund(
  transaction: Transaction,
  { receipts }: MovementsDeps,
  { id, type }: AppStoreEvent,
): Promise<readonly Movement[]> {
  if (transaction.revocationDate === null) throw new Unusable('The purchase shows no refund.');
  const revocation = toRevocation(transaction);
  if (revocation === null) return [];
  const { movements } = await receipts.revoke(receiptIdOf(transaction), revocation);
  if (movements.length === 0) {
    log.warn('a refund of a purchase that was never credited', { event_id: id, event_type: type });
  }
  return movements;
}

/** The app has finished a purchase that was refunded before its credit, so it is credited here. */
async function reverseRefund(
  transaction: Transaction,
  deps: MovementsDeps,
  event: AppStoreEvent,
): Promise<readonly Movement[]> {
  const reversal = toReversal(transaction);
  const { movements } = await deps.receipts.revoke(receiptIdOf(transaction), reversal);
  return movements.length === 0 ? credit(transaction, deps, event) : movements;
}

async function sendConsumption(
  transaction: Transaction,
  { receipts, api }: MovementsDeps,
): Promise<readonly Movement[]> {
  if (api === undefined) return [];
  const receipt = await receipts.find(receiptIdOf(transaction));
  const movements = receipt?.movements ?? [];
  await api.sendConsumption(transaction, movements.length > 0);
  return movements;
}
