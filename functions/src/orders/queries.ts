import type { Firestore, Query, Timestamp } from 'firebase-admin/firestore';
import { ORDERS, REVIEWS } from '../firestore/collections';

/** Every query over the orders and their reviews; see `ledger/queries.ts`. */
export const orderQueries = {
  /** Orders of one user since a time, newest first. */
  ordersSince: (firestore: Firestore, uid: string, since: Timestamp): Query =>
    firestore
      .collection(ORDERS)
      .where('uid', '==', uid)
      .where('created_at', '>', since)
      .orderBy('created_at', 'desc'),

  /** Open reviews of one user's orders. */
  reviewsOf: (firestore: Firestore, uid: string): Query =>
    firestore.collection(REVIEWS).where('uid', '==', uid),
};
