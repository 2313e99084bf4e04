import { Timestamp } from '../../../functions/src/firestore/client/index.ts';
import { Unavailable } from '../../../functions/src/errors.ts';
import type {
  Decided,
  DuePayment,
  SyncDecision,
} from '../../../functions/src/ledger/due-payments.ts';
import type { Outcome, OutcomeKind } from '../../../functions/src/retail/outcome.ts';
import type { PushDeps } from '../../../functions/src/retail/push.ts';
import { sweep } from '../../../functions/src/sync/sweep.ts';
import { logFromNow } from '../../harness/log.ts';
import { told } from '../../harness/own-firestore.ts';

const start = new Date('2026-03-01T10:00:00Z');
const after = (ms: number) => new Date(start.getTime() + ms);
const MINUTE_MS = 60_000;

interface Row extends DuePayment {
  dueAt: Date | null;
}

const rowOf = (index: number, given: Partial<Row> = {}): Row => ({
  paymentId: `p${index}`,
  uid: `user${index}`,
  amountCents: 100,
  gateway: 'stripe',
  mode: 'test',
  mayBeApplied: false,
  attempts: 0,
  tries: 0,
  createdAt: after(-1_000 * (index + 1)),
  version: Timestamp.fromMillis(0),
  dueAt: after(-10 * MINUTE_MS + index),
  ...given,
});

const rowsOf = (count: number, given?: (index: number) => Partial<Row>) =>
  Array.from({ length: count }, (_, index) => rowOf(index, given?.(index)));

const outcome = (kind: OutcomeKind, status: number | null = 200): Outcome => {
  return { kind, status, errorName: null, retryAt: null };
};
const applied = outcome('applied');
const failed = outcome('retryable', 500);
const refused = outcome('rejected', 400);

/** Books in memory, and a Retail API that answers as told. */
class Bench {
  readonly rows: Row[];
  readonly pushed: string[] = [];
  readonly pages: string[] = [];
  readonly claims: [ids: string[], until: Date][] = [];
  readonly decisions = new Map<string, SyncDecision>();
  readonly asked: string[] = [];
  /** Users with a push that is not answered yet. */
  readonly underWay = new Set<string>();
  isUp = true;
  now = start;
  /** How often in a row Firestore leaves a page, or a decision, unanswered. */
  lostPages = 0;
  lostDecisions = 0;
  callsPerSecond = 5;
  concurrency = 4;
  answer: (row: Row, call: number) => Outcome = () => applied;
  /** Rows that another sweep has taken. */
  readonly taken = new Set<string>();

  constructor(rows: Row[]) {
    this.rows = rows;
  }

  #read(limit: number, name: string): Row[] {
    this.pages.push(`${name} ${limit}`);
    if (this.pages.length > 100) throw new Error('the sweep never ends');
    if (this.lostPages > 0) {
      this.lostPages -= 1;
      throw new Unavailable('Firestore did not answer.');
    }
    const due = this.rows.filter(({ dueAt }) => dueAt !== null && dueAt <= this.now);
    return due.toSorted((a, b) => Number(a.dueAt) - Number(b.dueAt));
  }

  get deps(): PushDeps {
    const payments = {
      page: async (_now: Date, limit: number) => this.#read(limit, 'page').slice(0, limit),
      latest: async (_now: Date, limit: number) =>
        this.#read(limit, 'latest').toReversed().slice(0, limit),
      claim: async (rows: Row[], until: Date) => {
        this.claims.push([rows.map(({ paymentId }) => paymentId), until]);
        const free = rows.filter(({ paymentId }) => !this.taken.has(paymentId));
        for (const row of rows) this.#set(row.paymentId, until);
        return free;
      },
      decide: async (decided: Decided[]) => {
        if (this.lostDecisions > 0) {
          this.lostDecisions -= 1;
          throw new Unavailable('Firestore did not answer.');
        }
        for (const { row, decision } of decided) this.#decide(row.paymentId, decision);
      },
    };
    const retail = {
      concurrency: this.concurrency,
      callsPerSecond: this.callsPerSecond,
      push: async (row: Row, { sendBy }: { sendBy: Date }) => {
        expect(sendBy).toEqual(after(8 * MINUTE_MS));
        expect(this.underWay).not.toContain(row.uid);
        this.underWay.add(row.uid);
        await Promise.resolve();
        this.underWay.delete(row.uid);
        this.pushed.push(row.paymentId);
        if (this.pushed.length > 1_000) throw new Error('the sweep never ends');
        return this.answer(row, this.pushed.length);
      },
      isUp: async (uid: string) => {
        this.asked.push(uid);
        return this.isUp;
      },
    };
    return { payments, retail, now: () => this.now, random: () => 0.5 } as unknown as PushDeps;
  }

  #set(paymentId: string, dueAt: Date | null): void {
    const row = this.rows.find((one) => one.paymentId === paymentId);
    if (row !== undefined) row.dueAt = dueAt;
  }

  #decide(paymentId: string, decision: SyncDecision): void {
    this.decisions.set(paymentId, decision);
    if (decision.kind === 'synced') this.#set(paymentId, null);
    if (decision.kind === 'failed') this.#set(paymentId, decision.retryAt);
    if (decision.kind === 'kept' && decision.dueAt) this.#set(paymentId, decision.dueAt);
  }

  kinds(): string[] {
    return [...new Set([...this.decisions.values()].map(({ kind }) => kind))];
  }
}

