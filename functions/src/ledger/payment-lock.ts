import type { DocumentSnapshot, WriteBatch } from '../firestore/client';

/**
 * Rewrites the lock of a payment together with what else is in the batch, on the condition that the
 * lock is as it was read: so two writes that were decided by the same rows are never both made.
 * @param lock read before the rows, so a row that is missed changes it.
 * @param wrote which gateway's payment it is, and the document that is written under the lock.
 */
export function rewriteLock(
  batch: WriteBatch,
  lock: DocumentSnapshot,
  wrote: { readonly gateway: string; readonly last_row?: string; readonly last_request?: string },
): void {
  if (lock.updateTime === undefined) batch.create(lock.ref, wrote);
  else batch.update(lock.ref, wrote, { lastUpdateTime: lock.updateTime });
}
