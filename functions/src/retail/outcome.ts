import { log } from '../log';

/**
 * What came of a push, told apart by what to do next.
 * - `applied`, `duplicate`: the balance has it.
 * - `rejected`: never, as it stands. `refused_funds`, `on_hold`: not for a long while.
 * - `retryable`: nobody knows whether it was applied; the same id again.
 * - `throttled`, `misconfigured`: every other push would end the same now.
 */
export type OutcomeKind =
  | 'applied'
  | 'duplicate'
  | 'rejected'
  | 'refused_funds'
  | 'on_hold'
  | 'retryable'
  | 'throttled'
  | 'misconfigured';

export interface Outcome {
  readonly kind: OutcomeKind;
  /** The HTTP status; null when no answer came or no call was made. */
  readonly status: number | null;
  readonly errorName: string | null;
  /** For `throttled`: when the Retail API listens again, if it said so. */
  readonly retryAt: Date | null;
}

/** Says what a person must know of: a row that only a person can help is an alert. */
export function logOutcome(row: { paymentId: string; gateway: string }, outcome: Outcome): void {
  const fields = {
    payment_id: row.paymentId,
    gateway: row.gateway,
    outcome: outcome.kind,
    ...(outcome.status !== null && { status: outcome.status }),
    ...(outcome.errorName !== null && { error_name: outcome.errorName }),
  };
  if (outcome.kind === 'applied') return;
  if (outcome.kind === 'duplicate') {
    log.info('the Retail API had this transaction already', fields);
  } else if (needsAPerson.has(outcome.kind)) {
    log.alert('the Retail API refused a transaction', fields);
  } else {
    log.warn('a push has failed and will be repeated', fields);
  }
}

const needsAPerson = new Set(['rejected', 'refused_funds', 'on_hold', 'misconfigured']);
