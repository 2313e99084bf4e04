import type { Firestore } from 'firebase-admin/firestore';

/** A payment row of 15 dollars that the balance has, but for what is given. */
export interface GivenRow {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Writes rows of a user as the ledger does. */
export async function writeRows(
  firestore: Firestore,
  uid: string,
  rows: readonly GivenRow[],
): Promise<void> {
  const batch = firestore.batch();
  for (const { id, ...given } of rows) {
    batch.create(firestore.collection('tn_payments').doc(id), {
      payment_id: id,
      uid,
      amount: 1500,
      gateway: 'stripe',
      kind: 'payment',
      parent_id: null,
      order_id: null,
      mode: 'test',
      occurred_at: new Date('2026-01-01T00:00:00Z'),
      created_at: new Date('2026-01-01T00:00:05Z'),
      is_synced: true,
      sync_attempts: 0,
      ...given,
    });
  }
  await batch.commit();
}