const run = (bench: Bench, untilMs = 8 * MINUTE_MS) => sweep(bench.deps, after(untilMs));

test('every row is pushed once: five probes of different users, then pages', async () => {
  const bench = new Bench(rowsOf(40, (index) => ({ uid: `user${Math.floor(index / 4)}` })));
  expect(await run(bench)).toEqual({ synced: 40, failed: 0, oldestS: 25, stoppedBy: undefined });
  expect(bench.pushed.toSorted()).toEqual(bench.rows.map(({ paymentId }) => paymentId).toSorted());
  const [probes, ...pages] = bench.claims.map(([ids]) => ids);
  expect(probes).toHaveLength(5);
  const users = new Set(probes?.map((id) => bench.rows.find((one) => one.paymentId === id)?.uid));
  expect(users.size).toBe(5);
  expect(pages.map((ids) => ids.length)).toEqual([35]);
  expect(bench.asked).toEqual([]);
});

test('no rows: nothing is claimed', async () => {
  const bench = new Bench([]);
  expect(await run(bench)).toEqual({ synced: 0, failed: 0, oldestS: 0, stoppedBy: undefined });
  expect(bench.claims).toEqual([]);
});

test('a row not yet due is not pushed', async () => {
  const bench = new Bench([rowOf(0, { dueAt: start }), rowOf(1, { dueAt: after(1) })]);
  await run(bench);
  expect(bench.pushed).toEqual(['p0']);
});

test('rows are claimed for four minutes, and those that another sweep took are left to it', async () => {
  const bench = new Bench(rowsOf(3));
  bench.taken.add('p1');
  expect(await run(bench)).toMatchObject({ synced: 2, failed: 0 });
  expect(bench.pushed.toSorted()).toEqual(['p0', 'p2']);
  expect(bench.claims.map(([, until]) => until)).toEqual([after(4 * MINUTE_MS)]);
});

test('two of the five probes are from the young end of a long queue', async () => {
  const bench = new Bench(rowsOf(200));
  await run(bench);
  const indexes = bench.claims[0]?.[0].map((id) => Number(id.slice(1))) ?? [];
  expect(indexes.filter((index) => index >= 175)).toHaveLength(2);
  expect(indexes.filter((index) => index < 25)).toHaveLength(3);
  const claimed = bench.claims.flatMap(([ids]) => ids);
  expect(new Set(claimed).size).toBe(claimed.length);
});

test.each([
  [5, 150],
  [1, 30],
  [2, 60],
  [1_000, 150],
])('at %d calls a second a page has %d rows from either end', async (callsPerSecond, size) => {
  const bench = new Bench(rowsOf(400));
  bench.callsPerSecond = callsPerSecond;
  expect(await run(bench)).toMatchObject({ synced: 400 });
  expect(bench.pages.slice(0, 4)).toEqual([
    'page 25',
    'latest 25',
    `page ${size}`,
    `latest ${size}`,
  ]);
});

test('within a page the rows that failed least go first', async () => {
  const bench = new Bench(rowsOf(30, (index) => ({ attempts: 30 - index })));
  bench.concurrency = 1;
  await run(bench);
  const order = bench.claims[1]?.[0].map((id) => Number(id.slice(1)));
  expect(order).toEqual(order?.toSorted((a, b) => b - a));
});

