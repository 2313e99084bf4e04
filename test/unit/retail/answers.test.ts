import {
  AccountOnHold,
  Misconfigured,
  TooManyRequests,
  Unavailable,
} from '../../../functions/src/errors.ts';
import {
  isNamedDuplicate,
  outcomesAfter,
  refusalOf,
} from '../../../functions/src/retail/answers.ts';
import type { RetailAnswer } from '../../../functions/src/retail/transport.ts';

const answerOf = (status: number, given: Partial<RetailAnswer> = {}): RetailAnswer => ({
  status,
  body: undefined,
  result: undefined,
  errorName: null,
  isBusy: false,
  retryAt: null,
  ...given,
});

const freeAt = new Date('2026-03-01T10:00:00Z');
const retryAt = new Date('2026-03-01T11:00:00Z');

test.each<[string, boolean]>([
  ['DuplicateTransactionException', true],
  ['TransactionAlreadyExistsException', true],
  ['already_exists', true],
  ['customer_already_exist', true],
  ['NotDuplicateException', false],
  ['CustomerDoesNotExistException', false],
  ['ExistsException', false],
  ['', false],
])('409 %j names a duplicate: %s', (errorName, isNamed) => {
  expect(isNamedDuplicate(answerOf(409, { errorName }))).toBe(isNamed);
  expect(isNamedDuplicate(answerOf(400, { errorName }))).toBe(false);
});

test('409 without a name names none', () => {
  expect(isNamedDuplicate(answerOf(409))).toBe(false);
});

describe.each([false, true])('an earlier try may have been applied: %s', (mayBeApplied) => {
  const outcome = outcomesAfter(mayBeApplied);

  test('409 without a reason', () => {
    expect(outcome(answerOf(409)).kind).toBe(mayBeApplied ? 'duplicate' : 'ambiguous');
    expect(outcome(answerOf(409, { isBusy: true })).kind).toBe('ambiguous');
    expect(outcome(answerOf(409, { errorName: 'MismatchException' })).kind).toBe('rejected');
    expect(outcome(answerOf(409, { errorName: 'DuplicateException' })).kind).toBe('duplicate');
  });

  test.each([
    [200, 'retryable'],
    [299, 'retryable'],
    [300, 'misconfigured'],
    [399, 'misconfigured'],
    [400, 'rejected'],
    [401, 'misconfigured'],
    [402, 'refused_funds'],
    [403, 'on_hold'],
    [404, 'rejected'],
    [408, 'retryable'],
    [429, 'throttled'],
    [499, 'rejected'],
    [500, 'retryable'],
    [599, 'retryable'],
    [199, 'rejected'],
  ])('%d: %s', (status, kind) => {
    const answer = answerOf(status, { errorName: 'SomeException', retryAt });
    expect(outcome(answer)).toEqual({ kind, status, errorName: 'SomeException', retryAt });
  });

  test('success is what says so', () => {
    expect(outcome(answerOf(200, { result: 'success' })).kind).toBe('applied');
    expect(outcome(answerOf(400, { result: 'success' })).kind).toBe('rejected');
  });

  test('without an answer', () => {
    const none = { status: null, errorName: null, retryAt: null };
    expect(outcome('unsent')).toEqual({ kind: 'unsent', ...none });
    expect(outcome('unanswered')).toEqual({ kind: 'retryable', ...none });
  });
});

test('what an app is told of a question that was not answered', () => {
  expect(refusalOf('unanswered', freeAt)).toEqual(
    new Unavailable('The Retail API did not answer.'),
  );
  expect(refusalOf(answerOf(500), freeAt)).toBeInstanceOf(Unavailable);
  expect(refusalOf(answerOf(403), freeAt)).toBeInstanceOf(AccountOnHold);
  const refused = refusalOf(answerOf(401), freeAt);
  expect(refused).toBeInstanceOf(Misconfigured);
  expect(refused.message).toContain('PLATFONE_API_KEY');
});

test.each([
  ['the budget is used up', 'unsent' as const, freeAt],
  ['429 with a time', answerOf(429, { retryAt }), retryAt],
  ['429 without a time', answerOf(429), freeAt],
])('%s: too many requests, until then', (_name, answer, resetAt) => {
  const refusal = refusalOf(answer, freeAt);
  expect(refusal).toBeInstanceOf(TooManyRequests);
  expect(refusal).toMatchObject({ resetAt });
});
