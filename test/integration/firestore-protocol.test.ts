import { FieldValue, Timestamp } from 'firebase-admin/firestore';
import { ids, Scratch } from '../harness/scratch.ts';

/** What the local Firestore and Google's emulator must both do: writes. */

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;

// Google's emulator lets contending transactions wait for seconds.
jest.setTimeout(60_000);

const scratch = new Scratch();

function range<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

describe('preconditions', () => {
  test('creating an existing document fails with ALREADY_EXISTS', async () => {
    await scratch.col.doc('a').create({ n: 1 });
    await expect(scratch.col.doc('a').create({ n: 2 })).rejects.toMatchObject({
      code: ALREADY_EXISTS,
    });
    expect((await scratch.col.doc('a').get()).data()).toEqual({ n: 1 });
  });

  test('of 100 parallel creations of one document exactly one succeeds', async () => {
    const results = await Promise.allSettled(
      range(100, (n) => scratch.col.doc('one').create({ n })),
    );
    const failures = results.filter((result) => result.status === 'rejected');
    expect(failures).toHaveLength(99);
    for (const { reason } of failures) expect(reason).toMatchObject({ code: ALREADY_EXISTS });
  });

  test('updating under a stale update time fails with FAILED_PRECONDITION', async () => {
    const { writeTime } = await scratch.col.doc('a').set({ n: 1 });
    await scratch.col.doc('a').set({ n: 2 });
    await expect(
      scratch.col.doc('a').update({ n: 3 }, { lastUpdateTime: writeTime }),
    ).rejects.toMatchObject({ code: FAILED_PRECONDITION });
    expect((await scratch.col.doc('a').get()).get('n')).toBe(2);
  });

  test('updating under the current update time succeeds', async () => {
    const { writeTime } = await scratch.col.doc('a').set({ n: 1 });
    await scratch.col.doc('a').update({ n: 2 }, { lastUpdateTime: writeTime });
    expect((await scratch.col.doc('a').get()).get('n')).toBe(2);
  });

  test('a write that changes nothing keeps the update time', async () => {
    const first = await scratch.col.doc('a').set({ n: 1 });
    const second = await scratch.col.doc('a').set({ n: 1 });
    expect(second.writeTime.isEqual(first.writeTime)).toBe(true);
    expect((await scratch.col.doc('a').get()).updateTime?.isEqual(first.writeTime)).toBe(true);
  });

  test('updating a missing document fails with NOT_FOUND', async () => {
    await expect(scratch.col.doc('none').update({ n: 1 })).rejects.toMatchObject({
      code: NOT_FOUND,
    });
  });

  test('an update time on a missing document fails', async () => {
    await expect(
      scratch.col.doc('none').update({ n: 1 }, { lastUpdateTime: Timestamp.now() }),
    ).rejects.toMatchObject({ code: FAILED_PRECONDITION });
  });

  test('deleting under a stale update time fails with FAILED_PRECONDITION', async () => {
    const { writeTime } = await scratch.col.doc('a').set({ n: 1 });
    await scratch.col.doc('a').set({ n: 2 });
    await expect(scratch.col.doc('a').delete({ lastUpdateTime: writeTime })).rejects.toMatchObject({
      code: FAILED_PRECONDITION,
    });
  });

  test('a batch of which one write fails writes nothing', async () => {
    await scratch.col.doc('taken').create({});
    const batch = scratch.db
      .batch()
      .create(scratch.col.doc('new'), {})
      .create(scratch.col.doc('taken'), {});
    await expect(batch.commit()).rejects.toMatchObject({ code: ALREADY_EXISTS });
    expect((await scratch.col.doc('new').get()).exists).toBe(false);
  });

  test('a bulk writer fails only the write whose precondition fails', async () => {
    const { writeTime } = await scratch.col.doc('stale').set({ n: 1 });
    await scratch.col.doc('stale').set({ n: 2 });
    const writer = scratch.db.bulkWriter();
    writer.onWriteError(() => false);
    const writes = [
      writer.create(scratch.col.doc('a'), { n: 1 }),
      writer.update(scratch.col.doc('stale'), { n: 3 }, { lastUpdateTime: writeTime }),
      writer.set(scratch.col.doc('b'), { n: 1 }),
    ];
    const settled = Promise.allSettled(writes);
    await writer.close();
    const results = await settled;
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: FAILED_PRECONDITION } });
    expect((await scratch.col.doc('stale').get()).get('n')).toBe(2);
    expect(await ids(scratch.col)).toEqual(['a', 'b', 'stale']);
  });
});

