import { z } from 'zod';
import { Forbidden } from './errors';

/** What the Retail API takes for a transaction id. */
export const paymentId = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/);

/**
 * A Firebase uid is 1 to 128 characters; one with a slash or a control character is none, nor one
 * that can name no document.
 */
export const firebaseUid = z.string().regex(/^(?!\.{1,2}$|__.*__$)[^\s/\p{Cc}]{1,128}$/u);

/** A uid the Retail API can hold a balance for: it is the customer id there, never rewritten. */
export const customerId = z.string().regex(/^[A-Za-z0-9]{1,128}$/);

/** @throws Forbidden when the Retail API could hold no balance for this uid. */
export function expectCustomerId(uid: string): void {
  if (customerId.safeParse(uid).success) return;
  throw new Forbidden('This account cannot hold a balance.');
}

/**
 * Stands where the uid of a deleted account stood. It names nobody: it is no uid that Firebase
 * makes, and the schemas for a uid and for a customer of the Retail API both refuse it.
 */
export const ERASED = '(deleted account)';

/** Whether two reports may be of one user: one of them may come from before an erasure. */
export function sameOwner(one: unknown, other: unknown): boolean {
  return one === other || one === ERASED || other === ERASED;
}
