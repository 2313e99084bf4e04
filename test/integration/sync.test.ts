import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import { DuePayments } from '../../functions/src/ledger/due-payments.ts';
import { RetailApi } from '../../functions/src/retail/retail-api.ts';
import type { RetailConfig } from '../../functions/src/retail/config.ts';
import type { Clock } from '../../functions/src/retail/budget.ts';
import { fastClock, fixedClock, retailConfig } from '../harness/retail.ts';
import { sweep, type SweepResult } from '../../functions/src/sync/sweep.ts';
import type { FirestoreControl } from '../../scripts/stack/stack.ts';
import { origin, ports } from '../../scripts/stack/values.ts';
import { setEnvironment } from '../harness/environment.ts';
import { isEmbedded, newUid } from '../harness/world.ts';
import { remote } from '../standins/control.ts';
import { startRetailApi, type RetailApi as StandIn } from '../standins/retail-api.ts';

setEnvironment({ GCLOUD_PROJECT: 'demo-temp-number' });

const firestore = openFirestore();
const control = remote<FirestoreControl>(origin(ports.firestoreControl));
const payments = firestore.collection('tn_payments');
let retail: StandIn;

beforeAll(async () => {
  retail = await startRetailApi({ apiKey: 'retail-standin' });
});

afterAll(async () => {
  await retail.stop();
  await firestore.terminate();
});

beforeEach(async () => {
  retail.control.reset();
  const writer = firestore.bulkWriter({ throttling: false });
  for (const document of await payments.listDocuments()) void writer.delete(document);
  await writer.close();
});

interface Seed {
  uid?: string;
  amount?: number;
  dueAt?: Date;
  attempts?: number;
}

/** Rows as the ledger writes them, whose inline push did not go through. */
async function waiting(seeds: readonly Seed[]): Promise<string[]> {
  const writer = firestore.bulkWriter({ throttling: false });
  const ids = seeds.map(({ uid = newUid(), amount = 100, dueAt = new Date(0), attempts = 0 }) => {
    const document = payments.doc(`stripe_pi_${newUid()}`);
    void writer.create(document, {
      payment_id: document.id,
      uid,
      amount,
      gateway: 'stripe',
      mode: 'test',
      kind: 'payment',
      is_synced: false,
      sync_attempts: attempts,
      next_sync_at: dueAt,
    });
    return document.id;
  });
  await writer.close();
  return ids;
}

function run({
  now = () => new Date(),
  clock = fixedClock(now),
  random = Math.random,
  until = new Date(clock.now().getTime() + 60_000),
  ...config
}: Partial<RetailConfig> & {
  until?: Date;
  random?: () => number;
  now?: () => Date;
  clock?: Clock;
} = {}): Promise<SweepResult> {
  const deps = {
    payments: new DuePayments(firestore),
    retail: new RetailApi(retailConfig(retail.url, { concurrency: 16, ...config }), fetch, clock),
    now: clock.now,
    random,
  };
  return sweep(deps, until);
}

async function unsynced(): Promise<number> {
  return (await payments.where('is_synced', '==', false).count().get()).data().count;
}

/** Calls that tried to move money. */
function calls(): number {
  return retail.control.requests().filter(({ path }) => path.endsWith('/transaction')).length;
}

async function row(id: string): Promise<FirebaseFirestore.DocumentData> {
  return (await payments.doc(id).get()).data() ?? {};
}

const times = (count: number): Seed[] => Array.from({ length: count }, () => ({}));

test('drains everything that is due, pages of it, and leaves the rest alone', async () => {
  await waiting(times(700));
  const [later = ''] = await waiting([{ dueAt: new Date(Date.now() + 60_000) }]);
  expect(await run()).toMatchObject({ synced: 700, failed: 0, stoppedBy: undefined });
  expect(await unsynced()).toBe(1);
  expect(await row(later)).toMatchObject({ is_synced: false });
  expect(retail.control.transactions()).toHaveLength(700);
});

test('a synced row is as a row should be', async () => {
  const [id = ''] = await waiting([{ attempts: 2 }]);
  await run();
  const stored = await row(id);
  expect(stored).toMatchObject({ is_synced: true, sync_attempts: 2 });
  expect(Object.keys(stored)).not.toContain('next_sync_at');
  expect(Object.keys(stored)).not.toContain('sync_error');
  expect(Object.keys(stored)).toContain('synced_at');
});

