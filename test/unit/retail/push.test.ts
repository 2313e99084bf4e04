import { Timestamp } from '../../../functions/src/firestore/client/index.ts';
import { Unavailable } from '../../../functions/src/errors.ts';
import type { Decided, DuePayments } from '../../../functions/src/ledger/due-payments.ts';
import type { Outcome, OutcomeKind } from '../../../functions/src/retail/outcome.ts';
import { pushNow, type PushDeps } from '../../../functions/src/retail/push.ts';
import type { RetailApi } from '../../../functions/src/retail/retail-api.ts';
import { logFromNow } from '../../harness/log.ts';
import { told } from '../../harness/own-firestore.ts';
import { paymentRow } from '../../harness/payment-row.ts';

const now = new Date('2026-03-01T10:00:00Z');
const BUDGET_MS = 3_000;

const row = { ...paymentRow(), version: Timestamp.fromMillis(0) };

const outcome = (kind: OutcomeKind, status: number | null = 500): Outcome => {
  return { kind, status, errorName: null, retryAt: null };
};

/** Pushes rows to an API that answers as told, and tells what was decided and asked. */
async function push(
  answer: Outcome,
  rows = [row],
  decide: (decided: readonly Decided[]) => Promise<void> = async () => undefined,
) {
  const decided: Decided[] = [];
  const turns: unknown[] = [];
  const deadlines: (number | undefined)[] = [];
  const payments: Pick<DuePayments, 'decide'> = {
    decide: async (given, _now, deadlineMs) => {
      decided.push(...given);
      deadlines.push(deadlineMs);
      await decide(given);
    },
  };
  const retail: Pick<RetailApi, 'push'> = {
    push: async (pushed, turn) => {
      turns.push([pushed, turn]);
      return answer;
    },
  };
  const deps = { payments, retail, now: () => now, random: () => 0 } as unknown as PushDeps;
  const logged = logFromNow();
  await pushNow(rows, deps, BUDGET_MS);
  return { decided, turns, deadlines, lines: told(logged()) };
}

test('Firestore fails after the push: nothing is thrown, as the row is stored and the schedule repeats it', async () => {
  const { lines } = await push(outcome('applied', 200), [row], async () => {
    throw new Unavailable('Firestore did not answer within 500 ms.');
  });
  expect(lines).toEqual(['WARNING Firestore did not answer within 500 ms.']);
});

test('the budget is the push’s time, and its rest the time to write the outcome down', async () => {
  const { turns, deadlines } = await push(outcome('applied', 200));
  expect(turns).toEqual([
    [
      { ...row, mayBeApplied: false, attempts: 0, tries: 0, createdAt: now },
      { signal: expect.any(AbortSignal) as unknown, sendBy: new Date(now.getTime() + BUDGET_MS) },
    ],
  ]);
  expect(deadlines[0]).toBeGreaterThan(500);
  expect(deadlines[0]).toBeLessThanOrEqual(BUDGET_MS);
});

test('a row whose earlier push has an unknown end says so', async () => {
  const { turns } = await push(outcome('applied', 200), [
    { ...row, mayBeApplied: true } as typeof row,
  ]);
  expect(turns).toMatchObject([[{ mayBeApplied: true }, {}]]);
});

const REFUSED =
  'WARNING the Retail API refused a transaction, which is repeated once by the schedule';
const REPEATED = 'WARNING a push has failed and will be repeated';

test.each<[OutcomeKind, number | null, string | undefined, string[]]>([
  ['applied', 200, 'synced', []],
  ['duplicate', 409, 'synced', ['INFO the Retail API had this transaction already']],
  // Whether the row or the API is at fault, only a sweep of many rows can tell.
  ['rejected', 400, undefined, [REFUSED]],
  ['refused_funds', 402, undefined, [REFUSED]],
  ['on_hold', 403, undefined, [REFUSED]],
  ['throttled', 429, undefined, [REPEATED]],
  ['unsent', null, undefined, [REPEATED]],
  ['ambiguous', 409, undefined, [REPEATED]],
  ['retryable', 500, 'kept', [REPEATED]],
  [
    'malformed',
    null,
    'failed',
    ['ERROR a row is malformed and cannot be pushed: correct its uid, amount, gateway or mode'],
  ],
  ['other_mode', null, 'failed', ['ERROR a row of another mode than PAYMENTS_MODE is not pushed']],
  [
    'misconfigured',
    401,
    undefined,
    ['ERROR the Retail API takes no call: check PLATFONE_API_KEY and PLATFONE_API_URL'],
  ],
])('%s (%s): %s is written down, and it is told so', async (kind, status, written, lines) => {
  const { decided, lines: logged } = await push(outcome(kind, status));
  expect(decided.map(({ decision }) => decision.kind)).toEqual(
    written === undefined ? [] : [written],
  );
  expect(logged).toEqual(lines);
});

test('a refusal is told with its row and its status', async () => {
  const logged = logFromNow();
  await push(outcome('rejected', 400));
  expect(JSON.parse(logged()[0] ?? '')).toMatchObject({ payment_id: 'stripe_pi_1', status: 400 });
});

test('no rows: no call', async () => {
  expect(await push(outcome('applied'), [])).toMatchObject({ turns: [], decided: [] });
});
