import {
  Timestamp,
  type DocumentData,
  type DocumentReference,
  type Firestore,
} from 'firebase-admin/firestore';
import { Conflict, TooEarly, Unusable } from '../errors';
import { createOnce, withDeadline } from '../firestore/firestore';
import { ERASED, sameOwner } from '../ids';
import { isSameMovement, paymentRow, type PaymentRow } from './payment-row';
import { ledgerQueries } from './queries';
import { accountDeletedFault } from './sync-fault';
import { PAYMENTS } from '../firestore/collections';

/** A row that was just written, with the version that later updates expect. */
export interface RecordedRow extends PaymentRow {
  readonly version: Timestamp;
}

/** The result of recording a movement. */
export interface RecordResult {
  /** The row's owner now: a row that existed may have been erased since. */
  readonly uid: string;
  /** The row that was written; undefined when it existed, or when the total has nothing new. */
  readonly written: RecordedRow | undefined;
  /** The row is of a deleted account, so there is no balance that it could change. */
  readonly isOwnerless: boolean;
}

/** Writes payment rows. A row is created once and never edited here. */
export class Ledger {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Writes the row unless it exists. A row of a deleted account is never due.
   * @param leaseMs how long only the caller pushes the row; afterwards the schedule does.
   * @throws Conflict when the payment id belongs to another movement.
   * @throws Unavailable when Firestore does not answer; the row may have been written.
   */
  async record(row: PaymentRow, now: Date, leaseMs: number): Promise<RecordResult> {
    if (row.isTotal) {
      return toResult(row, await this.#recordTotal(row, now, leaseMs));
    }
    const document = this.#document(row.paymentId);
    const version = await createOnce(document, newDocumentOf(row, now, leaseMs));
    if (version === undefined) return this.#compare(row, document);
    return toResult(row, { ...row, version });
  }

  /**
   * Writes the difference between a total and the rows that exist; nothing when there is none. Two
   * totals at once cannot count the same money twice: the transaction of the slower one runs again.
   */
  async #recordTotal(
    total: PaymentRow,
    now: Date,
    leaseMs: number,
  ): Promise<RecordedRow | undefined> {
    const { parentId, paymentId, kind } = total;
    if (parentId === null) throw new Unusable('A total is of corrections, and names no payment.');
    const written = this.#firestore.runTransaction(async (transaction) => {
      const rows = await transaction.get(ledgerQueries.correctionsOf(this.#firestore, parentId));
      const counted = rows.docs
        .filter((stored) => stored.get('kind') === kind)
        .reduce((cents, stored) => cents + Number(stored.get('amount')), 0);
      const amountCents = total.amountCents - counted;
      if (amountCents === 0 || amountCents < 0 !== total.amountCents < 0) return undefined;
      const row = { ...total, amountCents };
      transaction.create(this.#document(paymentId), newDocumentOf(row, now, leaseMs));
      return row;
    });
    const row = await withDeadline(written);
    if (row === undefined) return undefined;
    const { updateTime } = await withDeadline(this.#document(paymentId).get());
    if (updateTime === undefined) throw new Error('a row that was just written is not there');
    return { ...row, version: updateTime };
  }

  /**
   * Reads a row; undefined when there is none with this payment id.
   * @throws Unavailable when Firestore does not answer.
   */
  async find(paymentId: string): Promise<PaymentRow | undefined> {
    const stored = await withDeadline(this.#document(paymentId).get());
    return stored.exists ? paymentRow.parse(stored.data()) : undefined;
  }

  /**
   * The owner of a row. A correction has the owner of its payment, also where one of the two uids was
   * erased and the other was not.
   * @throws TooEarly when there is no such payment yet.
   * @throws Conflict when the payment is another user's.
   */
  async ownerOf({ parentId, uid }: PaymentRow): Promise<string> {
    if (parentId === null) return uid;
    const parent = await withDeadline(this.#document(parentId).get());
    if (!parent.exists) throw new TooEarly('The payment it corrects is not in the ledger yet.');
    const owner: unknown = parent.get('uid');
    if (typeof owner === 'string' && sameOwner(owner, uid)) return owner;
    throw new Conflict("The payment it corrects is another user's.");
  }

  async #compare(row: PaymentRow, document: DocumentReference): Promise<RecordResult> {
    const stored = await withDeadline(document.get());
    if (stored.exists && isSameMovement(row, stored.data() ?? {})) {
      const isOwnerless = stored.get('sync_error.outcome') === accountDeletedFault.outcome;
      return { uid: String(stored.get('uid')), written: undefined, isOwnerless };
    }
    throw new Conflict('The payment id is taken by a movement of another uid, amount or gateway.');
  }

  #document(paymentId: string): DocumentReference {
    return this.#firestore.collection(PAYMENTS).doc(paymentId);
  }
}

function toResult({ uid }: PaymentRow, written: RecordedRow | undefined): RecordResult {
  return { uid, written, isOwnerless: uid === ERASED && written !== undefined };
}

/** A new row is leased to its creator, who pushes it at once; a row without an owner is never due. */
function newDocumentOf(row: PaymentRow, now: Date, leaseMs: number): DocumentData {
  return {
    ...paymentRow.encode(row),
    created_at: Timestamp.fromDate(now),
    is_synced: false,
    sync_attempts: 0,
    ...(row.uid === ERASED
      ? { sync_error: accountDeletedFault }
      : { next_sync_at: Timestamp.fromMillis(now.getTime() + leaseMs) }),
  };
}
