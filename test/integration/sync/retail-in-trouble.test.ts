import { newUid } from '../../harness/world.ts';
import { onEmbedded } from '../../harness/embedded.ts';
import { fastClock } from '../../harness/retail.ts';
import {
  calls,
  control,
  makeDue,
  payments,
  retail,
  row,
  run,
  times,
  unsynced,
  waiting,
} from './bench.ts';

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
    const all = await payments.get();
    expect(all.docs.filter((row) => Number(row.get('sync_attempts')) > 0)).toEqual([]);
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
    expect(await told.count()).toBe(1);
    const due = payments.where('next_sync_at', '<=', new Date());
    expect(await due.count()).toBe(19);
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
    const all = await payments.get();
    expect(all.docs.filter((row) => Number(row.get('sync_attempts')) > 0)).toEqual([]);
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
