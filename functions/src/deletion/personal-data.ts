import {
  FieldValue,
  Timestamp,
  type Firestore,
  type Query,
  type QueryDocumentSnapshot,
  type UpdateData,
} from 'firebase-admin/firestore';
import { z } from 'zod';
import { orderQueries } from '../orders/queries';
import { accountToken } from '../stores/account-token';
import { ERASED } from '../ids';
import { ledgerQueries } from '../ledger/queries';
import { storeQueries } from '../stores/queries';
import {
  CUSTOMERS,
  PENDING_PURCHASES,
  ORDERS,
  PARKED_EVENTS,
  PAYMENTS,
  RECEIPTS,
  REVIEWS,
} from '../firestore/collections';
import { accountDeletedFault } from '../ledger/sync-fault';

/** A collection whose documents name a user in fields of theirs. */
export interface PersonalFields {
  readonly collection: string;
  /** Those of one user. */
  readonly of: (firestore: Firestore, uid: string) => Query;
  /** The fields that name the user, and what they become. Nothing else of the document changes. */
  readonly erased: (document: QueryDocumentSnapshot) => UpdateData<Record<string, unknown>>;
  /** The uid is still needed: the document is erased later. */
  readonly isInUse?: (document: QueryDocumentSnapshot) => boolean;
  /** The document says that money came, for which nobody is left once it is erased. */
  readonly isMoney?: (document: QueryDocumentSnapshot) => boolean;
}

const EVER = Timestamp.fromMillis(0);

/** A receipt that a person has broken keeps what it says, but for the uid. */
const movements = z.array(z.looseObject({})).catch([]);

/** A row that waits for a push; one that was pushed, or given up, does not. */
const isDue = (row: QueryDocumentSnapshot) => row.get('next_sync_at') !== undefined;

/**
 * Every place in which a uid is kept, but for the deletions themselves. A test holds the two lists
 * against the collections that the code names.
 */
export const personalFields: readonly PersonalFields[] = [
  {
    collection: PAYMENTS,
    of: (firestore, uid) => ledgerQueries.paymentsSince(firestore, uid, EVER),
    erased: (row) => ({
      uid: ERASED,
      ...(isDue(row) && { next_sync_at: FieldValue.delete(), sync_error: accountDeletedFault }),
    }),
    isInUse: isDue,
    isMoney: (row) => row.get('kind') === 'payment',
  },
  {
    collection: PARKED_EVENTS,
    of: ledgerQueries.parkedEventsOf,
    erased: () => ({ 'row.uid': ERASED }),
  },
  {
    collection: ORDERS,
    of: (firestore, uid) => orderQueries.ordersSince(firestore, uid, EVER),
    erased: () => ({ uid: ERASED }),
  },
  {
    collection: REVIEWS,
    of: orderQueries.reviewsOf,
    erased: () => ({ uid: ERASED }),
  },
  {
    collection: RECEIPTS,
    of: (firestore, uid) => storeQueries.receiptsOfAccount(firestore, accountToken(uid)),
    // It stays somebody's, so that nobody else claims it.
    erased: (receipt) => ({
      uid: ERASED,
      account_token: ERASED,
      movements: movements.parse(receipt.get('movements')).map((one) => ({ ...one, uid: ERASED })),
    }),
  },
  {
    collection: PENDING_PURCHASES,
    of: storeQueries.pendingPurchasesOf,
    erased: () => ({ uid: ERASED }),
    isInUse: () => true,
  },
];

/** Collections whose documents are named by a uid and are of use to nobody else: deleted. */
export const namedByUid: readonly string[] = [CUSTOMERS];
