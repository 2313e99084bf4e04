import { Unavailable } from '../../../functions/src/errors.ts';
import { Deletions } from '../../../functions/src/deletion/deletions.ts';
import { Erasure } from '../../../functions/src/deletion/erasure.ts';
import { accountToken } from '../../../functions/src/stores/account-token.ts';
import { newUid } from '../../harness/world.ts';
import { DAY_MS, ErasureBench, HOUR_MS, KEPT_DAYS, ONLY_TOMBSTONE } from './erasure-bench.ts';

const bench = new ErasureBench();

const fails = async () => {
  throw new Unavailable('injected');
};

describe('interrupted at any step, the schedule brings it to its end', () => {
  const steps: Record<string, (uid: string) => Promise<unknown>> = {
    'before the user is deleted': async (uid) =>
      expect(bench.deletionWith({ deleteUser: fails }).request(uid)).rejects.toThrow(Unavailable),
    'before anything is erased': (uid) =>
      bench.deletionWith({ erasure: { erase: fails, holders: fails } }).request(uid),
    'in the middle of the erasure': (uid) => {
      let pages = 0;
      // The time is up after the first page.
      const clock = () => new Date(Date.now() + (pages++ > 1 ? HOUR_MS : 0));
      return bench.deletionWith({ erasure: new Erasure(bench.firestore, clock, 1) }).request(uid);
    },
    'before it is written down how far it came': (uid) => {
      const deletions = new Deletions(bench.firestore);
      return bench
        .deletionWith({
          deletions: Object.assign(deletions, { schedule: fails }),
        })
        .request(uid);
    },
  };

  test.each(Object.keys(steps))('%s', async (step) => {
    const uid = await bench.someone();
    await steps[step]?.(uid);
    expect(await bench.tombstoneOf(uid)).toMatchObject({ erased_at: null });

    // Not due yet: whoever was interrupted may still be at work.
    await bench.resume();
    expect(await bench.tombstoneOf(uid)).toMatchObject({ erased_at: null });
    bench.passedMs = HOUR_MS;
    await bench.resume();
    expect(await bench.holding(uid)).toEqual(ONLY_TOMBSTONE);
    expect(await bench.tombstoneOf(uid)).not.toMatchObject({ erased_at: null });
    expect(bench.deletedUsers).toContain(uid);
  });

  test.each(Object.keys(steps))('%s: or the call, repeated', async (step) => {
    const uid = await bench.someone();
    await steps[step]?.(uid);
    await bench.deletionWith().request(uid);
    expect(await bench.holding(uid)).toEqual(ONLY_TOMBSTONE);
    expect(await bench.tombstoneOf(uid)).not.toMatchObject({ erased_at: null });
    expect(bench.deletedUsers).toContain(uid);
  });
});

test('what cannot be written down is not begun', async () => {
  const uid = await bench.someone();
  const before = await bench.holding(uid);
  const deletions = new Deletions(bench.firestore);
  const request = async () => {
    throw new Unavailable('injected');
  };
  const parts = { deletions: Object.assign(deletions, { request }) };
  await expect(bench.deletionWith(parts).request(uid)).rejects.toThrow(Unavailable);
  expect(bench.deletedUsers).toEqual([]);
  expect(await bench.holding(uid)).toEqual(before);
});

test('deletions that always fail hold up no other, and are tried again in the next run', async () => {
  const deletions = bench.tombstones;
  // As many as are read at a time, and due for longer.
  const poison = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const uid = newUid();
      await deletions.doc(uid).create({ next_run_at: new Date(0) });
      return uid;
    }),
  );
  const uid = await bench.someone();
  await deletions.doc(uid).create({ next_run_at: new Date(1) });
  const deleteUser = async (one: string) => {
    if (poison.includes(one)) throw new Unavailable('injected');
  };
  await bench.deletionWith({ deleteUser }).resume(new Date(Date.now() + 20_000));
  expect(await bench.holding(uid)).toEqual(ONLY_TOMBSTONE);
  expect(await bench.tombstoneOf(poison[0] ?? '')).toHaveProperty('erased_at', null);
  bench.passedMs = HOUR_MS;
  await bench.resume();
  expect(bench.deletedUsers.toSorted()).toEqual(poison.toSorted());
});

test('a document that a person has made by hand asks for a deletion, too', async () => {
  const uid = await bench.someone();
  await bench.firestore
    .collection('tn_deletions')
    .doc(uid)
    .create({ next_run_at: new Date(0) });
  await bench.resume();
  expect(await bench.holding(uid)).toEqual(ONLY_TOMBSTONE);
  expect(bench.deletedUsers).toEqual([uid]);
});

test('the schedule stops when its time is up, and goes on in the next run', async () => {
  const uid = await bench.someone();
  await bench.firestore
    .collection('tn_deletions')
    .doc(uid)
    .set({ next_run_at: new Date(0) });
  await bench.deletionWith().resume(new Date(bench.now().getTime() - 1));
  expect(bench.deletedUsers).toEqual([]);
  await bench.resume();
  expect(await bench.holding(uid)).toEqual(ONLY_TOMBSTONE);
});

