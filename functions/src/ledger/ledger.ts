import {
  Timestamp,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
} from '../firestore/client';
import { Conflict } from '../errors';
import { PAYMENTS } from '../firestore/collections';
import { createOnce, withDeadline } from '../firestore/firestore';
import { ERASED } from '../ids';
import { signedDecimalOf } from '../money';
import { toGrowth } from './booking';
import { Corrections, type Correction } from './corrections';
import { ledgerQueries } from './queries';
import { newDocumentOf } from './new-row';
import { isSameMovement, toBoundRow, type PaymentRow } from './payment-row';
import { accountDeletedFault } from './sync-fault';

/** A row that the caller pushes at once, with the version that later updates expect. */
export interface RecordedRow extends PaymentRow {
  readonly version: Timestamp;
  /** An earlier push may have been applied. */
  readonly mayBeApplied?: boolean;
}

/** The result of recording a movement. */
export interface RecordResult {
  /** The row's user now: a row that existed may have been erased since. */
  readonly uid: string;
  /** Whether the row was written now. */
  readonly isNew: boolean;
  /**
   * The row, when the caller must push it: it was written now, or it was found unsynced after the
   * lease of its writer.
   */
  readonly due: RecordedRow | undefined;
  /** The row is of a deleted account, so there is no balance that it could change. */
  readonly isOwnerless: boolean;
}

/** Writes payment rows. A row is created once and never edited here. */
export class Ledger {
  readonly #firestore: Firestore;
  readonly #corrections: Corrections;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
    this.#corrections = new Corrections(firestore);
  }

  /**
   * Writes the row unless it exists. A row of a deleted account is never due. A payment is written
   * with one create; a correction is compared with its payment first.
   * @param leaseMs how long only the caller pushes the row; afterwards the schedule does.
   * @param expectedCents see `newCents`.
   * @throws Conflict when the payment id belongs to another movement, or the row corrects a payment
   *   of another user.
   * @throws BeyondBounds when the payment has no room for the correction.
   * @throws TooEarly when the payment that it corrects is not booked yet.
   * @throws Unusable when a person has to mend a row of the payment first.
   * @throws Unavailable when Firestore does not answer; the row may have been written.
   */
  async record(
    row: PaymentRow,
    now: Date,
    leaseMs: number,
    expectedCents = 0,
  ): Promise<RecordResult> {
    if (isCorrection(row)) return this.#recordCorrection(row, now, leaseMs, expectedCents);
    const document = this.#document(row.paymentId);
    const version = await createOnce(document, newDocumentOf(row, now, leaseMs));
    if (version !== undefined) return newResult(row, version);
    const stored = await withDeadline(document.get());
    if (row.isTotal !== true || isSame(row, stored)) return knownResult(row, stored, now, leaseMs);
    return this.#recordCorrection(toGrowth(row), now, leaseMs, expectedCents);
  }

  /**
   * Reads what a payment has brought so far, in US cents. Undefined when it is not booked.
   * @throws Unusable when a person has to mend a row of the payment first.
   * @throws Unavailable when Firestore does not answer.
   */
  async paidCents(paymentId: string): Promise<number | undefined> {
    const [payment, corrections] = await withDeadline(
      Promise.all([
        this.#document(paymentId).get(),
        ledgerQueries.correctionsOf(this.#firestore, [paymentId]).get(),
      ]),
    );
    if (!payment.exists) return undefined;
    return [payment, ...corrections.docs]
      .map((row) => toBoundRow(row.data()))
      .filter(({ kind }) => kind === 'payment')
      .reduce((cents, { amountCents }) => cents + amountCents, 0);
  }

  async #recordCorrection(
    row: Correction,
    now: Date,
    leaseMs: number,
    expectedCents: number,
  ): Promise<RecordResult> {
    const { written, stored } = await this.#corrections.write(row, expectedCents, (booked) =>
      newDocumentOf(booked, now, leaseMs),
    );
    if (written !== undefined) return newResult(written.row, written.version);
    if (stored !== undefined) return knownResult(row, stored, now, leaseMs);
    return { uid: row.uid, isNew: false, due: undefined, isOwnerless: false };
  }

  #document(paymentId: string): DocumentReference {
    return this.#firestore.collection(PAYMENTS).doc(paymentId);
  }
}

function isCorrection(row: PaymentRow): row is Correction {
  return row.parentId !== null;
}

function newResult(row: PaymentRow, version: Timestamp): RecordResult {
  const isOwnerless = row.uid === ERASED;
  return {
    uid: row.uid,
    isNew: true,
    due: isOwnerless ? undefined : { ...row, version },
    isOwnerless,
  };
}

function isSame(row: PaymentRow, stored: DocumentSnapshot): boolean {
  return stored.exists && isSameMovement(row, stored.data() ?? {});
}

/**
 * The result for a row that existed. The caller pushes it when the lease of its writer is over, or when
 * the caller itself wrote it and only the answer was lost.
 */
function knownResult(
  row: PaymentRow,
  stored: DocumentSnapshot,
  now: Date,
  leaseMs: number,
): RecordResult {
  // The row says what a total has added.
  const told = row.isTotal ? { ...row, amountCents: Number(stored.get('amount')) } : row;
  if (!isSame(told, stored)) {
    throw new Conflict(complaint(told, stored));
  }
  const uid = String(stored.get('uid'));
  const isOwnerless = stored.get('sync_error.outcome') === accountDeletedFault.outcome;
  return { uid, isNew: false, due: dueAgain(row, uid, stored, now, leaseMs), isOwnerless };
}

/** Both sides of a difference, but for the users. */
function complaint(row: PaymentRow, stored: DocumentSnapshot): string {
  const amount: unknown = stored.get('amount');
  if (stored.get('gateway') !== row.gateway) return 'The payment id is taken by another gateway.';
  if (amount === row.amountCents) return "The payment id is taken by another user's movement.";
  const booked = Number.isSafeInteger(amount)
    ? `${signedDecimalOf(Number(amount))} USD`
    : 'no amount';
  return `The gateway reports ${signedDecimalOf(row.amountCents)} USD, and the row has ${booked}.`;
}

function dueAgain(
  row: PaymentRow,
  uid: string,
  stored: DocumentSnapshot,
  now: Date,
  leaseMs: number,
): RecordedRow | undefined {
  const version = stored.updateTime;
  const nextSyncAt: unknown = stored.get('next_sync_at');
  if (version === undefined || uid === ERASED || !(nextSyncAt instanceof Timestamp)) {
    return undefined;
  }
  const dueMs = nextSyncAt.toMillis();
  const isOwn = createdMs(stored) === now.getTime() && dueMs === now.getTime() + leaseMs;
  if (dueMs > now.getTime() && !isOwn) return undefined;
  const amountCents = Number(stored.get('amount'));
  return { ...row, uid, amountCents, version, mayBeApplied: stored.get('may_be_applied') === true };
}

function createdMs(stored: DocumentSnapshot): number | undefined {
  const createdAt: unknown = stored.get('created_at');
  return createdAt instanceof Timestamp ? createdAt.toMillis() : undefined;
}
