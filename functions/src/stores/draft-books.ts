import type { PendingPurchaseBook } from './pending-purchases';
import {
  claimReceipt,
  creditReceipt,
  revokeReceipt,
  unknownReceipt,
  type Receipt,
  type ReceiptOwner,
  type Revocation,
  type Sale,
} from './receipt';
import type { ReceiptBook } from './receipts';
import type { UnclaimedPurchaseBook } from './unclaimed-purchases';

/**
 * Receipts that are read from their book, and whose changes stay in memory: a report sees what a
 * purchase would move, and Firestore keeps what it has. The rules and the errors are the book's.
 */
export class DraftReceipts implements ReceiptBook {
  readonly #book: Pick<ReceiptBook, 'find' | 'uidOf'>;
  readonly #changed = new Map<string, Receipt>();

  constructor(book: Pick<ReceiptBook, 'find' | 'uidOf'>) {
    this.#book = book;
  }

  claim(receiptId: string, owner: ReceiptOwner): Promise<Receipt> {
    return this.#change(receiptId, (receipt) => claimReceipt(receipt, owner));
  }

  credit(receiptId: string, sale: Sale): Promise<Receipt> {
    return this.#change(receiptId, (receipt) => creditReceipt(receipt, sale));
  }

  revoke(receiptId: string, revocation: Revocation, owner?: ReceiptOwner): Promise<Receipt> {
    return this.#change(receiptId, (receipt) => {
      const own = owner === undefined ? receipt : claimReceipt(receipt, owner);
      return revokeReceipt(own, revocation);
    });
  }

  async find(receiptId: string): Promise<Receipt | undefined> {
    return this.#changed.get(receiptId) ?? (await this.#book.find(receiptId));
  }

  async uidOf(accountToken: string): Promise<string | undefined> {
    const owners = [...this.#changed.values()].map(({ owner }) => owner);
    const drafted = owners.find((owner) => owner?.accountToken === accountToken);
    return drafted?.uid ?? (await this.#book.uidOf(accountToken));
  }

  async #change(receiptId: string, change: (receipt: Receipt) => Receipt): Promise<Receipt> {
    const receipt = change((await this.find(receiptId)) ?? unknownReceipt);
    this.#changed.set(receiptId, receipt);
    return receipt;
  }
}

/** Work that a report would leave to the schedule is not written down. */
export const draftPending: Pick<PendingPurchaseBook, 'open' | 'close'> = {
  open: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** A purchase of an unknown user is not kept by a report. */
export const draftUnclaimed: Pick<UnclaimedPurchaseBook, 'keep'> = {
  keep: () => Promise.resolve(),
};
