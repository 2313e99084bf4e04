import type { DocumentReference, DocumentSnapshot, Firestore } from 'firebase-admin/firestore';
import { Unavailable } from '../errors';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { storeQueries } from './queries';
import {
  claimed,
  credited,
  revoked,
  unknownReceipt,
  type Receipt,
  type ReceiptOwner,
  type Revocation,
  type Sale,
} from './receipt';
import { fromDocument, toDocument } from './receipt-document';
import { RECEIPTS } from '../firestore/collections';

/** More than reports of one purchase arrive together. */
const MOST_ROUNDS = 50;

/**
 * The receipts of one store. Every change is of one document as it was read, so that reports which
 * arrive together are taken in one after the other; each returns the receipt as it is then, whose
 * `movements` are all that it ever moved. Hand all of them to the pipeline: rows that are there already
 * stay, and one that a crash has left out is written by the next report.
 *
 * All throw Unavailable when Firestore does not answer; a change may then have been made, and is
 * made again harmlessly.
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
   * Binds a receipt to a user without crediting anything: a purchase that is still pending.
   * @throws Conflict when it is another user's.
   */
  claim(receiptId: string, owner: ReceiptOwner): Promise<Receipt> {
    return this.#change(receiptId, (receipt) => claimed(receipt, owner));
  }

  /**
   * Credits a sale once. No movements come of it when it was refunded before it was credited.
   * @throws Conflict when the receipt is another user's.
   */
  credit(receiptId: string, sale: Sale): Promise<Receipt> {
    return this.#change(receiptId, (receipt) => credited(receipt, sale));
  }

  /**
   * Takes in how much of a sale is refunded; for one that was never credited, as a tombstone.
   * @param owner who says so; left out, the store does.
   * @throws Conflict when the receipt is another user's: nothing is taken in then.
   */
  revoke(receiptId: string, revocation: Revocation, owner?: ReceiptOwner): Promise<Receipt> {
    return this.#change(receiptId, (receipt) => {
      return revoked(owner === undefined ? receipt : claimed(receipt, owner), revocation);
    });
  }

  /** The receipt as it is; undefined when nobody has spoken of it. */
  async find(receiptId: string): Promise<Receipt | undefined> {
    const stored = await withDeadline(this.#document(receiptId).get());
    return stored.exists ? fromDocument(stored.data()) : undefined;
  }

  /** The user whom a store calls by this token, known from what they claimed before. */
  async uidOf(accountToken: string): Promise<string | undefined> {
    const query = storeQueries.receiptsOfAccount(this.#firestore, accountToken);
    const found = (await withDeadline(query.limit(1).get())).docs[0];
    return found && fromDocument(found.data()).owner?.uid;
  }

  /**
   * Writes against the version that was read, and reads again when somebody was faster. Of all who
   * come together one gets through each time, and most of the others then find nothing left to
   * change; a transaction would make each of them wait for the locks of the ones before.
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

/** False when somebody has changed the receipt since it was read. */
async function isWritten(stored: DocumentSnapshot, receipt: Receipt): Promise<boolean> {
  const { ref, updateTime } = stored;
  if (updateTime === undefined) return (await createOnce(ref, toDocument(receipt))) !== undefined;
  return tryWrite(ref.update(toDocument(receipt), { lastUpdateTime: updateTime }));
}

/** What a gateway uses of the receipts. */
export type ReceiptBook = Pick<Receipts, keyof Receipts>;

export function openReceipts(gateway: string): ReceiptBook {
  return new Receipts(openFirestore(), gateway);
}
