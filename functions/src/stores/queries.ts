import type { Firestore, Query, Timestamp } from '../firestore/client';
import { PENDING_PURCHASES, RECEIPTS, UNCLAIMED_PURCHASES } from '../firestore/collections';
import { withValue } from '../firestore/queries';

/** Every query over receipts, pending and unclaimed purchases; see `ledger/queries.ts`. */
export const storeQueries = {
  /** Receipts that the users with these account tokens have claimed. */
  receiptsOfAccount: (firestore: Firestore, accountToken: string | readonly string[]): Query =>
    withValue(firestore.collection(RECEIPTS), 'account_token', accountToken),

  /** Purchases of one user, or of several, that wait for something. */
  pendingPurchasesOf: (firestore: Firestore, uid: string | readonly string[]): Query =>
    withValue(firestore.collection(PENDING_PURCHASES), 'uid', uid),

  /** Purchases that were reported for these account tokens, and claimed by no call. */
  unclaimedPurchasesOf: (firestore: Firestore, accountToken: string | readonly string[]): Query =>
    withValue(firestore.collection(UNCLAIMED_PURCHASES), 'account_token', accountToken),

  /** A store's purchases that wait for something, longest due first. */
  duePendingPurchases: (firestore: Firestore, gateway: string, now: Timestamp): Query =>
    firestore
      .collection(PENDING_PURCHASES)
      .where('gateway', '==', gateway)
      .where('due_at', '<=', now)
      .orderBy('due_at'),
};
