import type { Firestore, Query, Timestamp } from '../firestore/client';
import { DELETIONS } from '../firestore/collections';

/** Every query over the deletions; see `ledger/queries.ts`. */
export const deletionQueries = {
  /** Deletions that are due, longest due first. */
  dueDeletions: (firestore: Firestore, now: Timestamp): Query =>
    firestore.collection(DELETIONS).where('next_run_at', '<=', now).orderBy('next_run_at'),
};
