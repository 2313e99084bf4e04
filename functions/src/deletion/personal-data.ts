import {
  FieldValue,
  Timestamp,
  type Firestore,
  type Query,
  type QueryDocumentSnapshot,
  type DocumentData,
} from '../firestore/client';
import { z } from 'zod';
import { orderQueries } from '../orders/queries';
import { accountToken } from '../stores/account-token';
import { ERASED } from '../ids';
import { ledgerQueries } from '../ledger/queries';
import { storeQueries } from '../stores/queries';
import {
  ADJUSTMENTS,
  CUSTOMERS,
  PENDING_PURCHASES,
  ORDERS,
  PARKED_EVENTS,
  PAYMENTS,
  RECEIPTS,
  REVIEWS,
  STAFF,
  UNCLAIMED_PURCHASES,
} from '../firestore/collections';
import { accountDeletedFault } from '../ledger/sync-fault';

/** A collection whose documents have fields with a uid. */
export interface PersonalFields {
  readonly collection: string;
  /** The field with the uid. */
  readonly field: string;
  /** The value that names a user there: the uid itself, unless this says otherwise. */
  readonly nameOf?: (uid: string) => string;
  /** The documents with one of these values. */
  readonly of: (firestore: Firestore, values: readonly string[]) => Query;
  /** The update that removes the uid. Other fields of the document stay as they are. */
  readonly erased: (document: QueryDocumentSnapshot) => DocumentData;
  /** Whether the uid is still needed. The document is then erased later. */
  readonly isInUse?: (document: QueryDocumentSnapshot) => boolean;
  /** Whether it is a payment row: once erased, its money has no owner. */
  readonly isMoney?: (document: QueryDocumentSnapshot) => boolean;
}

const EVER = Timestamp.fromMillis(0);

/** The movements of a receipt, also of one that a person has broken. */
const movements = z.array(z.looseObject({})).catch([]);

/** A row that waits for a push. A row that was pushed or given up does not wait. */
const isDue = (row: QueryDocumentSnapshot) => row.get('next_sync_at') !== undefined;

/** The row of a move that gives: the money of a payment. */
const isGiven = (row: QueryDocumentSnapshot) =>
  row.get('kind') === 'move' && Number(row.get('amount')) > 0;

/**
 * Every collection that holds uids, apart from the deletions themselves. A test compares this list
 * and `namedByUid` with the collections that the code names.
 */
export const personalFields: readonly PersonalFields[] = [
  {
    collection: PAYMENTS,
    field: 'uid',
    of: (firestore, uids) => ledgerQueries.paymentsSince(firestore, uids, EVER),
    erased: (row) => ({
      uid: ERASED,
      ...(isDue(row) && { next_sync_at: FieldValue.delete(), sync_error: accountDeletedFault }),
    }),
    isInUse: isDue,
    isMoney: (row) => row.get('kind') === 'payment' || isGiven(row),
  },
  {
    collection: PARKED_EVENTS,
    field: 'row.uid',
    of: ledgerQueries.parkedEventsOf,
    erased: () => ({ 'row.uid': ERASED }),
  },
  {
    collection: ADJUSTMENTS,
    field: 'uid',
    of: ledgerQueries.adjustmentsOf,
    // One that waits can then no longer be approved.
    erased: () => ({ uid: ERASED }),
  },
  {
    collection: ORDERS,
    field: 'uid',
    of: (firestore, uids) => orderQueries.ordersSince(firestore, uids, EVER),
    erased: () => ({ uid: ERASED }),
  },
  {
    collection: REVIEWS,
    field: 'uid',
    of: orderQueries.reviewsOf,
    erased: () => ({ uid: ERASED }),
  },
  {
    collection: RECEIPTS,
    field: 'account_token',
    nameOf: accountToken,
    of: storeQueries.receiptsOfAccount,
    // The receipt keeps an owner, so that no other user can claim it.
    erased: (receipt) => ({
      uid: ERASED,
      account_token: ERASED,
      movements: movements.parse(receipt.get('movements')).map((one) => ({ ...one, uid: ERASED })),
    }),
  },
  {
    collection: PENDING_PURCHASES,
    field: 'uid',
    of: storeQueries.pendingPurchasesOf,
    erased: () => ({ uid: ERASED }),
    isInUse: () => true,
  },
  {
    collection: UNCLAIMED_PURCHASES,
    field: 'account_token',
    nameOf: accountToken,
    of: storeQueries.unclaimedPurchasesOf,
    // Apple's proof names the account, and no user is left to claim the purchase with it.
    erased: () => ({ account_token: ERASED, proof: ERASED }),
  },
];

/** Collections whose documents are named by a uid: deleted whole. */
export const namedByUid: readonly string[] = [CUSTOMERS, STAFF];
