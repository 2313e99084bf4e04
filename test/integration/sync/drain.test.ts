import { newUid } from '../../harness/world.ts';
import { calls, makeDue, payments, retail, row, run, times, unsynced, waiting } from './bench.ts';

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

test('the age of the oldest row that waits is known', async () => {
  await waiting([{}]);
  const hour = 60 * 60_000;
  const later = () => new Date(Date.now() + hour);
  const { oldestS } = await run({ now: later, until: new Date(Date.now() + 2 * hour) });
  expect(oldestS).toBeGreaterThanOrEqual(3_600);
  expect(oldestS).toBeLessThan(3_700);
});
