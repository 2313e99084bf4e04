import { randomUUID } from 'node:crypto';
import {
  codes,
  FieldValue,
  FirestoreError,
  Timestamp,
} from '../../functions/src/firestore/client/index.ts';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import { UNINDEXED_PROJECT } from '../../scripts/stack/firestore/service.ts';
import { setEnvironment } from '../harness/environment.ts';

/** The client of the functions, against Firestore as it is: embedded, and Google's emulator. */

setEnvironment({ GCLOUD_PROJECT: UNINDEXED_PROJECT });
const firestore = openFirestore();
let col: ReturnType<typeof firestore.collection>;

beforeEach(() => {
  col = firestore.collection(`client_${randomUUID()}`);
});

const failure = (code: number) =>
  expect.objectContaining({ name: 'FirestoreError', code }) as Error;

async function seed(count: number): Promise<void> {
  const batch = firestore.batch();
  for (let n = 0; n < count; n += 1) batch.create(col.doc(`d${n}`), { n, even: n % 2 === 0 });
  await batch.commit();
}

const ids = (docs: readonly { readonly id: string }[]) => docs.map(({ id }) => id);

test('what is written is read: every kind of value, and names that need quotes', async () => {
  const data = {
    text: 'ціна “5” \u{1f600}',
    none: null,
    yes: true,
    whole: -5,
    largest: Number.MAX_SAFE_INTEGER,
    half: 0.5,
    huge: 1e300,
    endless: Number.POSITIVE_INFINITY,
    list: ['a', 1, null, { b: [] }],
    map: { empty: {}, 'with.dot': 1, '`quoted\\`': 2, 'with space': 3 },
    time: new Timestamp(1_700_000_000, 123_456_000),
  };
  await col.doc('a').create(data);
  const stored = await col.doc('a').get();
  expect(stored.data()).toEqual(data);
  expect(stored.get('map.empty')).toEqual({});
  expect(stored.get('map.none')).toBeUndefined();
  expect(stored.get('text.none')).toBeUndefined();
  await col.doc('nan').set({ value: Number.NaN, at: new Date(5) });
  expect((await col.doc('nan').get()).data()).toEqual({
    value: Number.NaN,
    at: Timestamp.fromMillis(5),
  });
});

test.each([[undefined], [() => 1], [Symbol('s')], [new Map()], [5n]])(
  '%p cannot be written, and nothing is sent',
  (value) => {
    expect(() => col.doc('a').set({ value })).toThrow(TypeError);
  },
);

test.each(['', 'a/b', '/'])('%j is the id of no document', (id) => {
  expect(() => col.doc(id)).toThrow(TypeError);
});

describe('writes', () => {
  test('a document is created once', async () => {
    const { writeTime } = await col.doc('a').create({ n: 1 });
    await expect(col.doc('a').create({ n: 2 })).rejects.toEqual(failure(codes.alreadyExists));
    const stored = await col.doc('a').get();
    expect([stored.exists, stored.get('n')]).toEqual([true, 1]);
    expect(stored.updateTime).toEqual(writeTime);
    expect(stored.createTime).toEqual(writeTime);
  });

  test('an update changes what it names: fields within maps, removals, sums, times', async () => {
    await col.doc('a').create({ keep: 1, gone: 1, count: 1, map: { keep: 1, change: 1 } });
    await col.doc('a').update({
      gone: FieldValue.delete(),
      count: FieldValue.increment(2),
      begun: FieldValue.increment(1),
      at: FieldValue.serverTimestamp(),
      'map.change': 2,
      'map.odd name': 3,
    });
    const { at, ...data } = (await col.doc('a').get()).data() ?? {};
    const map = { keep: 1, change: 2, 'odd name': 3 };
    expect(data).toEqual({ keep: 1, count: 3, begun: 1, map });
    expect(at).toBeInstanceOf(Timestamp);
  });

  test('an update of sums alone leaves the rest', async () => {
    await col.doc('a').create({ keep: 1, count: 1 });
    await col.doc('a').update({ count: FieldValue.increment(-1) });
    expect((await col.doc('a').get()).data()).toEqual({ keep: 1, count: 0 });
  });

  test('what is missing is not updated; what has changed is neither updated nor deleted', async () => {
    const missing = col.doc('none').update({ n: 1 });
    await expect(missing).rejects.toEqual(failure(codes.notFound));
    const { writeTime: old } = await col.doc('a').create({ n: 1 });
    const { writeTime: now } = await col.doc('a').update({ n: 2 }, { lastUpdateTime: old });
    for (const write of [
      col.doc('a').update({ n: 3 }, { lastUpdateTime: old }),
      col.doc('a').delete({ lastUpdateTime: old }),
    ]) {
      await expect(write).rejects.toEqual(failure(codes.failedPrecondition));
    }
    await col.doc('a').delete({ lastUpdateTime: now });
    expect((await col.doc('a').get()).exists).toBe(false);
  });

  test('set replaces the whole document, a delete of what is not there changes nothing', async () => {
    await col.doc('a').set({ a: 1 });
    await col.doc('a').set({ b: FieldValue.serverTimestamp(), c: 1 });
    expect(Object.keys((await col.doc('a').get()).data() ?? {}).toSorted()).toEqual(['b', 'c']);
    await col.doc('none').delete();
  });

  test('a batch is made as a whole or not at all', async () => {
    await col.doc('taken').create({});
    const batch = firestore.batch().create(col.doc('new'), { n: 1 }).create(col.doc('taken'), {});
    await expect(batch.commit()).rejects.toEqual(failure(codes.alreadyExists));
    expect((await col.doc('new').get()).exists).toBe(false);
    const guarded = firestore.batch().create(col.doc('new'), {});
    await guarded.delete(col.doc('none'), { exists: false }).commit();
    expect((await col.doc('new').get()).exists).toBe(true);
  });

  test('of updates that are made each on its own, one that is refused stops no other', async () => {
    await seed(3);
    const versions = await firestore.getAll(col.doc('d0'), col.doc('d1'), col.doc('d2'));
    await col.doc('d1').update({ n: 10 });
    const results = await firestore.updateEach(
      versions.map(({ ref, updateTime }) => ({
        document: ref,
        data: { n: FieldValue.increment(100) },
        precondition: updateTime ? { lastUpdateTime: updateTime } : {},
      })),
    );
    const [first, second, third] = results;
    expect(second).toEqual(failure(codes.failedPrecondition));
    expect([first, third]).not.toContainEqual(expect.any(FirestoreError));
    const after = await col.get();
    expect(after.docs.map((one) => one.get('n'))).toEqual([100, 10, 102]);
    expect(first).toEqual({ writeTime: after.docs[0]?.updateTime });
  });

  test('more updates than one call takes', async () => {
    await seed(400);
    const other = firestore.collection(`${col.collectionId}_2`);
    const batch = firestore.batch();
    for (let n = 0; n < 200; n += 1) batch.create(other.doc(`d${n}`), { n });
    await batch.commit();
    const all = [...(await col.get()).docs, ...(await other.get()).docs];
    const results = await firestore.updateEach(
      all.map(({ ref, updateTime }) => ({
        document: ref,
        data: { seen: true },
        precondition: { lastUpdateTime: updateTime },
      })),
    );
    expect(results).toHaveLength(600);
    expect(results.filter((one) => one instanceof FirestoreError)).toEqual([]);
    expect(await other.where('seen', '==', true).count()).toBe(200);
  });
});

