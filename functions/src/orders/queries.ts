import type { Firestore, Query, Timestamp } from 'firebase-admin/firestore';
import { ORDERS } from './order';

/** Every query over the orders; see `ledger/queries.ts`. */
export const orderQueries = {
  /** What one user has ordered since a time, newest first. */
  ordersSince: (firestore: Firestore, uid: string, since: Timestamp): Query =>
    firestore
      .collection(ORDERS)
      .where('uid', '==', uid)
      .where('created_at', '>', since)
      .orderBy('created_at', 'desc'),
};