test('one call of one customer at a time, many customers at once', async () => {
  // Long enough to overlap on a busy machine, whose pauses are longer than a call.
  const DELAY_MS = 200;
  const uids = Array.from({ length: 8 }, newUid);
  for (const uid of uids) retail.control.addCustomer(uid);
  await waiting(uids.flatMap((uid) => [{ uid }, { uid }, { uid }]));
  retail.control.next(
    ...Array.from({ length: 24 }, () => ({
      delayMs: DELAY_MS,
      status: 200,
      body: { result: 'success' },
    })),
  );
  await run({ concurrency: 8 });
  const requests = retail.control.requests();
  for (const uid of uids) {
    const ofOne = requests.filter(({ customerId }) => customerId === uid).map(({ at }) => at);
    const gaps = ofOne.slice(1).map((at, index) => at - (ofOne[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(DELAY_MS - 1);
  }
  // Five probes one by one, then customers side by side: calls that came while one was answered.
  const arrivals = requests.slice(5).map(({ at }) => at);
  const meanwhile = arrivals.map((at) =>
    arrivals.filter((one) => one >= at && one < at + DELAY_MS),
  );
  expect(Math.max(...meanwhile.map((calls) => calls.length))).toBeGreaterThan(1);
  expect(Math.max(...meanwhile.map((calls) => calls.length))).toBeLessThanOrEqual(8);
});

test('eight sweeps at once: one credit a row, and hardly a call more', async () => {
  await waiting(times(300));
  await Promise.all(Array.from({ length: 8 }, () => run()));
  while ((await makeDue()) > 0) await run();
  expect(retail.control.transactions()).toHaveLength(300);
  // Every row's customer is new: a call that finds it missing and one that applies.
  expect(calls()).toBeLessThanOrEqual(300 * 2 * 1.05);
});

test.each(['success', 'conflict'] as const)(
  'applied, the reply lost, and again: credited once (repeats answered with %s)',
  async (repeats) => {
    const uid = newUid();
    retail.control.addCustomer(uid);
    retail.control.configure({ repeats });
    const [id = ''] = await waiting([{ uid, amount: 1500 }]);
    retail.control.next({ apply: 'before', drop: true });
    await run();
    expect(await row(id)).toMatchObject({ is_synced: false, sync_attempts: 0 });
    expect(retail.control.balance(uid)).toBe(1500);
    await payments.doc(id).update({ next_sync_at: new Date(0) });
    await run();
    expect(await row(id)).toMatchObject({ is_synced: true });
    expect(retail.control.balance(uid)).toBe(1500);
  },
);

/** Makes every waiting row due, as time would. */
async function makeDue(): Promise<number> {
  const { docs } = await payments.where('is_synced', '==', false).get();
  const writer = firestore.bulkWriter({ throttling: false });
  for (const { ref } of docs) void writer.update(ref, { next_sync_at: new Date(0) });
  await writer.close();
  return docs.length;
}

test('most replies lost or broken: everything arrives, once', async () => {
  await waiting(times(40));
  for (let index = 0; index < 20; index += 1) {
    retail.control.next(
      { apply: 'before', drop: true },
      { status: 500 },
      { apply: 'before', status: 500 },
    );
  }
  for (let round = 0; round < 100 && (await makeDue()) > 0; round += 1) await run();
  expect(await unsynced()).toBe(0);
  expect(retail.control.transactions()).toHaveLength(40);
});

describe('rows that fail', () => {
  test('for good: no more tries, the reason kept, and the others are not delayed', async () => {
    const poison = Array.from({ length: 30 }, () => ({ uid: newUid(), dueAt: new Date(0) }));
    for (const { uid } of poison) retail.control.failFor(uid, 400);
    const ids = await waiting(poison);
    await waiting(times(270).map(() => ({ dueAt: new Date(1) })));
    expect(await run()).toMatchObject({ synced: 270, failed: 30, stoppedBy: undefined });
    const stored = await row(ids[0] ?? '');
    expect(stored).toMatchObject({
      is_synced: false,
      sync_attempts: 1,
      sync_error: { outcome: 'rejected', status: 400 },
    });
    expect(Object.keys(stored)).not.toContain('next_sync_at');
    const before = calls();
    await run();
    expect(calls()).toBe(before);
  });

  test('with a 500 each time: backed off, and the others are not delayed', async () => {
    const poison = Array.from({ length: 10 }, () => ({
      uid: newUid(),
      dueAt: new Date(0),
      attempts: 3,
    }));
    for (const { uid } of poison) {
      retail.control.addCustomer(uid);
      retail.control.failFor(uid, 500);
    }
    const [id = ''] = await waiting(poison);
    await waiting(times(90).map(() => ({ dueAt: new Date(1) })));
    expect(await run()).toMatchObject({ synced: 90, failed: 10, stoppedBy: undefined });
    const stored = await row(id);
    expect(stored).toMatchObject({
      sync_attempts: 4,
      sync_error: { outcome: 'retryable', status: 500 },
    });
    const pauseMs = (stored['next_sync_at'] as FirebaseFirestore.Timestamp).toMillis() - Date.now();
    expect(pauseMs).toBeGreaterThan(3.5 * 60_000);
    expect(pauseMs).toBeLessThan(8.5 * 60_000);
  });

  test('with a 500 each time, many of them, at the head of the queue: the others still go first', async () => {
    const poison = Array.from({ length: 100 }, () => ({ uid: newUid(), dueAt: new Date(0) }));
    const ofOne = newUid();
    poison.push(...Array.from({ length: 40 }, () => ({ uid: ofOne, dueAt: new Date(0) })));
    for (const { uid } of poison) {
      retail.control.addCustomer(uid);
      retail.control.failFor(uid, 500);
    }
    await waiting(poison);
    await waiting(times(30).map(() => ({ dueAt: new Date(1_000) })));
    let sweeps = 0;
    while (retail.control.transactions().length < 30 && sweeps < 20) {
      const passedMs = sweeps * 5 * 60_000;
      const now = () => new Date(Date.now() + passedMs);
      await run({ now, until: new Date(now().getTime() + 60_000) });
      sweeps += 1;
    }
    // One sweep as a rule; by bad luck of the draw a few.
    expect(sweeps).toBeLessThanOrEqual(6);
  });

  test('because a person has broken them: seen, stopped, and the others are not delayed', async () => {
    const [broken = ''] = await waiting([{}]);
    await payments.doc(broken).update({ amount: 'much', uid: 7 });
    await waiting([{}]);
    expect(await run()).toMatchObject({ synced: 1, failed: 1 });
    expect(await row(broken)).toMatchObject({ sync_error: { outcome: 'malformed', status: null } });
  });

  test('for lack of funds, or on hold: again in hours', async () => {
    const uid = newUid();
    retail.control.addCustomer(uid);
    retail.control.configure({ overdraft: 'refused' });
    const [id = ''] = await waiting([{ uid, amount: -500 }]);
    await run();
    const stored = await row(id);
    expect(stored).toMatchObject({ sync_error: { outcome: 'refused_funds', status: 402 } });
    const pauseMs = (stored['next_sync_at'] as FirebaseFirestore.Timestamp).toMillis() - Date.now();
    expect(pauseMs).toBeGreaterThan(4 * 60 * 60_000);
  });
});

describe('when the Retail API itself is in trouble', () => {
  test('no row is blamed, and a few probes are all it costs', async () => {
    const ids = await waiting(times(100));
    retail.control.down(true);
    expect(await run()).toMatchObject({ synced: 0, failed: 5, stoppedBy: 'retail_down' });
    expect(calls()).toBe(5);
    for (const id of ids) expect(await row(id)).toMatchObject({ sync_attempts: 0 });
    expect((await row(ids[0] ?? ''))['sync_error']).toBeUndefined();

    retail.control.down(false);
    expect(await run()).toMatchObject({ synced: 100 });
  });

  test('it goes down in the middle: the sweep stops soon after', async () => {
    await waiting(times(400));
    retail.control.next(
      ...Array.from({ length: 1_000 }, (_, index) => (index < 50 ? {} : { status: 503 })),
    );
    const result = await run({ concurrency: 4 });
    expect(result.stoppedBy).toBe('failing');
    expect(calls()).toBeLessThan(50 + 60);
    const blamed = payments.where('sync_attempts', '>', 0);
    expect((await blamed.count().get()).data().count).toBe(0);
  });

  test('throttled: that row waits as long as it was told, the others only until the API listens', async () => {
    await waiting(times(20));
    const resetS = Math.floor(Date.now() / 1000) + 2;
    retail.control.next({ status: 429, headers: { 'x-ratelimit-reset': String(resetS) } });
    expect(await run({ clock: fastClock(1) })).toMatchObject({ synced: 20, stoppedBy: undefined });
    const [first, second] = retail.control.requests();
    expect(second?.at).toBeGreaterThanOrEqual(resetS * 1000);
    expect(first?.at).toBeLessThan(resetS * 1000);
  });

  test('throttled for longer than the sweep may last: one call, and no row is blamed', async () => {
    await waiting(times(20));
    const resetS = Math.floor(Date.now() / 1000) + 600;
    retail.control.next({ status: 429, headers: { 'x-ratelimit-reset': String(resetS) } });
    const until = new Date(Date.now() + 30_000);
    expect(await run({ until })).toMatchObject({ synced: 0, stoppedBy: 'throttled' });
    expect(calls()).toBe(1);
    const told = payments.where('next_sync_at', '==', new Date(resetS * 1000));
    expect((await told.count().get()).data().count).toBe(1);
    const due = payments.where('next_sync_at', '<=', new Date());
    expect((await due.count().get()).data().count).toBe(19);
  });

  test.each([
    ['a page of a proxy', '<html>Conflict</html>'],
    ['nothing', ''],
    ['a request under way', { message: 'another request is in progress' }],
  ])('409 with %s to every call: nothing passes for booked', async (_name, body) => {
    const ids = await waiting(times(300));
    const answers = Array.from({ length: 400 }, () => ({ status: 409, body }));
    retail.control.next(...answers);
    retail.control.nextOf('create', ...answers);
    retail.control.nextOf('balance', ...answers);
    expect(await run()).toMatchObject({ synced: 0, stoppedBy: 'retail_down' });
    expect(await unsynced()).toBe(300);
    for (const id of ids) expect(await row(id)).toMatchObject({ sync_attempts: 0 });
  });

  test('409 without a reason after a lost answer: the transaction is there', async () => {
    const uid = newUid();
    retail.control.addCustomer(uid);
    const [id = ''] = await waiting([{ uid, amount: 1500 }]);
    retail.control.next({ apply: 'before', drop: true }, { status: 409, body: '' });
    await run();
    await makeDue();
    await run();
    expect(await row(id)).toMatchObject({ is_synced: true });
    expect(retail.control.balance(uid)).toBe(1500);
  });

  test('409 without a reason to one row, each time: it is repeated, and its tries are counted', async () => {
    const uid = newUid();
    retail.control.failFor(uid, 409, '');
    const [id = ''] = await waiting([{ uid }]);
    await waiting(times(30));
    expect(await run()).toMatchObject({ synced: 30, failed: 1 });
    expect(await row(id)).toMatchObject({
      is_synced: false,
      sync_attempts: 1,
      sync_error: { outcome: 'ambiguous', status: 409 },
    });
  });

  test.each([400, 422, 402, 403])(
    '%d to everybody: the API is at fault, the sweep stops and blames no row',
    async (status) => {
      const ids = await waiting(times(300));
      retail.control.next(...Array.from({ length: 400 }, () => ({ status })));
      expect(await run()).toMatchObject({ synced: 0, stoppedBy: 'refusing' });
      expect(calls()).toBeLessThanOrEqual(20);
      for (const id of ids) {
        const stored = await row(id);
        expect(stored).toMatchObject({ is_synced: false, sync_attempts: 0 });
        expect(stored['next_sync_at']).toBeDefined();
      }
      retail.control.reset();
      expect(await run()).toMatchObject({ synced: 300 });
    },
  );

  test('refused in the middle of a sweep: no more than were served are blamed', async () => {
    await waiting(times(300));
    retail.control.next(
      ...Array.from({ length: 700 }, (_, index) => (index < 20 ? {} : { status: 400 })),
    );
    const result = await run({ concurrency: 1 });
    expect(result.stoppedBy).toBe('refusing');
    const blamed = payments.where('sync_attempts', '>', 0);
    expect((await blamed.count().get()).data().count).toBe(0);
  });

  test('rows of many users that always fail delay the others by one page', async () => {
    const poison = Array.from({ length: 1_000 }, (_, index) => ({
      uid: `poison${index % 250}`,
      dueAt: new Date(index),
    }));
    for (const { uid } of poison) retail.control.failFor(uid, 500);
    for (let index = 0; index < 250; index += 1) retail.control.addCustomer(`poison${index}`);
    await waiting(poison);
    const good = times(300).map(() => ({ uid: newUid(), dueAt: new Date(5_000) }));
    for (const { uid } of good) retail.control.addCustomer(uid);
    await waiting(good);
    expect((await run()).synced).toBe(300);
    const order = retail.control.requests().filter(({ path }) => path.endsWith('/transaction'));
    const failed = order.filter(({ status }) => status === 500);
    const lastGood = order.findLastIndex(({ status }) => status === 200);
    const before = order.slice(0, lastGood).filter(({ status }) => status === 500);
    expect(before.length).toBeLessThanOrEqual(300);
    // One try a user and sweep, however many rows the user has.
    expect(failed.length).toBeLessThanOrEqual(250);
  });

  test('a wrong key: one call, no row blamed', async () => {
    await waiting(times(20));
    retail.control.next({ status: 401 });
    expect(await run()).toMatchObject({ synced: 0, stoppedBy: 'misconfigured' });
    expect(calls()).toBe(1);
  });

  const onEmbedded = isEmbedded ? test : test.skip;
  onEmbedded(
    'an outage costs the same with 50 rows waiting as with 5,000',
    async () => {
      retail.control.down(true);
      const costs: unknown[] = [];
      for (const backlog of [50, 4_950]) {
        await waiting(times(backlog));
        await control.resetRpcs();
        const before = calls();
        await run();
        const { ...rpcs } = await control.rpcs();
        costs.push({ rpcs, calls: calls() - before });
      }
      expect(costs).toEqual(Array(2).fill({ rpcs: { RunQuery: 2, BatchWrite: 2 }, calls: 5 }));
    },
    60_000,
  );
});

test('out of time: stops, and what it had begun is written down', async () => {
  await waiting(times(200));
  // By its clock every call takes a second.
  const startedAt = Date.now();
  const now = () => new Date(startedAt + calls() * 1_000);
  const result = await run({ concurrency: 2, until: new Date(startedAt + 20_000), now });
  expect(result.stoppedBy).toBe('time');
  expect(result.synced).toBeGreaterThan(0);
  expect(calls()).toBeLessThanOrEqual(20 + 3);
  expect(await unsynced()).toBe(200 - result.synced);
});

describe('rows that a person has broken', () => {
  const due = new DuePayments(firestore);

  test.each(['a text', 7, null, true])(
    'a next_sync_at that is no time is named: %s',
    async (value) => {
      const ids = await waiting(times(3));
      expect(await due.misdated()).toEqual([]);
      await payments.doc(ids[1] ?? '').update({ next_sync_at: value });
      expect(await due.misdated()).toEqual([ids[1]]);
    },
  );

  test('a number before every time, and a text after it, are both named', async () => {
    const ids = await waiting(times(3));
    await payments.doc(ids[0] ?? '').update({ next_sync_at: 7 });
    await payments.doc(ids[1] ?? '').update({ next_sync_at: 'now' });
    expect((await due.misdated()).toSorted()).toEqual(ids.slice(0, 2).toSorted());
  });
});

test('what was refused is armed again in one step, and nothing else', async () => {
  const ids = await waiting(times(4));
  const fault = (outcome: string) => ({ outcome, status: 400, error_name: null });
  const [refused = '', held = '', erased = '', fine = ''] = ids;
  const stop = async (id: string, outcome: string) => {
    const stored = await row(id);
    delete stored['next_sync_at'];
    await payments.doc(id).set({ ...stored, sync_error: fault(outcome) });
  };
  await stop(refused, 'rejected');
  await stop(erased, 'account_deleted');
  const later = new Date(Date.now() + 3_600_000);
  await payments.doc(held).update({ next_sync_at: later, sync_error: fault('on_hold') });
  const now = new Date();
  expect(await new DuePayments(firestore).rearm(now)).toBe(2);
  const dueAt = async (id: string) =>
    ((await row(id))['next_sync_at'] as FirebaseFirestore.Timestamp | undefined)?.toMillis();
  expect([await dueAt(refused), await dueAt(held)]).toEqual([now.getTime(), now.getTime()]);
  expect([await dueAt(erased), await dueAt(fine)]).toEqual([undefined, 0]);
  expect(await run()).toMatchObject({ synced: 3 });
});

test('the age of the oldest row that waits is known', async () => {
  await waiting([{}]);
  const hour = 60 * 60_000;
  const later = () => new Date(Date.now() + hour);
  const { oldestS } = await run({ now: later, until: new Date(Date.now() + 2 * hour) });
  expect(oldestS).toBeGreaterThanOrEqual(3_600);
  expect(oldestS).toBeLessThan(3_700);
});
