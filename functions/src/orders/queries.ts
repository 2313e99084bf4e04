import type { Firestore, Query, Timestamp } from 'firebase-admin/firestore';
import { ORDERS, REVIEWS } from '../firestore/collections';
import { withValue } from '../firestore/queries';

/** Every query over the orders and their reviews; see `ledger/queries.ts`. */
export const orderQueries = {
  /** Orders of one user, or of several, since a time, newest first. */
  ordersSince: (firestore: Firestore, uid: string | readonly string[], since: Timestamp): Query =>
    withValue(firestore.collection(ORDERS), 'uid', uid)
      .where('created_at', '>', since)
      .orderBy('created_at', 'desc'),

  /** Orders of one user that may count against the user, since a time, newest first. */
  openOrdersSince: (firestore: Firestore, uid: string, since: Timestamp): Query =>
    firestore
      .collection(ORDERS)
      .where('uid', '==', uid)
      .where('is_open', '==', true)
      .where('created_at', '>', since)
      .orderBy('created_at', 'desc'),

  /** Orders that were placed before a time and may not be paid, in the order of their time. */
  undecidedBefore: (firestore: Firestore, before: Timestamp): Query =>
    firestore
      .collection(ORDERS)
      .where('is_open', 'in', [true, false])
      .where('created_at', '<', before)
      .orderBy('created_at'),

  /** Bound orders that their gateway is asked about, longest due first. */
  ordersToAsk: (firestore: Firestore, gateway: string, now: Timestamp): Query =>
    firestore
      .collection(ORDERS)
      .where('gateway', '==', gateway)
      .where('ask_at', '<=', now)
      .orderBy('ask_at'),

  /** Open reviews of the orders of one user, or of several. */
  reviewsOf: (firestore: Firestore, uid: string | readonly string[]): Query =>
    withValue(firestore.collection(REVIEWS), 'uid', uid),
};
