import type {
  DocumentData,
  DocumentSnapshot,
  Firestore,
  QueryDocumentSnapshot,
  Transaction,
} from 'firebase-admin/firestore';
import { Timestamp } from 'firebase-admin/firestore';
import { PAYMENTS } from '../firestore/collections';
import { Unusable } from '../errors';
import { paymentRow, type PaymentRow } from './payment-row';
import { ledgerQueries } from './queries';

/** Values that Firestore takes in one `in`. */
const MOST_VALUES = 30;

/**
 * All rows of the payment that `parent` is, or is a correction of: what it has brought, its
 * corrections, and what failed of these.
 * @throws Unusable when the row it belongs to has no payment.
 */
export async function readRowsOf(
  firestore: Firestore,
  transaction: Transaction,
  parent: DocumentSnapshot,
): Promise<PaymentRow[]> {
  const root = await rootOf(firestore, transaction, parent);
  const corrections = await correctionsOf(firestore, transaction, [root.id]);
  const refunds = corrections.filter((row) => row.get('kind') === 'refund').map(({ id }) => id);
  const failed = await correctionsOf(firestore, transaction, refunds);
  return [root, ...corrections, ...failed].map((row) => paymentRow.parse(row.data()));
}

async function rootOf(
  firestore: Firestore,
  transaction: Transaction,
  row: DocumentSnapshot,
): Promise<DocumentSnapshot> {
  const parentId: unknown = row.get('parent_id');
  if (typeof parentId !== 'string') return row;
  const root = await transaction.get(firestore.collection(PAYMENTS).doc(parentId));
  if (root.exists) return root;
  throw new Unusable('The row it corrects is a correction without a payment.');
}

async function correctionsOf(
  firestore: Firestore,
  transaction: Transaction,
  paymentIds: readonly string[],
): Promise<QueryDocumentSnapshot[]> {
  const found: QueryDocumentSnapshot[] = [];
  for (let start = 0; start < paymentIds.length; start += MOST_VALUES) {
    const some = paymentIds.slice(start, start + MOST_VALUES);
    found.push(...(await transaction.get(ledgerQueries.correctionsOf(firestore, some))).docs);
  }
  return found;
}

/** A refund that failed before it was booked. */
export function voidedRefund({ gateway, occurredAt }: PaymentRow): DocumentData {
  return { gateway, failed_at: Timestamp.fromDate(occurredAt) };
}
