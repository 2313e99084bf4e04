import type { SyncFault } from './due-payments';

/**
 * Stands where the uid of a deleted account stood. It names nobody: it is no uid that Firebase
 * makes, and the schemas for a uid and for a customer of the Retail API both refuse it.
 */
export const ERASED = '(deleted account)';

/** Whether two reports may be of one user: one of them may come from before an erasure. */
export function sameOwner(one: unknown, other: unknown): boolean {
  return one === other || one === ERASED || other === ERASED;
}

/** Why a row of a deleted account is not synced: there is no balance that it could change. */
export const ownerless: SyncFault = { outcome: 'account_deleted', status: null, error_name: null };

/** What was paid when the account was deleted already: there is nobody to credit. */
export const MONEY_FOR_NOBODY = 'a payment came for a deleted account: pay it back';
