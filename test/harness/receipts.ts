import {
  claimReceipt,
  creditReceipt,
  revokeReceipt,
  unknownReceipt,
  type Receipt,
} from '../../functions/src/stores/receipt.ts';
import type {
  UnclaimedPurchase,
  UnclaimedPurchaseBook,
} from '../../functions/src/stores/unclaimed-purchases.ts';
import type { ReceiptBook } from '../../functions/src/stores/receipts.ts';

/** Unclaimed purchases without a Firestore, of one store. */
export function memoryUnclaimed(): UnclaimedPurchaseBook {
  const stored = new Map<string, UnclaimedPurchase>();
  return {
    keep: async (purchase) => {
      const { receiptId } = purchase;
      if (!stored.has(receiptId)) stored.set(receiptId, { gateway: 'store', ...purchase });
    },
    of: async (token) => [...stored.values()].filter(({ accountToken }) => accountToken === token),
    close: async (receiptId) => {
      stored.delete(receiptId);
    },
  };
}

/** Receipts without a Firestore: the rules are the real ones, only their storage is not. */
export function memoryReceipts(): ReceiptBook {
  const stored = new Map<string, Receipt>();
  const change = async (id: string, by: (receipt: Receipt) => Receipt): Promise<Receipt> => {
    const changed = by(stored.get(id) ?? unknownReceipt);
    stored.set(id, changed);
    return changed;
  };
  return {
    claim: (id, owner) => change(id, (receipt) => claimReceipt(receipt, owner)),
    credit: (id, sale) => change(id, (receipt) => creditReceipt(receipt, sale)),
    revoke: (id, revocation, owner) =>
      change(id, (receipt) => {
        return revokeReceipt(
          owner === undefined ? receipt : claimReceipt(receipt, owner),
          revocation,
        );
      }),
    find: async (id) => stored.get(id),
    uidOf: async (token) =>
      [...stored.values()].find(({ owner }) => owner?.accountToken === token)?.owner?.uid,
  };
}
