import {
  AccountOnHold,
  Misconfigured,
  TooManyRequests,
  Unavailable,
  type PaymentsError,
} from '../errors';
import type { Outcome, OutcomeKind } from './outcome';
import { isSuccess, type NoAnswer, type RetailAnswer } from './transport';

/** A 409 that says in so many words that what was sent is there already. */
export function isNamedDuplicate({ status, errorName: name }: RetailAnswer): boolean {
  return (
    status === 409 &&
    name !== null &&
    /duplicate|already_?exists?/i.test(name) &&
    !/not/i.test(name)
  );
}

/**
 * What a 409 to a transaction means. One that names a duplicate is one. One that names no reason,
 * such as a page of a proxy, is one only after a try that may have been applied.
 */
function conflictKind(answer: RetailAnswer, mayBeApplied: boolean): OutcomeKind {
  if (isNamedDuplicate(answer)) return 'duplicate';
  if (answer.errorName !== null) return 'rejected';
  return mayBeApplied && !answer.isBusy ? 'duplicate' : 'ambiguous';
}

/** What the answer to a transaction means, given whether an earlier try may have been applied. */
export function outcomesAfter(mayBeApplied: boolean): (answer: RetailAnswer | NoAnswer) => Outcome {
  return (answer) => {
    if (answer === 'unsent') return local('unsent');
    if (answer === 'unanswered') return local('retryable');
    if (isSuccess(answer)) {
      return answered(answer.result === 'success' ? 'applied' : 'retryable', answer);
    }
    if (answer.status === 409) return answered(conflictKind(answer, mayBeApplied), answer);
    if (answer.status >= 500) return answered('retryable', answer);
    // The API is somewhere else. Our address of it is wrong, not the row.
    if (answer.status >= 300 && answer.status < 400) return answered('misconfigured', answer);
    return answered(byStatus[answer.status] ?? 'rejected', answer);
  };
}

const byStatus: Readonly<Record<number, OutcomeKind>> = {
  401: 'misconfigured',
  402: 'refused_funds',
  403: 'on_hold',
  408: 'retryable',
  429: 'throttled',
};

export function answered(kind: OutcomeKind, answer: RetailAnswer): Outcome {
  const { status, retryAt } = answer;
  return { kind, status, errorName: answer.errorName, retryAt };
}

/** Without a call, or without an answer. */
export function local(kind: OutcomeKind): Outcome {
  return { kind, status: null, errorName: null, retryAt: null };
}

/**
 * What an app is told where a call that it waits for was not answered as it should be.
 * @param freeAt when the next call may be made.
 */
export function refusalOf(answer: RetailAnswer | NoAnswer, freeAt: Date): PaymentsError {
  if (answer === 'unanswered') return new Unavailable('The Retail API did not answer.');
  if (answer === 'unsent') return new TooManyRequests('Too many requests; wait.', freeAt);
  switch (answer.status) {
    case 401:
      return new Misconfigured(
        'The Retail API refuses PLATFONE_API_KEY; set the key of this mode.',
      );
    case 403:
      return new AccountOnHold('This account is on hold.');
    case 429:
      return new TooManyRequests('Too many requests; wait.', answer.retryAt ?? freeAt);
    default:
      return new Unavailable('The Retail API did not answer.');
  }
}