describe('transactions', () => {
  test('20 parallel increments of one document add up', async () => {
    const ref = scratch.col.doc('counter');
    await ref.set({ n: 0 });
    await Promise.all(
      range(20, () =>
        scratch.db.runTransaction(async (tx) => {
          tx.update(ref, { n: ((await tx.get(ref)).get('n') as number) + 1 });
        }),
      ),
    );
    expect((await ref.get()).get('n')).toBe(20);
  });

  test('20 parallel count-then-create transactions keep a limit of 5', async () => {
    const create = (id: string) =>
      scratch.db.runTransaction(async (tx) => {
        const { count } = (await tx.get(scratch.col.count())).data();
        if (count >= 5) return false;
        tx.create(scratch.col.doc(id), { id });
        return true;
      });
    const created = await Promise.all(range(20, (n) => create(`d${n}`)));
    expect(created.filter(Boolean)).toHaveLength(5);
    expect((await scratch.col.count().get()).data().count).toBe(5);
  });

  test('20 parallel transactions, each with a query of its own, keep a limit of 5', async () => {
    const past = Timestamp.fromMillis(0);
    await Promise.all(
      range(20, (n) =>
        scratch.db.runTransaction(async (tx) => {
          const due = scratch.col.where('at', '<=', Timestamp.fromMillis(Date.now() + n));
          if ((await tx.get(due)).size < 5) tx.create(scratch.col.doc(`d${n}`), { at: past });
        }),
      ),
    );
    expect((await scratch.col.count().get()).data().count).toBe(5);
  });

  test('two transactions that read what the other writes do not both act on old data', async () => {
    await scratch.seed({ a: { on: true }, b: { on: true } });
    const switchOff = (id: string) =>
      scratch.db.runTransaction(async (tx) => {
        const both = await tx.getAll(scratch.col.doc('a'), scratch.col.doc('b'));
        if (both.every((doc) => doc.get('on'))) tx.update(scratch.col.doc(id), { on: false });
      });
    await Promise.all([switchOff('a'), switchOff('b')]);
    expect((await scratch.col.where('on', '==', true).count().get()).data().count).toBe(1);
  });

  test('a plain write between read and commit is not overwritten', async () => {
    const ref = scratch.col.doc('a');
    await ref.set({ n: 0 });
    let plain: Promise<unknown> | undefined;
    await scratch.db.runTransaction(async (tx) => {
      const n = (await tx.get(ref)).get('n') as number;
      plain ??= ref.update({ n: FieldValue.increment(10) });
      await new Promise((resolve) => setTimeout(resolve, 50));
      tx.update(ref, { n: n + 1 });
    });
    await plain;
    expect((await ref.get()).get('n')).toBe(11);
  });

  test('a transaction whose callback throws writes nothing and frees the document', async () => {
    const ref = scratch.col.doc('a');
    await ref.set({ n: 0 });
    const failing = scratch.db.runTransaction(async (tx) => {
      await tx.get(ref);
      tx.update(ref, { n: 1 });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect((await ref.get()).get('n')).toBe(0);
    await ref.update({ n: 2 });
  });
});

describe('values', () => {
  test('a deleted field is gone and a server timestamp is the commit time', async () => {
    await scratch.col.doc('a').set({ keep: 1, drop: 1, map: { keep: 1, drop: 1 } });
    const { writeTime } = await scratch.col.doc('a').update({
      drop: FieldValue.delete(),
      'map.drop': FieldValue.delete(),
      at: FieldValue.serverTimestamp(),
    });
    const data = (await scratch.col.doc('a').get()).data();
    expect(data).toEqual({ keep: 1, map: { keep: 1 }, at: expect.any(Timestamp) as Timestamp });
    expect(Math.abs(writeTime.toMillis() - Date.now())).toBeLessThan(5_000);
    expect((data?.['at'] as Timestamp).toMillis()).toBeGreaterThan(Date.now() - 5_000);
  });

  test('timestamps keep microseconds and lose what is finer', async () => {
    await scratch.col.doc('a').set({ at: new Timestamp(1_700_000_000, 123_456_789) });
    const at = (await scratch.col.doc('a').get()).get('at') as Timestamp;
    expect([at.seconds, at.nanoseconds]).toEqual([1_700_000_000, 123_456_000]);
  });

  test('values of every type are read as they were written', async () => {
    const data = {
      text: 'é',
      integer: Number.MAX_SAFE_INTEGER,
      double: 0.1,
      none: null,
      flag: false,
      list: [1, { a: [] }],
      map: { 'a.b': {} },
      bytes: Buffer.from([0, 255]),
      ref: scratch.col.doc('b'),
    };
    await scratch.col.doc('a').set(data);
    expect((await scratch.col.doc('a').get()).data()).toEqual(data);
  });
});
