import type { Firestore, Query, Timestamp } from 'firebase-admin/firestore';
import { PENDING_PURCHASES, RECEIPTS } from '../firestore/collections';

/** Every query over receipts and pending purchases; see `ledger/queries.ts`. */
export const storeQueries = {
  /** Receipts that the user with this account token has claimed. */
  receiptsOfAccount: (firestore: Firestore, accountToken: string): Query =>
    firestore.collection(RECEIPTS).where('account_token', '==', accountToken),

  /** Purchases of one user that wait for something. */
  pendingPurchasesOf: (firestore: Firestore, uid: string): Query =>
    firestore.collection(PENDING_PURCHASES).where('uid', '==', uid),

  /** A store's purchases that wait for something, longest due first. */
  duePendingPurchases: (firestore: Firestore, gateway: string, now: Timestamp): Query =>
    firestore
      .collection(PENDING_PURCHASES)
      .where('gateway', '==', gateway)
      .where('due_at', '<=', now)
      .orderBy('due_at'),
};
