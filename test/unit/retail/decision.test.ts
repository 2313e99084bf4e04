import { Breaker } from '../../../functions/src/sync/breaker.ts';
import { decisionOf } from '../../../functions/src/retail/decision.ts';
import type { Outcome, OutcomeKind } from '../../../functions/src/retail/outcome.ts';
import { backOffMs } from '../../../functions/src/schedule/back-off.ts';

const HOUR_MS = 60 * 60_000;
const now = new Date('2026-11-01T10:00:00Z');
const ATTEMPTS = 3;

function outcome(kind: OutcomeKind, retryAt: Date | null = null): Outcome {
  return { kind, status: 500, errorName: 'SomeException', retryAt };
}

function retryAfterMs(kind: OutcomeKind, random: number): number {
  const decision = decisionOf(outcome(kind), ATTEMPTS, { blameRow: true, now, random });
  if (decision.kind !== 'failed' || decision.retryAt === null) throw new Error('no retry');
  return decision.retryAt.getTime() - now.getTime();
}

test.each(['applied', 'duplicate'] as const)('%s: synced', (kind) => {
  expect(decisionOf(outcome(kind), ATTEMPTS, { blameRow: false, now, random: 0 })).toEqual({
    kind: 'synced',
    as: kind,
  });
});

test('rejected: no more tries, and the reason is kept', () => {
  expect(decisionOf(outcome('rejected'), ATTEMPTS, { blameRow: true, now, random: 0 })).toEqual({
    kind: 'failed',
    retryAt: null,
    fault: { outcome: 'rejected', status: 500, error_name: 'SomeException' },
    mayBeApplied: false,
  });
});

test.each(['refused_funds', 'on_hold'] as const)('%s: about six hours later', (kind) => {
  expect(retryAfterMs(kind, 0)).toBeGreaterThan(4 * HOUR_MS);
  expect(retryAfterMs(kind, 1)).toBe(6 * HOUR_MS);
});

test('a fault of the row doubles its pause', () => {
  expect(retryAfterMs('retryable', 1)).toBe(8 * 60_000);
  expect(retryAfterMs('ambiguous', 1)).toBe(8 * 60_000);
});

describe('where the Retail API may be at fault, the row stays due', () => {
  const context = { blameRow: false, now, random: 1 };

  test.each(['rejected', 'refused_funds', 'on_hold', 'misconfigured', 'unsent'] as const)(
    '%s',
    (kind) => {
      expect(decisionOf(outcome(kind), ATTEMPTS, context)).toEqual({ kind: 'kept' });
    },
  );

  test('a push with an unknown end is remembered as one', () => {
    expect(decisionOf(outcome('retryable'), ATTEMPTS, context)).toEqual({
      kind: 'kept',
      mayBeApplied: true,
    });
    expect(decisionOf(outcome('ambiguous'), ATTEMPTS, context)).toEqual({
      kind: 'kept',
      mayBeApplied: false,
    });
  });
});

test.each(['malformed', 'other_mode'] as const)(
  '%s: no more tries, whatever the Retail API does',
  (kind) => {
    const context = { blameRow: false, now, random: 1 };
    const decision = decisionOf(outcome(kind), ATTEMPTS, context);
    expect(decision).toMatchObject({ kind: 'failed', retryAt: null, fault: { outcome: kind } });
  },
);

test('throttled: not before the Retail API said', () => {
  const retryAt = new Date('2026-11-01T11:00:00Z');
  const context = { blameRow: true, now, random: 1 };
  const told = decisionOf(outcome('throttled', retryAt), ATTEMPTS, context);
  expect(told).toEqual({ kind: 'kept', dueAt: retryAt });
  expect(decisionOf(outcome('throttled'), ATTEMPTS, context)).toEqual({ kind: 'kept' });
});

test('the pause grows from a minute to six hours and no further', () => {
  expect([0, 1, 2, 8, 9, 1_000].map((attempts) => backOffMs(attempts, 1) / 60_000)).toEqual([
    1, 2, 4, 256, 360, 360,
  ]);
});

test('ten thousand rows that failed together come back spread out', () => {
  const delays = Array.from({ length: 10_000 }, (_, index) => backOffMs(9, index / 10_000));
  const bucketMs = (6 * HOUR_MS) / 100;
  const buckets = Object.values(Object.groupBy(delays, (delay) => Math.floor(delay / bucketMs)));
  expect(Math.max(...buckets.map((bucket) => bucket?.length ?? 0))).toBeLessThan(300);
});

