/** Why a row is not synced: our own words and the Retail API's error names, never its messages. */
export interface SyncFault {
  readonly outcome: string;
  readonly status: number | null;
  readonly error_name: string | null;
}

/**
 * The outcomes of a row that the balance does not take as it stands, or not for hours: see
 * `OutcomeKind`. An `ambiguous` one may be in the balance.
 */
export const refusedOutcomes = ['rejected', 'malformed', 'other_mode', 'refused_funds', 'on_hold'];

/** Outcomes that leave a row to a person, or for hours. */
export const leftOutcomes = [...refusedOutcomes, 'ambiguous'];

/** A row of a deleted account is not synced, because there is no balance that it could change. */
export const accountDeletedFault: SyncFault = {
  outcome: 'account_deleted',
  status: null,
  error_name: null,
};

/** The alert for a payment of an account that is already deleted: no user can be credited. */
export const PAYMENT_AFTER_DELETION = 'a payment came for a deleted account: pay it back';

export const PAY_BACK = "Pay the money back in the gateway's dashboard.";
