import {
  AggregateField,
  type AggregateQuery,
  type Firestore,
  type Query,
  type Timestamp,
} from 'firebase-admin/firestore';
import { PAYMENTS } from './payment-row';
import { RECEIPTS } from './receipt-document';

/** Accounts that were deleted, named by their uid. */
export const DELETIONS = 'tn_deletions';

/** Authentic events that cannot become a row yet, or not without a person. */
export const PARKED_EVENTS = 'tn_parked_events';

/** Orders whose money a gateway holds for a check, one document each, named by the order id. */
export const REVIEWS = 'tn_reviews';

/** Purchases that wait for something, one document each, named by its receipt. */
export const OPEN_PURCHASES = 'tn_open_purchases';

/**
 * Every query over the ledger. `firestore.indexes.json` serves exactly these, and a test holds the
 * two against each other.
 */
export const ledgerQueries = {
  /**
   * Rows waiting for a push, longest due first. Only a row that waits has `next_sync_at`, so the
   * index is as small as the backlog.
   */
  duePayments: (firestore: Firestore, now: Timestamp): Query =>
    firestore.collection(PAYMENTS).where('next_sync_at', '<=', now).orderBy('next_sync_at'),

  /** The same rows from the other end. */
  latestDue: (firestore: Firestore, now: Timestamp): Query =>
    firestore.collection(PAYMENTS).where('next_sync_at', '<=', now).orderBy('next_sync_at', 'desc'),

  /** What one user's balance was moved by since a time, newest first. */
  paymentsSince: (firestore: Firestore, uid: string, since: Timestamp): Query =>
    firestore
      .collection(PAYMENTS)
      .where('uid', '==', uid)
      .where('created_at', '>', since)
      .orderBy('created_at', 'desc'),

  /** What has moved one user's balance, newest first; rows of one time by their id. */
  paymentsOf: (firestore: Firestore, uid: string): Query =>
    firestore.collection(PAYMENTS).where('uid', '==', uid).orderBy('created_at', 'desc'),

  /** What was paid for an order, and given back. */
  paymentsOfOrder: (firestore: Firestore, orderId: string): Query =>
    firestore.collection(PAYMENTS).where('order_id', '==', orderId),

  /** The sum of one user's rows that the Retail API does not have yet; those are few. */
  pendingOf: (
    firestore: Firestore,
    uid: string,
  ): AggregateQuery<{ cents: AggregateField<number> }> =>
    firestore
      .collection(PAYMENTS)
      .where('uid', '==', uid)
      .where('is_synced', '==', false)
      .aggregate({ cents: AggregateField.sum('amount') }),

  /** The refunds and disputes of a payment. */
  correctionsOf: (firestore: Firestore, paymentId: string): Query =>
    firestore.collection(PAYMENTS).where('parent_id', '==', paymentId),

  /** Parked events whose time to be tried again has come. */
  dueParkedEvents: (firestore: Firestore, now: Timestamp): Query =>
    firestore.collection(PARKED_EVENTS).where('release_at', '<=', now).orderBy('release_at'),

  /** Receipts claimed by the user whom the stores call by this token. */
  receiptsOfAccount: (firestore: Firestore, accountToken: string): Query =>
    firestore.collection(RECEIPTS).where('account_token', '==', accountToken),

  /** Purchases of one user that wait for something. */
  openPurchasesOf: (firestore: Firestore, uid: string): Query =>
    firestore.collection(OPEN_PURCHASES).where('uid', '==', uid),

  /** A store's purchases that wait for something, longest due first. */
  dueOpenPurchases: (firestore: Firestore, gateway: string, now: Timestamp): Query =>
    firestore
      .collection(OPEN_PURCHASES)
      .where('gateway', '==', gateway)
      .where('due_at', '<=', now)
      .orderBy('due_at'),

  /** Parked events that hold a row of one user. */
  parkedEventsOf: (firestore: Firestore, uid: string): Query =>
    firestore.collection(PARKED_EVENTS).where('row.uid', '==', uid),

  /** Orders of one user that are held for a check. */
  reviewsOf: (firestore: Firestore, uid: string): Query =>
    firestore.collection(REVIEWS).where('uid', '==', uid),

  /** Deleted accounts whose time to be looked at again has come, longest waiting first. */
  dueDeletions: (firestore: Firestore, now: Timestamp): Query =>
    firestore.collection(DELETIONS).where('next_run_at', '<=', now).orderBy('next_run_at'),
};