describe('the breaker', () => {
  const failed = { kind: 'retryable', status: 500, errorName: null } as const;
  const applied = { kind: 'applied', status: 200, errorName: null } as const;
  const refused = { kind: 'rejected', status: 400, errorName: 'SomeException' } as const;
  const users = (count: number) => Array.from({ length: count }, (_, index) => `user${index}`);

  test('suspects an outage after twenty users in a row for whom nothing went through', () => {
    const breaker = new Breaker();
    for (const user of users(19)) breaker.note(failed, user);
    expect([breaker.suspectsOutage, breaker.hasAnswered]).toEqual([false, false]);
    breaker.note({ ...failed, kind: 'ambiguous' }, 'user20');
    expect(breaker.suspectsOutage).toBe(true);
    expect(breaker.stoppedBy).toBeUndefined();
  });

  test('counts a user whose rows all fail once, but not for ever', () => {
    const breaker = new Breaker();
    breaker.note(applied, 'other');
    for (let push = 1; push < 100; push += 1) breaker.note(failed, 'user');
    expect(breaker.suspectsOutage).toBe(false);
    breaker.note(failed, 'user');
    expect(breaker.suspectsOutage).toBe(true);
  });

  test('any answer shows that the Retail API works, and begins the count anew', () => {
    const breaker = new Breaker();
    for (const user of users(19)) breaker.note(failed, user);
    breaker.note(refused, 'user');
    for (const user of users(19)) breaker.note(failed, user);
    expect([breaker.suspectsOutage, breaker.hasAnswered]).toEqual([false, true]);
  });

  test('the same refusal to five users, of whom none was served: the API refuses everybody', () => {
    const breaker = new Breaker();
    for (const user of users(4)) breaker.note(refused, user);
    breaker.note({ ...refused, errorName: 'AnotherException' }, 'other');
    breaker.note(refused, 'user0');
    expect(breaker.stoppedBy).toBeUndefined();
    breaker.note(refused, 'user4');
    expect(breaker.stoppedBy).toBe('refusing');
  });

  test('the same refusal to twenty users, more than were served: the API has begun to refuse', () => {
    const breaker = new Breaker();
    for (const user of users(19)) breaker.note(applied, user);
    for (const user of users(19)) breaker.note(refused, `refused-${user}`);
    expect(breaker.stoppedBy).toBeUndefined();
    breaker.note(refused, 'one-more');
    expect(breaker.stoppedBy).toBe('refusing');
  });

  test('the same refusal to fewer users than were served: these rows are at fault', () => {
    const breaker = new Breaker();
    for (const user of users(30)) breaker.note(applied, user);
    for (const user of users(30)) breaker.note(refused, `refused-${user}`);
    expect(breaker.stoppedBy).toBeUndefined();
  });

  test('a row refused here, without a call, shows nothing', () => {
    const breaker = new Breaker();
    for (const user of users(9))
      breaker.note({ ...refused, kind: 'malformed', status: null }, user);
    expect([breaker.hasAnswered, breaker.stoppedBy]).toEqual([false, undefined]);
  });

  test('an API that works twice, and serves nobody in between, has transactions that fail', () => {
    const breaker = new Breaker();
    for (const user of users(20)) breaker.note(failed, user);
    breaker.cleared();
    expect([breaker.stoppedBy, breaker.suspectsOutage]).toEqual([undefined, false]);
    breaker.note(applied, 'other');
    breaker.cleared();
    expect(breaker.stoppedBy).toBeUndefined();
    breaker.cleared();
    expect(breaker.stoppedBy).toBe('failing');
  });

  test('a wrong key stops at once', () => {
    const breaker = new Breaker();
    breaker.note(applied, 'user');
    breaker.note({ kind: 'misconfigured', status: 401, errorName: null }, 'user');
    expect(breaker.stoppedBy).toBe('misconfigured');
  });

  test('429 slows and does not stop; what cannot be sent any more stops', () => {
    const breaker = new Breaker();
    breaker.note({ kind: 'throttled', status: 429, errorName: null }, 'user');
    expect(breaker.stoppedBy).toBeUndefined();
    breaker.note({ kind: 'unsent', status: null, errorName: null }, 'user');
    expect(breaker.stoppedBy).toBe('throttled');
  });
});
