import type { DuePayment } from '../../../functions/src/ledger/due-payments.ts';
import { Breaker } from '../../../functions/src/sync/breaker.ts';
import { decisionOf } from '../../../functions/src/retail/decision.ts';
import type { Outcome, OutcomeKind } from '../../../functions/src/retail/outcome.ts';
import { backOffMs } from '../../../functions/src/schedule/back-off.ts';

const HOUR_MS = 60 * 60_000;
const now = new Date('2026-11-01T10:00:00Z');
const row = { attempts: 3 } as DuePayment;

function outcome(kind: OutcomeKind, retryAt: Date | null = null): Outcome {
  return { kind, status: 500, errorName: 'SomeException', retryAt };
}

function retryAfterMs(kind: OutcomeKind, random: number): number {
  const decision = decisionOf(outcome(kind), row, { blameRow: true, now, random });
  if (decision?.synced !== false || decision.retryAt === null) throw new Error('no retry');
  return decision.retryAt.getTime() - now.getTime();
}

test.each(['applied', 'duplicate'] as const)('%s: synced', (kind) => {
  expect(decisionOf(outcome(kind), row, { blameRow: false, now, random: 0 })).toEqual({
    synced: true,
  });
});

test('rejected: no more tries, and the reason is kept', () => {
  expect(decisionOf(outcome('rejected'), row, { blameRow: true, now, random: 0 })).toEqual({
    synced: false,
    retryAt: null,
    fault: { outcome: 'rejected', status: 500, error_name: 'SomeException' },
  });
});

test.each(['refused_funds', 'on_hold'] as const)('%s: about six hours later', (kind) => {
  expect(retryAfterMs(kind, 0)).toBeGreaterThan(4 * HOUR_MS);
  expect(retryAfterMs(kind, 1)).toBe(6 * HOUR_MS);
});

test('a fault of the row doubles its pause; a fault of the Retail API does not touch the row', () => {
  expect(retryAfterMs('retryable', 1)).toBe(8 * 60_000);
  const context = { blameRow: false, now, random: 1 };
  expect(decisionOf(outcome('retryable'), row, context)).toBeUndefined();
  expect(decisionOf(outcome('misconfigured'), row, context)).toBeUndefined();
});

test('throttled: not before the Retail API said', () => {
  const retryAt = new Date('2026-11-01T11:00:00Z');
  const context = { blameRow: false, now, random: 1 };
  expect(decisionOf(outcome('throttled', retryAt), row, context)).toMatchObject({ retryAt });
  expect(decisionOf(outcome('throttled'), row, context)).toBeUndefined();
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
  test('stops after twenty users in a row for whom nothing went through', () => {
    const breaker = new Breaker();
    for (let user = 1; user < 20; user += 1)
      breaker.note({ kind: 'retryable', status: 500 }, `user${user}`);
    expect([breaker.stoppedBy, breaker.hasAnswered]).toEqual([undefined, false]);
    breaker.note({ kind: 'retryable', status: 500 }, 'user20');
    expect(breaker.stoppedBy).toBe('retail_down');
  });

  test('counts a user whose rows all fail once, but not for ever', () => {
    const breaker = new Breaker();
    breaker.note({ kind: 'applied', status: 500 }, 'other');
    for (let push = 1; push < 100; push += 1)
      breaker.note({ kind: 'retryable', status: 500 }, 'user');
    expect(breaker.stoppedBy).toBeUndefined();
    breaker.note({ kind: 'retryable', status: 500 }, 'user');
    expect(breaker.stoppedBy).toBe('retail_down');
  });

  test('any answer shows that the Retail API works, and begins the count anew', () => {
    const breaker = new Breaker();
    for (let user = 1; user < 20; user += 1)
      breaker.note({ kind: 'retryable', status: 500 }, `user${user}`);
    breaker.note({ kind: 'rejected', status: 500 }, 'user');
    for (let user = 1; user < 20; user += 1)
      breaker.note({ kind: 'retryable', status: 500 }, `user${user}`);
    expect([breaker.stoppedBy, breaker.hasAnswered]).toEqual([undefined, true]);
  });

  test('a row refused here, without a call, shows nothing', () => {
    const breaker = new Breaker();
    breaker.note({ kind: 'rejected', status: null }, 'user');
    expect(breaker.hasAnswered).toBe(false);
  });

  test.each(['throttled', 'misconfigured'] as const)('%s stops at once', (kind) => {
    const breaker = new Breaker();
    breaker.note({ kind: 'applied', status: 500 }, 'user');
    breaker.note({ kind, status: 429 }, 'user');
    expect(breaker.stoppedBy).toBe(kind);
  });
});
