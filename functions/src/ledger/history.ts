import type { Firestore, QueryDocumentSnapshot } from '../firestore/client';
import { z } from 'zod';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { rowKinds } from '../movement';
import { rowFields } from './payment-row';
import { ledgerQueries } from './queries';
import { refusedOutcomes } from './sync-fault';

const historyFields = {
  paymentId: rowFields.paymentId,
  amountCents: rowFields.amountCents,
  gateway: rowFields.gateway,
  /** Undefined for a row that a person has written with a kind of their own. */
  kind: ['kind', z.enum(rowKinds).optional().catch(undefined)],
  /** The payment of a correction; undefined for any other row. */
  parentId: ['parent_id', z.string().optional().catch(undefined)],
  createdAt: ['created_at', date],
  /** Whether the row is in the balance. */
  isSynced: ['is_synced', z.boolean()],
  fault: ['sync_error', z.looseObject({ outcome: z.string() }).optional().catch(undefined)],
} as const;

type StoredRow = FieldValues<typeof historyFields>;

/** The fields of a row that its user may see. */
export interface HistoryRow extends Omit<StoredRow, 'fault'> {
  /** Whether the Retail API has refused the row. A person has to help. */
  readonly isRefused: boolean;
}

const historyRow = defineDocument(historyFields);

function toHistoryRow(stored: QueryDocumentSnapshot): HistoryRow {
  const { fault, ...row } = historyRow.parse(stored.data());
  const isRefused = !row.isSynced && refusedOutcomes.includes(fault?.outcome ?? '');
  return { ...row, isRefused };
}

/** Reads the rows of one user for that user. */
export class History {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * A page of the user's rows, newest first, and the number of all. New rows move the others back:
   * a caller that reads page after page may see a row twice, but misses none.
   * @throws Unavailable when Firestore does not answer.
   */
  async page(
    uid: string,
    offset: number,
    limit: number,
  ): Promise<{ rows: readonly HistoryRow[]; total: number }> {
    const query = ledgerQueries.paymentsOf(this.#firestore, uid);
    const [rows, total] = await Promise.all([
      withDeadline(query.offset(offset).limit(limit).get()),
      withDeadline(query.count()),
    ]);
    return { rows: rows.docs.map(toHistoryRow), total };
  }

  /**
   * The user's rows of an order, oldest first.
   * @throws Unavailable when Firestore does not answer.
   */
  async ofOrder(uid: string, orderId: string): Promise<HistoryRow[]> {
    const found = await withDeadline(ledgerQueries.paymentsOfOrder(this.#firestore, orderId).get());
    return found.docs
      .filter((row) => row.get('uid') === uid)
      .map(toHistoryRow)
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }

  /**
   * The sum of the rows that are not in the balance yet, in signed US cents.
   * @throws Unavailable when Firestore does not answer.
   */
  async pendingCents(uid: string): Promise<number> {
    return withDeadline(ledgerQueries.pendingOf(this.#firestore, uid).sum('amount'));
  }
}

export function openHistory(): History {
  return new History(openFirestore());
}