describe('reads', () => {
  test('documents come in the order that they were asked for, missing ones too', async () => {
    await seed(2);
    const read = await firestore.getAll(col.doc('d1'), col.doc('none'), col.doc('d0'));
    expect(read.map(({ id, exists }) => [id, exists])).toEqual([
      ['d1', true],
      ['none', false],
      ['d0', true],
    ]);
    expect(read[1]?.data()).toBeUndefined();
  });

  test('a query filters, orders, limits, leaves out and selects', async () => {
    await seed(10);
    const even = col.where('even', '==', true).orderBy('n', 'desc');
    expect(ids((await even.get()).docs)).toEqual(['d8', 'd6', 'd4', 'd2', 'd0']);
    expect(ids((await even.offset(1).limit(2).get()).docs)).toEqual(['d6', 'd4']);
    const [one] = (await even.limit(1).select('n').get()).docs;
    expect(one?.data()).toEqual({ n: 8 });
    const some = col.where('n', '>', 2).where('n', '<=', 4).orderBy('n');
    expect(ids((await some.get()).docs)).toEqual(['d3', 'd4']);
    expect(ids((await col.where('n', 'in', [1, 7, 99]).get()).docs)).toEqual(['d1', 'd7']);
    expect((await col.where('none', '==', 1).get()).docs).toEqual([]);
  });

  test('a query goes on behind a document, in either direction, also among equals', async () => {
    await seed(7);
    for (const query of [col.orderBy('even').limit(2), col.orderBy('even', 'desc').limit(2)]) {
      const found: string[] = [];
      let { docs } = await query.get();
      for (let last = docs.at(-1); last !== undefined; last = docs.at(-1)) {
        found.push(...ids(docs));
        ({ docs } = await query.startAfter(last).get());
      }
      expect(found.toSorted()).toEqual(['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6']);
    }
    const [first] = (await col.limit(1).get()).docs;
    if (first === undefined) throw new Error('nothing was found');
    expect(ids((await col.startAfter(first).limit(2).get()).docs)).toEqual(['d1', 'd2']);
  });

  test('documents are counted and summed up', async () => {
    await seed(5);
    expect(await col.count()).toBe(5);
    expect(await col.where('even', '==', true).sum('n')).toBe(6);
    expect(await col.where('even', '==', 'no').sum('n')).toBe(0);
  });

  test('a member of a list is found', async () => {
    await col.doc('a').create({ tags: ['x', 'y'] });
    const found = await col.where('tags', 'array-contains-any', ['y', 'z']).get();
    expect(ids(found.docs)).toEqual(['a']);
  });
});

test('100 calls at once, of which one creates the document', async () => {
  const calls = Array.from({ length: 100 }, (_, n) => col.doc('one').create({ n }));
  const results = await Promise.allSettled(calls);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const one of results) {
    if (one.status === 'rejected') expect(one.reason).toEqual(failure(codes.alreadyExists));
  }
});
