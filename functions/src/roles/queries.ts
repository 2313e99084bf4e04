import type { Firestore, Query } from '../firestore/client';
import { AUDIT } from '../firestore/collections';

/** Every query over the acts of the staff; see `ledger/queries.ts`. */
export const roleQueries = {
  /** The acts on some orders, payments or parked events, 30 at the most. */
  actsOn: (firestore: Firestore, targets: readonly string[]): Query =>
    firestore.collection(AUDIT).where('target', 'in', targets),
};
