import type { Firestore, Query, Timestamp } from '../firestore/client';
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

  /** Orders that are bound to a gateway's object. */
  ordersBoundTo: (firestore: Firestore, ref: string): Query =>
    firestore.collection(ORDERS).where('gateway_ref', '==', ref),

  /** Orders over an amount that were placed in a span of time, newest first. */
  ordersOfAmount: (
    firestore: Firestore,
    cents: number,
    since: Timestamp,
    until: Timestamp,
  ): Query =>
    firestore
      .collection(ORDERS)
      .where('amount', '==', cents)
      .where('created_at', '>=', since)
      .where('created_at', '<', until)
      .orderBy('created_at', 'desc'),

  /** Open reviews of the orders of one user, or of several. */
  reviewsOf: (firestore: Firestore, uid: string | readonly string[]): Query =>
    withValue(firestore.collection(REVIEWS), 'uid', uid),
};
