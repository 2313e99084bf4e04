import { Timestamp, type DocumentData } from '../firestore/client';
import { ERASED } from '../ids';
import { paymentRow, type PaymentRow } from './payment-row';
import { accountDeletedFault } from './sync-fault';

/**
 * The document of a new row. Its creator, which pushes it at once, has the lease. A row without an
 * owner is never due.
 */
export function newDocumentOf(row: PaymentRow, now: Date, leaseMs: number): DocumentData {
  return {
    ...paymentRow.encode(row),
    created_at: Timestamp.fromDate(now),
    is_synced: false,
    sync_attempts: 0,
    // The creator with a lease pushes at once; that try is counted even if nothing is heard of it.
    sync_tries: leaseMs > 0 ? 1 : 0,
    ...(row.uid === ERASED
      ? { sync_error: accountDeletedFault }
      : { next_sync_at: Timestamp.fromMillis(now.getTime() + leaseMs) }),
  };
}
