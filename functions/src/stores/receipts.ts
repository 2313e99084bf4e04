import type { DocumentReference, DocumentSnapshot, Firestore } from '../firestore/client';
import { Unavailable } from '../errors';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { storeQueries } from './queries';
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
import { fromDocument, toDocument } from './receipt-document';
import { RECEIPTS } from '../firestore/collections';

/** More rounds than one purchase has reports at a time. */
const MOST_ROUNDS = 50;

/**
 * The receipts of one store. Every change holds only for the version that was read, so reports that
 * arrive together are taken in one after the other. Each method returns the receipt after its change;
 * the receipt has all movements so far. Hand all of them to the pipeline: rows that exist stay as
 * they are, and a row that a crash prevented is written with the next report.
 *
 * All methods throw Unavailable when Firestore does not answer. The change may then have been made;
 * making it again is harmless.
 */
export class Receipts {
  readonly #firestore: Firestore;
  readonly #gateway: string;

  /** @param gateway the folder's name. */
  constructor(firestore: Firestore, gateway: string) {
    this.#firestore = firestore;
    this.#gateway = gateway;
  }

  /**
   * Binds a receipt to a user without a credit, while the purchase is still pending.
   * @throws Conflict when it is another user's.
   */
  claim(receiptId: string, owner: ReceiptOwner): Promise<Receipt> {
    return this.#change(receiptId, (receipt) => claimReceipt(receipt, owner));
  }

  /**
   * Credits a sale once. A sale that was refunded whole before its credit gives no movements.
   * @throws Conflict when the receipt is another user's.
   */
  credit(receiptId: string, sale: Sale): Promise<Receipt> {
    return this.#change(receiptId, (receipt) => creditReceipt(receipt, sale));
  }

  /**
   * Takes in how much of a sale is refunded, also of a sale that was never credited.
   * @param owner the user whose proof says so; absent when the store itself says so.
   * @throws Conflict when the receipt is another user's; nothing is taken in then.
   */
  revoke(receiptId: string, revocation: Revocation, owner?: ReceiptOwner): Promise<Receipt> {
    return this.#change(receiptId, (receipt) => {
      return revokeReceipt(
        owner === undefined ? receipt : claimReceipt(receipt, owner),
        revocation,
      );
    });
  }

  /** Undefined when there is no such receipt. */
  async find(receiptId: string): Promise<Receipt | undefined> {
    const stored = await withDeadline(this.#document(receiptId).get());
    return stored.exists ? fromDocument(stored.data()) : undefined;
  }

  /** The uid behind an account token; undefined for a user who has claimed nothing so far. */
  async uidOf(accountToken: string): Promise<string | undefined> {
    const query = storeQueries.receiptsOfAccount(this.#firestore, accountToken);
    const found = (await withDeadline(query.limit(1).get())).docs[0];
    return found && fromDocument(found.data()).owner?.uid;
  }

  /**
   * Writes only to the version that was read, and reads again when the receipt has changed. Of
   * several changes at once one gets through in each round, and most of the others then find nothing
   * left to change. In a transaction each would wait for the locks of the others.
   */
  async #change(receiptId: string, change: (receipt: Receipt) => Receipt): Promise<Receipt> {
    const document = this.#document(receiptId);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const stored = await withDeadline(document.get());
      const receipt = stored.exists ? fromDocument(stored.data()) : unknownReceipt;
      const changed = change(receipt);
      if (changed === receipt || (await isWritten(stored, changed))) return changed;
    }
    throw new Unavailable('Too many changes of one receipt at once.');
  }

  #document(receiptId: string): DocumentReference {
    return this.#firestore.collection(RECEIPTS).doc(`${this.#gateway}_${receiptId}`);
  }
}

/** False when the receipt has changed since it was read. */
async function isWritten(stored: DocumentSnapshot, receipt: Receipt): Promise<boolean> {
  const { ref, updateTime } = stored;
  if (updateTime === undefined) return (await createOnce(ref, toDocument(receipt))) !== undefined;
  return tryWrite(ref.update(toDocument(receipt), { lastUpdateTime: updateTime }));
}

/** The methods, without the private fields, so that a test can bring its own. */
export type ReceiptBook = Pick<Receipts, keyof Receipts>;

export function openReceipts(gateway: string): ReceiptBook {
  return new Receipts(openFirestore(), gateway);
}
