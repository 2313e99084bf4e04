import { Timestamp, type DocumentReference, type Firestore } from 'firebase-admin/firestore';
import { Conflict, TooEarly } from '../errors';
import { answered, grpc, grpcCode } from '../firestore';
import { documentOf, PAYMENTS, sameMovement, storedRow, type PaymentRow } from './payment-row';

/** A row as it was written, with the version that later updates are held against. */
export interface RecordedRow extends PaymentRow {
  readonly version: Timestamp;
}

/** Writes payment rows. A row is created once; nothing here edits one. */
export class Ledger {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Writes the row, unless it is there already: then nothing is written and nothing returned.
   * @param leaseMs how long the row is its creator's to push; afterwards it is the schedule's.
   * @throws Conflict when the payment id stands for another movement.
   * @throws Unavailable when Firestore does not answer; the row may have been written.
   */
  async record(row: PaymentRow, now: Date, leaseMs: number): Promise<RecordedRow | undefined> {
    const document = this.#document(row.paymentId);
    const write = document.create({
      ...documentOf(row),
      created_at: Timestamp.fromDate(now),
      is_synced: false,
      sync_attempts: 0,
      next_sync_at: Timestamp.fromMillis(now.getTime() + leaseMs),
    });
    try {
      const { writeTime } = await answered(write);
      return { ...row, version: writeTime };
    } catch (error) {
      if (grpcCode(error) !== grpc.alreadyExists) throw error;
      await this.#compare(row, document);
      return undefined;
    }
  }

  /**
   * What is written down under this payment id.
   * @throws Unavailable when Firestore does not answer.
   */
  async find(paymentId: string): Promise<PaymentRow | undefined> {
    const stored = await answered(this.#document(paymentId).get());
    return stored.exists ? storedRow.parse(stored.data()) : undefined;
  }

  /**
   * Holds a correction against the payment it corrects.
   * @throws TooEarly when there is no such row yet.
   * @throws Conflict when the row is another user's.
   */
  async expectParent({ parentId, uid }: PaymentRow): Promise<void> {
    if (parentId === null) return;
    const parent = await answered(this.#document(parentId).get());
    if (!parent.exists) throw new TooEarly('The payment it corrects is not in the ledger yet.');
    if (parent.get('uid') !== uid) throw new Conflict("The payment it corrects is another user's.");
  }

  async #compare(row: PaymentRow, document: DocumentReference): Promise<void> {
    const stored = (await answered(document.get())).data();
    if (stored !== undefined && sameMovement(row, stored)) return;
    throw new Conflict('The payment id is taken by a movement of another uid, amount or gateway.');
  }

  #document(paymentId: string): DocumentReference {
    return this.#firestore.collection(PAYMENTS).doc(paymentId);
  }
}