describe('what arrives later under the uid', () => {
  test('is erased day by day, until the uid is forgotten', async () => {
    const uid = await bench.someone();
    await bench.deletionWith().request(uid);
    const erasedAt = (await bench.tombstoneOf(uid))?.['erased_at'] as FirebaseFirestore.Timestamp;
    for (const day of [1, 50, KEPT_DAYS - 1]) {
      await bench.rowsOf(uid, 1);
      await bench.ordersOf(uid, 1);
      await bench.firestore.collection('tn_customers').doc(uid).set({ at: 1 });
      bench.passedMs = day * DAY_MS + HOUR_MS;
      await bench.resume();
      expect(await bench.holding(uid)).toEqual(ONLY_TOMBSTONE);
    }
    // So that whoever deletes the customer elsewhere learns that there is news.
    const again = (await bench.tombstoneOf(uid))?.['erased_at'] as FirebaseFirestore.Timestamp;
    expect(again.toMillis() - erasedAt.toMillis()).toBeGreaterThan((KEPT_DAYS - 2) * DAY_MS);
    // One whom the same uid was given to meanwhile is not deleted again.
    expect(bench.deletedUsers).toEqual([uid]);
    bench.passedMs = KEPT_DAYS * DAY_MS + 2 * HOUR_MS;
    await bench.resume();
    expect(await bench.holding(uid)).toEqual({});
  });

  test('the uid is not forgotten while anything is left', async () => {
    const uid = newUid();
    await bench.deletionWith().request(uid);
    bench.passedMs = KEPT_DAYS * DAY_MS + HOUR_MS;
    await bench.parkedOf(uid, 1);
    const overtaken = async () => ({ erased: 0, left: 1, isThrough: true });
    await bench.resume(bench.deletionWith({ erasure: { erase: overtaken, holders: fails } }));
    expect(await bench.holding(uid)).toEqual({ tn_deletions: 1, tn_parked_events: 1 });
    bench.passedMs += HOUR_MS;
    await bench.resume();
    expect(await bench.holding(uid)).toEqual({});
  });
});

describe('a finished deletion is gone through again only when a document has come', () => {
  /** Finished deletions, due at once. */
  async function finished(count: number): Promise<string[]> {
    const uids = Array.from({ length: count }, newUid);
    const at = new Date(Date.now() - HOUR_MS);
    for (const uid of uids) {
      const fields = { requested_at: at, erased_at: at, next_run_at: new Date(0) };
      await bench.tombstones.doc(uid).create(fields);
    }
    return uids;
  }

  /** Runs the schedule; resolves to the deletions that were gone through one by one. */
  async function goneThrough(): Promise<{ uids: string[]; questions: number }> {
    const erasure = new Erasure(bench.firestore, bench.now, 50);
    const erase = jest.spyOn(erasure, 'erase');
    const holders = jest.spyOn(erasure, 'holders');
    await bench.resume(bench.deletionWith({ erasure }));
    const uids = erase.mock.calls.map(([{ uid }]) => uid);
    return { uids: uids.toSorted(), questions: holders.mock.calls.length };
  }

  test('with nothing new, many are asked about at once, and are due the next day', async () => {
    const uids = await finished(70);
    expect(await goneThrough()).toEqual({ uids: [], questions: 3 });
    for (const uid of uids) {
      const { next_run_at: due } = (await bench.tombstoneOf(uid)) ?? {};
      const hours = ((due as FirebaseFirestore.Timestamp).toMillis() - Date.now()) / HOUR_MS;
      expect(hours).toBeGreaterThan(22);
      expect(hours).toBeLessThan(24);
    }
    expect(await goneThrough()).toEqual({ uids: [], questions: 0 });
  });

  const arrivals: Record<string, (uid: string) => Promise<unknown>> = {
    'a row': (uid) => bench.rowsOf(uid, 1),
    'an order': (uid) => bench.ordersOf(uid, 1),
    'a parked event': (uid) => bench.parkedOf(uid, 1),
    'a review': (uid) => bench.firestore.collection('tn_reviews').doc(newUid()).set({ uid }),
    'a receipt': (uid) =>
      bench.firestore
        .collection('tn_receipts')
        .doc(newUid())
        .set({ uid, account_token: accountToken(uid) }),
    'a pending purchase': (uid) =>
      bench.firestore.collection('tn_open_purchases').doc(newUid()).set({ uid }),
    'a customer': (uid) => bench.firestore.collection('tn_customers').doc(uid).set({ at: 1 }),
  };

  test.each(Object.keys(arrivals))('%s that came late is found', async (what) => {
    const [uid = ''] = await finished(5);
    await arrivals[what]?.(uid);
    expect((await goneThrough()).uids).toEqual([uid]);
  });

  test('many documents of one user hide nobody else', async () => {
    const [one = '', other = ''] = await finished(10);
    await bench.rowsOf(one, 60);
    await bench.rowsOf(other, 1, { created_at: new Date(1) });
    await goneThrough();
    expect(await bench.holding(one)).toEqual(ONLY_TOMBSTONE);
    expect(await bench.holding(other)).toEqual(ONLY_TOMBSTONE);
  });

  test('when nothing can be asked at once, each is gone through', async () => {
    const uids = await finished(3);
    const erasure = new Erasure(bench.firestore, bench.now);
    const erased = jest.spyOn(erasure, 'erase');
    await bench.resume(bench.deletionWith({ erasure: Object.assign(erasure, { holders: fails }) }));
    expect(erased.mock.calls.map(([{ uid }]) => uid).toSorted()).toEqual(uids.toSorted());
  });
});
