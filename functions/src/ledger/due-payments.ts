import {
  FieldValue,
  Timestamp,
  type Firestore,
  type Query,
  type QueryDocumentSnapshot,
  type DocumentData,
} from '../firestore/client';
import { z } from 'zod';
import { paymentsMode } from '../config/settings';
import { FIRESTORE_PAGE_DEADLINE_MS } from '../config/limits';
import { defineDocument, type FieldValues } from '../firestore/document';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { updateEach } from '../firestore/conditional-updates';
import { ERASED } from '../ids';
import { ledgerQueries } from './queries';
import { leftOutcomes, type SyncFault } from './sync-fault';
import { PAYMENTS } from '../firestore/collections';

/** A field that a person has broken gets a value that no push accepts, so that the row is reported. */
const dueFields = {
  uid: ['uid', z.string().catch('')],
  amountCents: ['amount', z.number().catch(Number.NaN)],
  gateway: ['gateway', z.string().catch('')],
  /** Undefined where a person has written something else. */
  mode: ['mode', paymentsMode.optional().catch(undefined)],
  /** The end of an earlier push is not known: the Retail API may have the transaction. */
  mayBeApplied: ['may_be_applied', z.boolean().catch(false)],
  /** Failed pushes that were the row's own fault. */
  attempts: ['sync_attempts', z.int().catch(0)],
  /** All pushes so far, whatever came of them. */
  tries: ['sync_tries', z.int().catch(0).default(0)],
} as const;

const dueRow = defineDocument(dueFields);

/** The part of a row that a push needs. */
export interface DuePayment extends FieldValues<typeof dueFields> {
  readonly paymentId: string;
  readonly createdAt: Date;
  /** The version that was read; an update of another version is refused. */
  readonly version: Timestamp;
}

/** The decision about a row after a push. */
export type SyncDecision =
  /** @property as the Retail API applied it now, or had it already. */
  | { readonly kind: 'synced'; readonly as: 'applied' | 'duplicate' }
  /** @property retryAt null: no more tries until a person arms the row again. */
  | {
      readonly kind: 'failed';
      readonly retryAt: Date | null;
      readonly fault: SyncFault;
      readonly mayBeApplied: boolean;
    }
  /**
   * The row is not to blame: it stays due, and its attempts are not counted.
   * @property dueAt left out: as it is.
   * @property wasPushed false when the row was claimed and given back.
   */
  | {
      readonly kind: 'kept';
      readonly dueAt?: Date;
      readonly mayBeApplied?: boolean;
      readonly wasPushed?: false;
    };

export interface Decided {
  readonly row: DuePayment;
  readonly decision: SyncDecision;
}

const REARM_PAGE = 300;

/** The rows that wait for a push, and what became of them. */
export class DuePayments {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /** At most `limit` rows that are due, longest due first. */
  page(now: Date, limit: number): Promise<DuePayment[]> {
    return this.#read(ledgerQueries.duePayments(this.#firestore, Timestamp.fromDate(now)), limit);
  }

  /** At most `limit` rows that are due, shortest due first. */
  latest(now: Date, limit: number): Promise<DuePayment[]> {
    return this.#read(ledgerQueries.latestDue(this.#firestore, Timestamp.fromDate(now)), limit);
  }

  /**
   * Takes rows for this sweep alone: until `until` no other sweep finds them due. Returns the rows
   * that no other sweep took first.
   */
  async claim(rows: readonly DuePayment[], until: Date): Promise<DuePayment[]> {
    const fields = { next_sync_at: Timestamp.fromDate(until) };
    const versions = await this.#update(rows, () => fields, FIRESTORE_PAGE_DEADLINE_MS);
    return rows.flatMap((row, index) => {
      const version = versions[index];
      return version === undefined ? [] : [{ ...row, version }];
    });
  }

  /**
   * Writes the decisions. A row that has changed in the meantime stays as it is: another push has
   * synced it, or its push is repeated, which credits nothing twice.
   */
  async decide(decided: readonly Decided[], now: Date, deadlineMs = FIRESTORE_PAGE_DEADLINE_MS) {
    const decisions = new Map(decided.map(({ row, decision }) => [row.paymentId, decision]));
    const rows = decided.map(({ row }) => row);
    const fields = (row: DuePayment) => {
      const decision = decisions.get(row.paymentId);
      if (decision === undefined) throw new Error('every row has its decision');
      return toFields(decision, now, row.tries + 1);
    };
    await this.#update(rows, fields, deadlineMs);
  }

