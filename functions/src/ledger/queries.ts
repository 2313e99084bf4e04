import type { Firestore, Query, Timestamp } from '../firestore/client';
import { ADJUSTMENTS, PARKED_EVENTS, PAYMENTS, REFUND_REQUESTS } from '../firestore/collections';
import { withValue } from '../firestore/queries';

/**
 * Every query over the ledger. `firestore.indexes.json` serves exactly the queries of all
 * `queries.ts` files, and a test compares the two.
 */
export const ledgerQueries = {
  /**
   * Rows that wait for a push, longest due first. Only a waiting row has `next_sync_at`, so the index
   * is as small as the backlog.
   */
  duePayments: (firestore: Firestore, now: Timestamp): Query =>
    firestore.collection(PAYMENTS).where('next_sync_at', '<=', now).orderBy('next_sync_at'),

  /** The same rows, shortest due first. */
  latestDue: (firestore: Firestore, now: Timestamp): Query =>
    firestore.collection(PAYMENTS).where('next_sync_at', '<=', now).orderBy('next_sync_at', 'desc'),

  /** The first row by the time it is due, whatever stands there: Firestore sorts values by type. */
  firstDue: (firestore: Firestore): Query =>
    firestore.collection(PAYMENTS).orderBy('next_sync_at').limit(1),

  /** The last row by the time it is due. */
  lastDue: (firestore: Firestore): Query =>
    firestore.collection(PAYMENTS).orderBy('next_sync_at', 'desc').limit(1),

  /** Rows that the Retail API has refused; a row that is synced has no `sync_error`. */
  refused: (firestore: Firestore, outcomes: readonly string[]): Query =>
    firestore.collection(PAYMENTS).where('sync_error.outcome', 'in', outcomes),

  /** What the balance of one user, or of several, was moved by since a time, newest first. */
  paymentsSince: (firestore: Firestore, uid: string | readonly string[], since: Timestamp): Query =>
    withValue(firestore.collection(PAYMENTS), 'uid', uid)
      .where('created_at', '>', since)
      .orderBy('created_at', 'desc'),

  /** Rows of one user, newest first; rows of the same time by their id. */
  paymentsOf: (firestore: Firestore, uid: string): Query =>
    firestore.collection(PAYMENTS).where('uid', '==', uid).orderBy('created_at', 'desc'),

  /** Rows of an order: its payments and their corrections. */
  paymentsOfOrder: (firestore: Firestore, orderId: string): Query =>
    firestore.collection(PAYMENTS).where('order_id', '==', orderId),

  /** Rows of some orders, 30 at the most. */
  paymentsOfOrders: (firestore: Firestore, orderIds: readonly string[]): Query =>
    firestore.collection(PAYMENTS).where('order_id', 'in', orderIds),

  /** One user's unsynced rows, which are few. */
  pendingOf: (firestore: Firestore, uid: string): Query =>
    firestore.collection(PAYMENTS).where('uid', '==', uid).where('is_synced', '==', false),

  /** The corrections of some payments or refunds, 30 at the most. */
  correctionsOf: (firestore: Firestore, paymentIds: readonly string[]): Query =>
    firestore.collection(PAYMENTS).where('parent_id', 'in', paymentIds),

  /** Parked events that are due for another try. */
  dueParkedEvents: (firestore: Firestore, now: Timestamp): Query =>
    firestore.collection(PARKED_EVENTS).where('release_at', '<=', now).orderBy('release_at'),

  /** Parked events that their gateway is asked about again, longest due first. */
  parkedEventsToRecheck: (firestore: Firestore, gateway: string, now: Timestamp): Query =>
    firestore
      .collection(PARKED_EVENTS)
      .where('gateway', '==', gateway)
      .where('recheck_at', '<=', now)
      .orderBy('recheck_at'),

  /** Parked events about one of some subjects, 30 at the most. */
  parkedEventsAbout: (firestore: Firestore, subjects: readonly string[]): Query =>
    firestore.collection(PARKED_EVENTS).where('subjects', 'array-contains-any', subjects),

  /** All parked events of a gateway, in the order of their time. */
  parkedEventsOfGateway: (firestore: Firestore, gateway: string): Query =>
    firestore.collection(PARKED_EVENTS).where('gateway', '==', gateway).orderBy('parked_at'),

  /** All parked events, in the order of their time. */
  parkedEvents: (firestore: Firestore): Query =>
    firestore.collection(PARKED_EVENTS).orderBy('parked_at'),

  /** Rows of some amounts whose money moved in a span of time, newest first. */
  rowsOfAmount: (
    firestore: Firestore,
    amounts: readonly number[],
    since: Timestamp,
    until: Timestamp,
  ): Query =>
    firestore
      .collection(PAYMENTS)
      .where('amount', 'in', amounts)
      .where('occurred_at', '>=', since)
      .where('occurred_at', '<', until)
      .orderBy('occurred_at', 'desc'),

  /** Rows of a gateway that were written in a span of time. */
  rowsWritten: (firestore: Firestore, gateway: string, since: Timestamp, until: Timestamp): Query =>
    firestore
      .collection(PAYMENTS)
      .where('gateway', '==', gateway)
      .where('created_at', '>=', since)
      .where('created_at', '<', until)
      .orderBy('created_at'),

  /** Rows that were written in a span of time, of all gateways and of the staff. */
  allRowsWritten: (firestore: Firestore, since: Timestamp, until: Timestamp): Query =>
    firestore
      .collection(PAYMENTS)
      .where('created_at', '>=', since)
      .where('created_at', '<', until)
      .orderBy('created_at'),

  /** Rows of a gateway whose money moved in a span of time. */
  rowsOccurred: (
    firestore: Firestore,
    gateway: string,
    since: Timestamp,
    until: Timestamp,
  ): Query =>
    firestore
      .collection(PAYMENTS)
      .where('gateway', '==', gateway)
      .where('occurred_at', '>=', since)
      .where('occurred_at', '<', until)
      .orderBy('occurred_at'),

  /** The refunds that were asked for of some payments, 30 at the most. */
  refundRequestsOf: (firestore: Firestore, paymentIds: readonly string[]): Query =>
    firestore.collection(REFUND_REQUESTS).where('payment_id', 'in', paymentIds),

  /** Refunds in some states. */
  refundRequestsIn: (firestore: Firestore, states: readonly string[]): Query =>
    firestore.collection(REFUND_REQUESTS).where('state', 'in', states),

  /** Parked events that hold a correction of one payment. */
  parkedCorrectionsOf: (firestore: Firestore, paymentId: string): Query =>
    firestore.collection(PARKED_EVENTS).where('row.parent_id', '==', paymentId),

  /** Adjustments that wait for a second person, the longest first. Only these have `waits_since`. */
  waitingAdjustments: (firestore: Firestore): Query =>
    firestore.collection(ADJUSTMENTS).orderBy('waits_since'),

  /** Adjustments of one user, or of several. */
  adjustmentsOf: (firestore: Firestore, uid: string | readonly string[]): Query =>
    withValue(firestore.collection(ADJUSTMENTS), 'uid', uid),

  /** Parked events that hold a row of one user, or of several. */
  parkedEventsOf: (firestore: Firestore, uid: string | readonly string[]): Query =>
    withValue(firestore.collection(PARKED_EVENTS), 'row.uid', uid),
};
