import {
  FieldValue,
  Timestamp,
  type Firestore,
  type Query,
  type QueryDocumentSnapshot,
  type UpdateData,
} from 'firebase-admin/firestore';
import { z } from 'zod';
import { FIRESTORE_PAGE_DEADLINE_MS } from '../config/limits';
import { defineDocument, type FieldValues } from '../firestore/document';
import { withDeadline } from '../firestore/firestore';
import { updateEach } from '../firestore/conditional-updates';
import { ledgerQueries } from './queries';
import type { SyncFault } from './sync-fault';
import { PAYMENTS } from '../firestore/collections';

/** A field that a person has broken gets a value that no push accepts, so that the row is reported. */
const dueFields = {
  uid: ['uid', z.string().catch('')],
  amountCents: ['amount', z.number().catch(Number.NaN)],
  gateway: ['gateway', z.string().catch('')],
  /** Failed pushes, counted only when the row itself was at fault. */
  attempts: ['sync_attempts', z.int().catch(0)],
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
  | { readonly synced: true }
  /** @property retryAt null for no more tries, until a person sets `next_sync_at`. */
  | { readonly synced: false; readonly retryAt: Date | null; readonly fault: SyncFault };

export interface Decided {
  readonly row: DuePayment;
  readonly decision: SyncDecision;
}

/** The rows that wait for a push: reads them, claims them, writes the decisions. */
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
      if (decision === undefined) throw new Error('a row has no decision');
      return toFields(decision, now);
    };
    await this.#update(rows, fields, deadlineMs);
  }

  async #read(query: Query, limit: number): Promise<DuePayment[]> {
    const found = await withDeadline(query.limit(limit).get());
    return found.docs.map(fromDocument);
  }

  /** An overtaken row was synced by another push, or is tried again by the next sweep. */
  async #update(
    rows: readonly DuePayment[],
    fields: (row: DuePayment) => UpdateData<Record<string, unknown>>,
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

function fromDocument(document: QueryDocumentSnapshot): DuePayment {
  return {
    ...dueRow.parse(document.data()),
    paymentId: document.id,
    createdAt: document.createTime.toDate(),
    version: document.updateTime,
  };
}

function toFields(decision: SyncDecision, now: Date): UpdateData<Record<string, unknown>> {
  if (decision.synced) {
    return {
      is_synced: true,
      synced_at: Timestamp.fromDate(now),
      next_sync_at: FieldValue.delete(),
      sync_error: FieldValue.delete(),
    };
  }
  return {
    sync_attempts: FieldValue.increment(1),
    sync_error: decision.fault,
    next_sync_at: decision.retryAt === null ? FieldValue.delete() : decision.retryAt,
  };
}
