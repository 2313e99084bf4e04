import { logOutcome, type OutcomeKind } from '../../../functions/src/retail/outcome.ts';
import { logFromNow } from '../../harness/log.ts';

const row = { paymentId: 'stripe_pi_1', gateway: 'stripe', attempts: 0 };

/** The lines of an outcome. */
function linesOf(kind: OutcomeKind, attempts = 0): Record<string, unknown>[] {
  const logged = logFromNow();
  logOutcome(
    { ...row, attempts },
    { kind, status: 409, errorName: 'SomeException', retryAt: null },
  );
  return logged().map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('an applied transaction needs no line', () => {
  expect(linesOf('applied')).toEqual([]);
});

test.each<[OutcomeKind, string]>([
  ['duplicate', 'INFO'],
  ['retryable', 'WARNING'],
  ['throttled', 'WARNING'],
  ['unsent', 'WARNING'],
  ['ambiguous', 'WARNING'],
  ['rejected', 'ERROR'],
  ['refused_funds', 'ERROR'],
  ['on_hold', 'ERROR'],
  ['malformed', 'ERROR'],
  ['other_mode', 'ERROR'],
  ['misconfigured', 'ERROR'],
])('%s is told as %s, with the row and the answer', (outcome, severity) => {
  expect(linesOf(outcome)).toEqual([
    {
      severity,
      message: expect.stringMatching(/\w/) as unknown,
      payment_id: 'stripe_pi_1',
      gateway: 'stripe',
      outcome,
      status: 409,
      error_name: 'SomeException',
      ...(severity === 'ERROR' && { next_step: expect.stringMatching(/\w/) as unknown }),
    },
  ]);
});

test('a 409 without a reason is told a person after five tries, with what to look for', () => {
  expect(linesOf('ambiguous', 4)).toMatchObject([{ severity: 'WARNING' }]);
  const [line] = linesOf('ambiguous', 5);
  expect(line?.['severity']).toBe('ERROR');
  expect(line?.['message']).toContain('409 without a reason');
});

test.each(['rejected', 'refused_funds', 'on_hold'] as const)(
  '%s: the alert names the next step',
  (kind) => {
    expect(linesOf(kind)[0]?.['message']).toContain('npm run ops -- refused');
  },
);

test('an outcome without an answer names none', () => {
  const logged = logFromNow();
  logOutcome(row, { kind: 'unsent', status: null, errorName: null, retryAt: null });
  expect(Object.keys(JSON.parse(logged()[0] ?? '') as object)).toEqual([
    'severity',
    'message',
    'payment_id',
    'gateway',
    'outcome',
  ]);
});
