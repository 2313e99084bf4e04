/** Why a row is not synced: words of ours and of the Retail API's vocabulary, never its text. */
export interface SyncFault {
  readonly outcome: string;
  readonly status: number | null;
  readonly error_name: string | null;
}

/** Why a row of a deleted account is not synced: there is no balance that it could change. */
export const accountDeletedFault: SyncFault = {
  outcome: 'account_deleted',
  status: null,
  error_name: null,
};

/** What was paid when the account was deleted already: there is nobody to credit. */
export const MONEY_FOR_NOBODY = 'a payment came for a deleted account: pay it back';
