import {
  Timestamp,
  type DocumentData,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
  type QueryDocumentSnapshot,
} from '../firestore/client';
import { BeyondBounds, Unavailable, Unusable } from '../errors';
import { PAYMENT_LOCKS, PAYMENTS, VOIDED_REFUNDS } from '../firestore/collections';
import { tryWrite, withDeadline } from '../firestore/firestore';
import { inGroups } from '../firestore/queries';
import { bookCorrection, type Booking, type KnownPayment } from './booking';
import { rewriteLock } from './payment-lock';
import { toBoundRow, type PaymentRow } from './payment-row';
import { ledgerQueries } from './queries';

/** A row that belongs to a payment. */
export type Correction = PaymentRow & { readonly parentId: string };

/** The result: the row that was written, or that was there before, or neither. */
export interface BookedCorrection {
  readonly written?: { readonly row: PaymentRow; readonly version: Timestamp };
  readonly stored?: DocumentSnapshot;
}

/** Each try that is overtaken means that another correction of the payment was booked. */
const MOST_TRIES = 30;

/** Documents that a correction is decided by, in one state. */
interface PaymentState {
  readonly stored: DocumentSnapshot;
  readonly lock: DocumentSnapshot;
  readonly known: Omit<KnownPayment, 'expectedCents'>;
}

/**
 * Writes corrections. All corrections of a payment rewrite one lock document together with their row,
 * each on the condition that it has not changed since the rows were read. So two that are recorded at
 * once never count the same money. A transaction would hold locks of Firestore instead, for which
 * others wait seconds.
 */
export class Corrections {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * @param expectedCents see `newCents`.
   * @param toDocument the document of a new row.
   * @throws Conflict, BeyondBounds and TooEarly as `bookCorrection`, and Unusable as `toBoundRow`.
   * @throws Unavailable when Firestore does not answer, or other corrections of the payment always
   *   come first.
   */
  async write(
    row: Correction,
    expectedCents: number,
    toDocument: (row: PaymentRow) => DocumentData,
  ): Promise<BookedCorrection> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { stored, lock, known } = await this.#read(row);
      if (stored.exists) return { stored };
      const booking = await this.#decide(row, { ...known, expectedCents }, lock);
      if (booking === 'again') continue;
      if (booking.kind === 'nothing') return {};
      if (booking.kind === 'void') {
        // The next turn sees a refund that was booked in the meantime. None is booked afterwards.
        await tryWrite(this.#voided(row).create(voidedRefund(row)));
        continue;
      }
      const version = await this.#create(booking.row, toDocument(booking.row), lock);
      if (version !== undefined) return { written: { row: booking.row, version } };
    }
    throw new Unavailable('Other corrections of the payment were always booked first.');
  }

  /**
   * The documents of a payment are not read at one moment. A write that was decided by them fails on
   * the lock; a refusal is believed only if nothing was booked in the meantime. Otherwise the same
   * correction, booked by another event just then, would leave no room for itself.
   */
  async #decide(
    row: Correction,
    known: KnownPayment,
    lock: DocumentSnapshot,
  ): Promise<Booking | 'again'> {
    try {
      return bookCorrection(row, known);
    } catch (error) {
      if (!(error instanceof BeyondBounds)) throw error;
      const [stored, now] = await this.#getAll(this.#payment(row.paymentId), lock.ref);
      if (!stored.exists && isSameVersion(now, lock)) throw error;
      return 'again';
    }
  }

  async #read(row: Correction): Promise<PaymentState> {
    const [stored, parent, voided, ownLock] = await this.#getAll(
      this.#payment(row.paymentId),
      this.#payment(row.parentId),
      this.#voided(row),
      this.#lock(row.parentId),
    );
    const isNew = parent.exists && !stored.exists;
    // The lock is read before the rows, so a row that is missed changes it.
    const [root, lock] = isNew ? await this.#rootOf(parent, ownLock) : [parent, ownLock];
    const owner: unknown = root.get('uid');
    const known = {
      owner: parent.exists ? (owner ?? null) : undefined,
      rows: isNew ? await this.#rowsOf(root) : [],
      isVoided: voided.exists,
    };
    return { stored, lock, known };
  }

  /** The payment that `parent` is, or corrects, and its lock. */
  async #rootOf(
    parent: DocumentSnapshot,
    ownLock: DocumentSnapshot,
  ): Promise<[root: DocumentSnapshot, lock: DocumentSnapshot]> {
    const rootId: unknown = parent.get('parent_id');
    if (typeof rootId !== 'string') return [parent, ownLock];
    const [root, lock] = await this.#getAll(this.#payment(rootId), this.#lock(rootId));
    if (root.exists) return [root, lock];
    throw new Unusable('The row it corrects is a correction without a payment.');
  }

  /** What the payment has brought, its corrections, and what failed of these. */
  async #rowsOf(root: DocumentSnapshot): Promise<KnownPayment['rows']> {
    const corrections = await this.#correctionsOf([root.id]);
    const failed = await this.#correctionsOf(corrections.map(({ id }) => id));
    return [root, ...corrections, ...failed].map((row) => toBoundRow(row.data()));
  }

  async #correctionsOf(paymentIds: readonly string[]): Promise<QueryDocumentSnapshot[]> {
    const found: QueryDocumentSnapshot[] = [];
    for (const some of inGroups(paymentIds)) {
      const query = ledgerQueries.correctionsOf(this.#firestore, some);
      found.push(...(await withDeadline(query.get())).docs);
    }
    return found;
  }

  /** Returns the time of the write; undefined when another report has come first. */
  async #create(
    row: PaymentRow,
    document: DocumentData,
    lock: DocumentSnapshot,
  ): Promise<Timestamp | undefined> {
    const batch = this.#firestore.batch().create(this.#payment(row.paymentId), document);
    rewriteLock(batch, lock, { gateway: row.gateway, last_row: row.paymentId });
    // Deletes nothing: the condition is that the failure of the refund is still unknown.
    if (row.kind === 'refund') batch.delete(this.#voided(row), { exists: false });
    let version: Timestamp | undefined;
    await tryWrite(batch.commit().then(([created]) => (version = created?.writeTime)));
    return version;
  }

  async #getAll<T extends DocumentReference[]>(...documents: [...T]) {
    const found = await withDeadline(this.#firestore.getAll(...documents));
    return found as { [K in keyof T]: DocumentSnapshot };
  }

  #payment(paymentId: string): DocumentReference {
    return this.#firestore.collection(PAYMENTS).doc(paymentId);
  }

  #lock(paymentId: string): DocumentReference {
    return this.#firestore.collection(PAYMENT_LOCKS).doc(paymentId);
  }

  /** The mark of a refund that failed before it was booked; for the refund and for its failure. */
  #voided({ kind, paymentId, parentId }: Correction | PaymentRow): DocumentReference {
    const refundId = kind === 'refund_failed' && parentId !== null ? parentId : paymentId;
    return this.#firestore.collection(VOIDED_REFUNDS).doc(refundId);
  }
}

function isSameVersion(
  { updateTime: one }: DocumentSnapshot,
  { updateTime: other }: DocumentSnapshot,
) {
  return one === undefined || other === undefined ? one === other : one.isEqual(other);
}

function voidedRefund({ gateway, occurredAt }: PaymentRow): DocumentData {
  return { gateway, failed_at: Timestamp.fromDate(occurredAt) };
}
