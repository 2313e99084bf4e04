import { Timestamp, type DocumentSnapshot, type Firestore, type Query } from '../firestore/client';
import { z } from 'zod';
import { NotFound } from '../errors';
import { PAYMENTS } from '../firestore/collections';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { inGroups } from '../firestore/queries';
import { ERASED, rowId } from '../ids';
import { ledgerQueries } from './queries';
import { leftOutcomes } from './sync-fault';

/** A person may have written a row by hand: a field that cannot be read is null, or empty. */
const foundFields = {
  kind: ['kind', z.string().catch('').default('')],
  uid: ['uid', z.string().catch('').default('')],
  amountCents: ['amount', z.int().nullable().catch(null).default(null)],
  gateway: ['gateway', z.string().catch('').default('')],
  parentId: ['parent_id', rowId.nullable().catch(null).default(null)],
  orderId: ['order_id', z.string().nullable().catch(null).default(null)],
  mode: ['mode', z.string().catch('').default('')],
  /** See `movementFields`. */
  isReviewer: ['is_reviewer', z.boolean().catch(false).default(false)],
  occurredAt: ['occurred_at', date.nullable().catch(null).default(null)],
  createdAt: ['created_at', date.nullable().catch(null).default(null)],
  isSynced: ['is_synced', z.boolean().catch(false).default(false)],
  syncedAt: ['synced_at', date.nullable().catch(null).default(null)],
  /** How the Retail API took it; rows of old have no word of it. */
  syncedAs: ['synced_as', z.enum(['applied', 'duplicate']).nullable().catch(null).default(null)],
  /** On which try. */
  syncedTry: ['synced_try', z.int().nullable().catch(null).default(null)],
  /** Failed pushes that were the row's own fault. */
  attempts: ['sync_attempts', z.int().catch(0).default(0)],
  nextSyncAt: ['next_sync_at', date.nullable().catch(null).default(null)],
  fault: [
    'sync_error',
    z
      .object({
        outcome: z.string(),
        status: z.int().nullable().catch(null).default(null),
        error_name: z.string().nullable().catch(null).default(null),
      })
      .nullable()
      .catch(null)
      .default(null),
  ],
} as const;

const foundRow = defineDocument(foundFields);

/** A row as a member of the staff sees it. */
export interface FoundRow extends FieldValues<typeof foundFields> {
  readonly paymentId: string;
}

/** A span of time, and what of it is read. */
export interface WrittenSpan {
  readonly since: Date;
  /** The first moment after it. */
  readonly until: Date;
  readonly gateway: string | undefined;
  readonly after: string | undefined;
}

/** A payment with all rows of it. */
export interface WholePayment {
  readonly payment: FoundRow;
  /** The payment, its growth, its corrections and the failures of these. */
  readonly rows: readonly FoundRow[];
}

/** Rows, looked up for the staff. Every method throws Unavailable when Firestore does not answer. */
export class RowLookup {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /** The newest rows of a user. */
  of(uid: string, limit: number): Promise<FoundRow[]> {
    return this.#read(ledgerQueries.paymentsOf(this.#firestore, uid).limit(limit));
  }

  /** Rows of an order. */
  ofOrder(orderId: string, limit: number): Promise<FoundRow[]> {
    return this.#read(ledgerQueries.paymentsOfOrder(this.#firestore, orderId).limit(limit));
  }

  /** The newest rows that moved so much, in either direction, in a span of time. */
  ofAmount(cents: number, since: Date, until: Date, limit: number): Promise<FoundRow[]> {
    const span = [Timestamp.fromDate(since), Timestamp.fromDate(until)] as const;
    const amounts = [cents, -cents];
    return this.#read(ledgerQueries.rowsOfAmount(this.#firestore, amounts, ...span).limit(limit));
  }

  /**
   * A page of the rows that were written in a span of time, oldest first, of one gateway or of all.
   * @param after the payment id of the last row of the page before.
   * @throws NotFound when no row has this id.
   */
  async written({ since, until, gateway, after }: WrittenSpan, limit: number): Promise<FoundRow[]> {
    const span = [Timestamp.fromDate(since), Timestamp.fromDate(until)] as const;
    const query =
      gateway === undefined
        ? ledgerQueries.allRowsWritten(this.#firestore, ...span)
        : ledgerQueries.rowsWritten(this.#firestore, gateway, ...span);
    if (after === undefined) return this.#read(query.limit(limit));
    const last = await withDeadline(this.#firestore.collection(PAYMENTS).doc(after).get());
    if (!last.exists) throw new NotFound('No row has the id.');
    return this.#read(query.startAfter(last).limit(limit));
  }

  /** The rows with these ids, as far as they exist. */
  async withIds(paymentIds: readonly string[]): Promise<FoundRow[]> {
    if (paymentIds.length === 0) return [];
    const payments = this.#firestore.collection(PAYMENTS);
    const documents = paymentIds.map((id) => payments.doc(id));
    const found = await withDeadline(this.#firestore.getAll(...documents));
    return found.filter((one) => one.exists).map(toFoundRow);
  }

  /** The corrections of some rows. */
  async correctionsOf(paymentIds: readonly string[]): Promise<FoundRow[]> {
    const found = inGroups(paymentIds).map((some) =>
      this.#read(ledgerQueries.correctionsOf(this.#firestore, some)),
    );
    return (await Promise.all(found)).flat();
  }

  /** @throws NotFound when there is no such row. */
  async ofPayment(paymentId: string): Promise<WholePayment> {
    const [payment] = await this.withIds([paymentId]);
    if (payment === undefined) throw new NotFound('No row has the id.');
    const corrections = await this.correctionsOf([paymentId]);
    const failures = await this.correctionsOf(corrections.map((row) => row.paymentId));
    return { payment, rows: [payment, ...corrections, ...failures] };
  }

  /** Rows that the Retail API has not taken and that need a person, without those of deleted accounts. */
  async refused(limit: number): Promise<FoundRow[]> {
    const rows = await this.#read(
      ledgerQueries.refused(this.#firestore, leftOutcomes).limit(limit),
    );
    return rows.filter(({ uid }) => uid !== ERASED);
  }

  async #read(query: Query): Promise<FoundRow[]> {
    return (await withDeadline(query.get())).docs.map(toFoundRow);
  }
}

function toFoundRow(stored: DocumentSnapshot): FoundRow {
  return { ...foundRow.parse(stored.data() ?? {}), paymentId: stored.id };
}

export function openRowLookup(): RowLookup {
  return new RowLookup(openFirestore());
}
