import type { Firestore } from 'firebase-admin/firestore';
import { z } from 'zod';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { ledgerQueries } from './queries';
import { type MovementKind, movementKinds } from '../movement';
import { paymentId } from '../ids';
import { storedDate } from '../firestore/stored-date';

/** What a user may know of a row. */
export interface HistoryRow {
  readonly paymentId: string;
  /** Signed. */
  readonly amountCents: number;
  readonly gateway: string;
  /** Undefined for a row that a person has written in words of their own. */
  readonly kind: MovementKind | undefined;
  readonly createdAt: Date;
  /** Whether the balance has it. */
  readonly isSynced: boolean;
}

const storedHistory = z
  .object({
    payment_id: paymentId,
    amount: z.int(),
    gateway: z.string(),
    kind: z.enum(movementKinds).optional().catch(undefined),
    created_at: storedDate,
    is_synced: z.boolean(),
  })
  .transform((stored): HistoryRow => ({
    paymentId: stored.payment_id,
    amountCents: stored.amount,
    gateway: stored.gateway,
    kind: stored.kind,
    createdAt: stored.created_at,
    isSynced: stored.is_synced,
  }));

/** What a user may see of the ledger: their own rows. */
export class History {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Some of the user's rows, newest first, and how many there are. Rows that arrive push the others
   * back: who pages through them may see one twice, and misses none.
   * @throws Unavailable when Firestore does not answer.
   */
  async page(
    uid: string,
    offset: number,
    limit: number,
  ): Promise<{ rows: readonly HistoryRow[]; total: number }> {
    const query = ledgerQueries.paymentsOf(this.#firestore, uid);
    const [rows, counted] = await Promise.all([
      withDeadline(query.offset(offset).limit(limit).get()),
      withDeadline(query.count().get()),
    ]);
    return {
      rows: rows.docs.map((row) => storedHistory.parse(row.data())),
      total: counted.data().count,
    };
  }

  /**
   * The user's rows of an order, oldest first.
   * @throws Unavailable when Firestore does not answer.
   */
  async ofOrder(uid: string, orderId: string): Promise<HistoryRow[]> {
    const found = await withDeadline(ledgerQueries.paymentsOfOrder(this.#firestore, orderId).get());
    return found.docs
      .filter((row) => row.get('uid') === uid)
      .map((row) => storedHistory.parse(row.data()))
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }

  /**
   * The sum of the rows that the balance does not have yet, in signed US cents.
   * @throws Unavailable when Firestore does not answer.
   */
  async pendingCents(uid: string): Promise<number> {
    const sum = await withDeadline(ledgerQueries.pendingOf(this.#firestore, uid).get());
    return sum.data().cents;
  }
}

export function openHistory(): History {
  return new History(openFirestore());
}
