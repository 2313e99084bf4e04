import { z } from 'zod';
import { Forbidden } from './errors';

/** The ids of transactions that the Retail API takes. */
export const paymentId = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/);

/** A payment id that can be the name of a document: Firestore reserves `.`, `..` and `__…__`. */
export const rowId = z.string().regex(/^(?!\.{1,2}$|__.*__$)[A-Za-z0-9._-]{1,128}$/);

/**
 * A Firebase uid: 1 to 128 characters, without a slash or a control character, that can be the name
 * of a document in Firestore.
 */
export const firebaseUid = z.string().regex(/^(?!\.{1,2}$|__.*__$)[^\s/\p{Cc}]{1,128}$/u);

/** A uid that the Retail API can hold a balance for. It is the customer id there, unchanged. */
export const customerId = z.string().regex(/^[A-Za-z0-9]{1,128}$/);

/** @throws Forbidden when the Retail API cannot hold a balance for this uid. */
export function expectCustomerId(uid: string): void {
  if (customerId.safeParse(uid).success) return;
  throw new Forbidden('This account cannot hold a balance.');
}

/**
 * Takes the place of the uid of a deleted account. No user has this uid: Firebase does not make it,
 * and the schemas of a uid and of a customer of the Retail API refuse it.
 */
export const ERASED = '(deleted account)';

/** Stands in place of a gateway in the rows that the staff books. */
export const MANUAL = 'manual';

/** Whether two uids may be of one user: one of them may come from before an erasure. */
export function sameOwner(one: unknown, other: unknown): boolean {
  return one === other || one === ERASED || other === ERASED;
}
