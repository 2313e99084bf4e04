import { newUid } from '../../harness/world.ts';
import { ERASED } from '../../../functions/src/ids.ts';
import { DuePayments } from '../../../functions/src/ledger/due-payments.ts';
import { calls, firestore, payments, retail, row, run, times, waiting } from './bench.ts';

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

test('a row that was refused before its account was deleted is not armed again', async () => {
  const [id = ''] = await waiting(times(1));
  const stored: Record<string, unknown> = { ...(await row(id)) };
  delete stored['next_sync_at'];
  const refused = { outcome: 'rejected', status: 400, error_name: null };
  await payments.doc(id).set({ ...stored, uid: ERASED, sync_error: refused });
  expect(await new DuePayments(firestore).rearm(new Date())).toBe(0);
  expect(await row(id)).toMatchObject({ sync_error: refused });
  expect(await row(id)).not.toHaveProperty('next_sync_at');
});

test('what was refused is armed again in one step, and nothing else', async () => {
  const ids = await waiting(times(4));
  const fault = (outcome: string) => ({ outcome, status: 400, error_name: null });
  const [refused = '', held = '', erased = '', fine = ''] = ids;
  const stop = async (id: string, outcome: string) => {
    const stored: Record<string, unknown> = { ...(await row(id)) };
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