  /**
   * Names of rows that no sweep finds, as a person has written something else than a time into
   * `next_sync_at`; one at either end of the queue.
   */
  async misdated(): Promise<string[]> {
    const ends = [ledgerQueries.firstDue(this.#firestore), ledgerQueries.lastDue(this.#firestore)];
    const found = await Promise.all(ends.map((query) => withDeadline(query.get())));
    const rows = found.flatMap(({ docs }) => docs);
    const misdated = rows.filter((row) => !(row.get('next_sync_at') instanceof Timestamp));
    return [...new Set(misdated.map(({ id }) => id))];
  }

  /**
   * Makes every row due that the Retail API has refused, unless its account was deleted: no balance is
   * left that would take it. Returns how many there were.
   * @throws Unavailable when Firestore does not answer.
   */
  async rearm(now: Date): Promise<number> {
    const query = ledgerQueries.refused(this.#firestore, leftOutcomes).limit(REARM_PAGE);
    let armed = 0;
    for (let { docs } = await withDeadline(query.get()); docs.length > 0;) {
      const rows = docs.map(fromDocument).filter(({ uid }) => uid !== ERASED);
      await this.#update(rows, () => armedAt(now), FIRESTORE_PAGE_DEADLINE_MS);
      armed += rows.length;
      const last = docs.at(-1);
      if (docs.length < REARM_PAGE || last === undefined) break;
      ({ docs } = await withDeadline(query.startAfter(last).get()));
    }
    return armed;
  }

  /**
   * Makes one row due that the Retail API has refused. False when there is no such row, when it was not
   * refused, or when its account was deleted.
   * @throws Unavailable when Firestore does not answer.
   */
  async rearmOne(paymentId: string, now: Date): Promise<boolean> {
    const stored = await withDeadline(this.#firestore.collection(PAYMENTS).doc(paymentId).get());
    const { id, createTime, updateTime } = stored;
    if (createTime === undefined || updateTime === undefined) return false;
    if (!leftOutcomes.includes(String(stored.get('sync_error.outcome')))) return false;
    const row = fromDocument({ id, createTime, updateTime, data: () => stored.data() ?? {} });
    if (row.uid === ERASED) return false;
    const written = await this.#update([row], () => armedAt(now), FIRESTORE_PAGE_DEADLINE_MS);
    return written[0] !== undefined;
  }

  async #read(query: Query, limit: number): Promise<DuePayment[]> {
    const found = await withDeadline(query.limit(limit).get());
    return found.docs.map(fromDocument);
  }

  /** An overtaken row was synced by another push, or is tried again by the next sweep. */
  async #update(
    rows: readonly DuePayment[],
    fields: (row: DuePayment) => DocumentData,
    deadlineMs: number,
  ): Promise<(Timestamp | undefined)[]> {
    const payments = this.#firestore.collection(PAYMENTS);
    const updates = rows.map((row) => ({
      document: payments.doc(row.paymentId),
      version: row.version,
      fields: fields(row),
      about: { payment_id: row.paymentId },
    }));
    return updateEach(this.#firestore, updates, deadlineMs);
  }
}

function armedAt(now: Date): DocumentData {
  return { next_sync_at: Timestamp.fromDate(now), sync_error: FieldValue.delete() };
}

function fromDocument(
  document: Pick<QueryDocumentSnapshot, 'id' | 'data' | 'createTime' | 'updateTime'>,
): DuePayment {
  return {
    ...dueRow.parse(document.data()),
    paymentId: document.id,
    createdAt: document.createTime.toDate(),
    version: document.updateTime,
  };
}

function toFields(decision: SyncDecision, now: Date, tries: number): DocumentData {
  switch (decision.kind) {
    case 'synced':
      return {
        is_synced: true,
        synced_at: Timestamp.fromDate(now),
        synced_as: decision.as,
        synced_try: tries,
        next_sync_at: FieldValue.delete(),
        sync_error: FieldValue.delete(),
        may_be_applied: FieldValue.delete(),
      };
    case 'failed':
      return {
        sync_attempts: FieldValue.increment(1),
        sync_tries: tries,
        sync_error: decision.fault,
        next_sync_at: decision.retryAt === null ? FieldValue.delete() : decision.retryAt,
        ...(decision.mayBeApplied && { may_be_applied: true }),
      };
    case 'kept':
      return {
        ...(decision.wasPushed !== false && { sync_tries: tries }),
        ...(decision.dueAt && { next_sync_at: Timestamp.fromDate(decision.dueAt) }),
        ...(decision.mayBeApplied && { may_be_applied: true }),
      };
  }
}

export function openDuePayments(): DuePayments {
  return new DuePayments(openFirestore());
}