test('a user whose push failed is not tried again in this sweep; the other rows wait longer', async () => {
  const bench = new Bench([
    ...rowsOf(8),
    rowOf(8, { uid: 'poor' }),
    rowOf(9, { uid: 'poor', attempts: 2 }),
  ]);
  bench.answer = ({ uid }) => (uid === 'poor' ? failed : applied);
  const result = await run(bench);
  expect(result).toMatchObject({ synced: 8, failed: 1, stoppedBy: undefined });
  expect(bench.pushed.filter((id) => id === 'p8' || id === 'p9')).toHaveLength(1);
  expect(bench.decisions.get('p8')).toMatchObject({ kind: 'failed', mayBeApplied: true });
  // Three quarters of the pause that its two tries give.
  expect(bench.decisions.get('p9')).toEqual({
    kind: 'kept',
    dueAt: after(3 * MINUTE_MS),
    wasPushed: false,
  });
});

describe('no probe is answered', () => {
  test('and the API does not work: the sweep ends, and blames no row', async () => {
    const bench = new Bench(rowsOf(40));
    Object.assign(bench, { answer: () => failed, isUp: false });
    expect(await run(bench)).toMatchObject({ synced: 0, failed: 5, stoppedBy: 'retail_down' });
    expect(bench.pushed).toHaveLength(5);
    expect(bench.asked).toHaveLength(1);
    expect(bench.kinds()).toEqual(['kept']);
  });

  test('but the API works: the others are tried', async () => {
    const bench = new Bench(rowsOf(10));
    let calls = 0;
    bench.answer = () => ((calls += 1) <= 5 ? failed : applied);
    expect(await run(bench)).toMatchObject({ synced: 5, failed: 5, stoppedBy: undefined });
    expect(bench.asked).toHaveLength(1);
  });
});

test('one probe is answered: the API is not asked whether it works', async () => {
  const bench = new Bench(rowsOf(5));
  bench.answer = (_row, call) => (call === 3 ? applied : failed);
  expect(await run(bench)).toMatchObject({ synced: 1, failed: 4, stoppedBy: undefined });
  expect(bench.asked).toEqual([]);
});

test('twenty users fail in a page: a question tells that the API is down', async () => {
  const bench = new Bench(rowsOf(60));
  bench.answer = (_row, call) => (call <= 5 ? applied : failed);
  bench.isUp = false;
  expect(await run(bench)).toMatchObject({ synced: 5, stoppedBy: 'retail_down' });
  // No more than the pushes under way.
  expect(bench.asked.length).toBeLessThanOrEqual(bench.concurrency);
  expect(bench.pushed.length).toBeLessThanOrEqual(5 + 20 + bench.concurrency);
  expect(bench.kinds().toSorted()).toEqual(['kept', 'synced']);
  // What was claimed and not pushed is due at once.
  const unpushed = bench.rows.filter(({ paymentId }) => !bench.pushed.includes(paymentId));
  expect(unpushed.length).toBeGreaterThan(20);
  for (const { paymentId } of unpushed) {
    expect(bench.decisions.get(paymentId)).toEqual({
      kind: 'kept',
      dueAt: start,
      wasPushed: false,
    });
  }
});

test('everybody is refused alike: the sweep ends, no row is blamed, and no person is told of any', async () => {
  const bench = new Bench(rowsOf(40));
  bench.answer = () => refused;
  const logged = logFromNow();
  expect(await run(bench)).toMatchObject({ synced: 0, stoppedBy: 'refusing' });
  const { decisions } = bench;
  expect([...decisions.values()]).toEqual(
    Array(decisions.size).fill({ kind: 'kept', dueAt: start }),
  );
  expect(logged()[0]).toContain('"payment_id":"p');
  expect(new Set(told(logged()))).toEqual(
    new Set(['WARNING a refusal that many users met is repeated']),
  );
});

test('one of many is refused: the row is blamed, and a person is told', async () => {
  const bench = new Bench(rowsOf(10));
  bench.answer = ({ paymentId }) => (paymentId === 'p3' ? refused : applied);
  const logged = logFromNow();
  expect(await run(bench)).toMatchObject({ synced: 9, failed: 1, stoppedBy: undefined });
  expect(bench.decisions.get('p3')).toMatchObject({ kind: 'failed', retryAt: null });
  const alerts = told(logged()).filter((line) => line.startsWith('ERROR'));
  expect(alerts).toEqual([
    'ERROR the Retail API refused a transaction: see npm run ops -- refused',
  ]);
});

