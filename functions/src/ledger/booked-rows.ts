import {
  Timestamp,
  type DocumentData,
  type DocumentSnapshot,
  type Firestore,
  type Query,
} from '../firestore/client';
import { z } from 'zod';
import { PAYMENTS } from '../firestore/collections';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { inGroups } from '../firestore/queries';
import { rowId, sameOwner } from '../ids';
import { ledgerQueries } from './queries';

const PAGE = 300;

/** A person may have written a row by hand: a field that cannot be read gets a value that matches nothing. */
const bookedFields = {
  kind: ['kind', z.string().catch('')],
  uid: ['uid', z.string().catch('')],
  amountCents: ['amount', z.number().catch(Number.NaN)],
  parentId: ['parent_id', rowId.nullable().catch(null)],
  orderId: ['order_id', z.string().nullable().catch(null)],
  /** See `rowFields`. */
  isMoved: ['is_moved', z.boolean().catch(false).default(false)],
  occurredAt: ['occurred_at', date.nullable().catch(null).default(null)],
  createdAt: ['created_at', date.nullable().catch(null).default(null)],
  isSynced: ['is_synced', z.boolean().catch(false)],
  /** How the Retail API took it; rows of old have no word of it. */
  syncedAs: ['synced_as', z.enum(['applied', 'duplicate']).nullable().catch(null).default(null)],
  /** On which try. */
  syncedTry: ['synced_try', z.int().nullable().catch(null).default(null)],
} as const;

const bookedRow = defineDocument(bookedFields);

/** A row as it is compared with what its gateway holds. */
export interface BookedRow extends FieldValues<typeof bookedFields> {
  readonly paymentId: string;
  /** Why the Retail API does not have it; null where no push has failed. */
  readonly fault: string | null;
}

/** Whether a row is of the user whom its gateway names, or of one to whom its payment was moved. */
export function isOfUser(
  { uid, isMoved }: Pick<BookedRow, 'uid' | 'isMoved'>,
  named: string,
): boolean {
  return isMoved || sameOwner(uid, named);
}

/** The ledger, read for a comparison. Every method throws Unavailable when Firestore does not answer. */
export class BookedRows {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /** The rows of a gateway that were written in a span of time. */
  written(gateway: string, since: Date, until: Date): Promise<BookedRow[]> {
    const span = [Timestamp.fromDate(since), Timestamp.fromDate(until)] as const;
    return this.#readAll(ledgerQueries.rowsWritten(this.#firestore, gateway, ...span));
  }

  /** The rows of a gateway whose money moved in a span of time. */
  occurred(gateway: string, since: Date, until: Date): Promise<BookedRow[]> {
    const span = [Timestamp.fromDate(since), Timestamp.fromDate(until)] as const;
    return this.#readAll(ledgerQueries.rowsOccurred(this.#firestore, gateway, ...span));
  }

  /** The rows with these payment ids, by their id. */
  async withIds(paymentIds: readonly string[]): Promise<ReadonlyMap<string, BookedRow>> {
    const payments = this.#firestore.collection(PAYMENTS);
    const found = new Map<string, BookedRow>();
    for (const some of inGroups(paymentIds)) {
      const documents = some.map((id) => payments.doc(id));
      for (const one of await withDeadline(this.#firestore.getAll(...documents))) {
        if (one.exists) found.set(one.id, toBookedRow(one));
      }
    }
    return found;
  }

  /**
   * The payments with these ids, their corrections, and what failed of these. Rows that moved a payment
   * are left out: their sum is 0, and no gateway knows of them.
   */
  async ofPayments(paymentIds: readonly string[]): Promise<BookedRow[]> {
    if (paymentIds.length === 0) return [];
    const payments = await this.withIds(paymentIds);
    const corrections = await this.#correctionsOf(paymentIds);
    const failures = await this.#correctionsOf(corrections.map((one) => one.paymentId));
    const all = [...payments.values(), ...corrections, ...failures];
    const told = all.filter(({ kind }) => kind !== 'move');
    return [...new Map(told.map((row) => [row.paymentId, row])).values()];
  }

  /**
   * The payment that a row is of: the row itself when it corrects nothing. A row whose parent is not
   * there stands for itself.
   */
  async rootOf(row: Pick<BookedRow, 'paymentId' | 'parentId'>): Promise<string> {
    if (row.parentId === null) return row.paymentId;
    const document = this.#firestore.collection(PAYMENTS).doc(row.parentId);
    const parent = await withDeadline(document.get());
    return rowId.safeParse(parent.get('parent_id')).data ?? row.parentId;
  }

  async #correctionsOf(paymentIds: readonly string[]): Promise<BookedRow[]> {
    const found: BookedRow[] = [];
    for (const some of inGroups(paymentIds)) {
      const query = ledgerQueries.correctionsOf(this.#firestore, some);
      found.push(...(await withDeadline(query.get())).docs.map(toBookedRow));
    }
    return found;
  }

  async #readAll(query: Query): Promise<BookedRow[]> {
    const found: BookedRow[] = [];
    for (let page = query.limit(PAGE); ;) {
      const { docs } = await withDeadline(page.get());
      found.push(...docs.map(toBookedRow));
      const last = docs.at(-1);
      if (last === undefined || docs.length < PAGE) return found;
      page = query.startAfter(last).limit(PAGE);
    }
  }
}

function toBookedRow(stored: DocumentSnapshot): BookedRow {
  const data: DocumentData = stored.data() ?? {};
  const fault: unknown = stored.get('sync_error.outcome');
  return {
    ...bookedRow.parse(data),
    paymentId: stored.id,
    fault: typeof fault === 'string' ? fault : null,
  };
}

export function openBookedRows(): BookedRows {
  return new BookedRows(openFirestore());
}