test('a wrong key ends it at the first call', async () => {
  const bench = new Bench(rowsOf(40));
  bench.answer = () => outcome('misconfigured', 401);
  expect(await run(bench)).toMatchObject({ synced: 0, stoppedBy: 'misconfigured' });
  expect(bench.pushed).toHaveLength(1);
  expect(bench.kinds()).toEqual(['kept']);
});

test('transactions fail though the API works: the sweep ends, and blames no row', async () => {
  const bench = new Bench(rowsOf(80));
  bench.answer = () => failed;
  expect(await run(bench)).toMatchObject({ synced: 0, stoppedBy: 'failing' });
  expect(bench.kinds()).toEqual(['kept']);
});

test('a 409 without a reason is a failure of its user; a duplicate is a success', async () => {
  const bench = new Bench([rowOf(0), rowOf(1, { uid: 'user0' }), rowOf(2)]);
  bench.answer = ({ uid }) => outcome(uid === 'user0' ? 'ambiguous' : 'duplicate', 409);
  expect(await run(bench)).toMatchObject({ synced: 1, failed: 1 });
  expect(bench.pushed).toEqual(['p0', 'p2']);
});

test.each([
  ['throttled before', 'throttled'],
  ['not throttled', 'time'],
])('what cannot be sent any more, %s: %s', async (before, reason) => {
  const bench = new Bench(rowsOf(9));
  const throttled = before === 'throttled before';
  bench.answer = (_row, call) =>
    throttled && call === 1 ? outcome('throttled', 429) : outcome('unsent', null);
  expect(await run(bench)).toMatchObject({ synced: 0, stoppedBy: reason });
});

test('a throttled row waits as long as the API said', async () => {
  const bench = new Bench(rowsOf(2));
  bench.answer = ({ paymentId }) =>
    paymentId === 'p0' ? { ...outcome('throttled', 429), retryAt: after(MINUTE_MS) } : applied;
  expect(await run(bench)).toMatchObject({ synced: 1, failed: 1 });
  expect(bench.decisions.get('p0')).toEqual({ kind: 'kept', dueAt: after(MINUTE_MS) });
});

describe('time', () => {
  test('is up in the middle: no further push, and the rest is due at once', async () => {
    const bench = new Bench(rowsOf(40));
    bench.concurrency = 1;
    bench.answer = () => {
      bench.now = after(bench.pushed.length * 48_000);
      return applied;
    };
    expect(await run(bench)).toMatchObject({ synced: 10, failed: 0, stoppedBy: 'time' });
    expect(bench.pushed).toHaveLength(10);
    expect(bench.decisions.size).toBe(40);
  });

  test('is up when it begins: no push', async () => {
    const bench = new Bench(rowsOf(4));
    expect(await run(bench, 0)).toMatchObject({ synced: 0, stoppedBy: 'time' });
    expect(bench.pushed).toEqual([]);
  });
});

describe('Firestore', () => {
  test('leaves two pages unanswered: they are read again', async () => {
    const bench = new Bench(rowsOf(10));
    bench.lostPages = 2;
    const logged = logFromNow();
    expect(await run(bench)).toMatchObject({ synced: 10 });
    expect(told(logged())).toEqual(Array(2).fill('WARNING Firestore did not answer.'));
  });

  test('leaves three in a row unanswered: the sweep fails', async () => {
    const bench = new Bench(rowsOf(10));
    bench.lostPages = 3;
    await expect(run(bench)).rejects.toThrow(Unavailable);
    expect(bench.pages).toHaveLength(3);
  });

  test('fails in another way: at once', async () => {
    const bench = new Bench(rowsOf(10));
    const deps = bench.deps;
    const error = new TypeError('a bug');
    jest.spyOn(deps.payments, 'page').mockRejectedValue(error);
    await expect(sweep(deps, after(MINUTE_MS))).rejects.toBe(error);
  });

  test('loses a decision: it is written again', async () => {
    const bench = new Bench(rowsOf(3));
    bench.lostDecisions = 1;
    expect(await run(bench)).toMatchObject({ synced: 3 });
    expect(bench.kinds()).toEqual(['synced']);
  });
});
