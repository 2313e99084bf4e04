import { randomUUID } from 'node:crypto';
import { AggregateField, Timestamp } from 'firebase-admin/firestore';
import { eventually, ids, Scratch } from '../harness/scratch.ts';

/** What the local Firestore and Google's emulator must both do: queries and listeners. */

jest.setTimeout(60_000);

const scratch = new Scratch();

describe('queries', () => {
  test('order, limit and cursor page through a collection', async () => {
    await scratch.seed({ a: { n: 3 }, b: { n: 1 }, c: { n: 2 }, d: { n: 2 } });
    const ordered = scratch.col.orderBy('n');
    expect(await ids(ordered)).toEqual(['b', 'c', 'd', 'a']);
    expect(await ids(ordered.limit(2))).toEqual(['b', 'c']);
    expect(await ids(ordered.startAfter(await scratch.col.doc('c').get()).limit(2))).toEqual([
      'd',
      'a',
    ]);
    expect(await ids(scratch.col.orderBy('n', 'desc').startAfter(2))).toEqual(['b']);
    expect(await ids(ordered.limitToLast(1))).toEqual(['a']);
  });

  test('ordering by a field leaves out the documents without it', async () => {
    await scratch.seed({ a: { n: 1 }, b: {}, c: { n: null } });
    expect(await ids(scratch.col.orderBy('n'))).toEqual(['c', 'a']);
    expect(await ids(scratch.col.orderBy('n', 'desc').limit(1))).toEqual(['a']);
    expect((await scratch.col.orderBy('n').count().get()).data().count).toBe(2);
  });

  test('an inequality matches only documents that have the field, of the same type', async () => {
    const now = Timestamp.now();
    const past = Timestamp.fromMillis(now.toMillis() - 1_000);
    const future = Timestamp.fromMillis(now.toMillis() + 60_000);
    await scratch.seed({
      a: { at: past },
      b: { at: future },
      c: {},
      d: { at: null },
      e: { at: 'x' },
    });
    expect(await ids(scratch.col.where('at', '<=', now))).toEqual(['a']);
    expect(await ids(scratch.col.where('at', '!=', past).orderBy('at'))).toEqual(['b', 'e']);
    expect(await ids(scratch.col.where('at', '!=', past))).toEqual(['b', 'e']);
    expect(await ids(scratch.col.where('at', 'not-in', [past]))).toEqual(['b', 'e']);
    expect(await ids(scratch.col.where('at', '>', past))).toEqual(['b']);
  });

  test('an equality combines with an order and a range', async () => {
    await scratch.seed({
      a: { s: 'x', n: 2 },
      b: { s: 'x', n: 1 },
      c: { s: 'y', n: 0 },
      d: { s: 'x', n: 3 },
      e: { s: 'x' },
    });
    const x = scratch.col.where('s', '==', 'x');
    expect(await ids(x.orderBy('n', 'desc').limit(2))).toEqual(['d', 'a']);
    expect(await ids(x.where('n', '<=', 2).orderBy('n'))).toEqual(['b', 'a']);
    expect(await ids(scratch.col.where('s', 'in', ['x', 'y']).orderBy('n').limit(2))).toEqual([
      'c',
      'b',
    ]);
    expect(await ids(x.where('n', '>=', 1).where('n', '<', 3))).toEqual(['b', 'a']);
    expect(await ids(scratch.col.where('n', '>=', 2).orderBy('s'))).toEqual(['a', 'd']);
  });

  test('a projection answers only the fields asked for', async () => {
    await scratch.seed({ a: { n: 1, m: 2 } });
    expect((await scratch.col.select('n').get()).docs[0]?.data()).toEqual({ n: 1 });
  });

  test('aggregations count and sum what a query matches', async () => {
    await scratch.seed({
      a: { s: 'x', n: 2 },
      b: { s: 'x', n: 3 },
      c: { s: 'y', n: 9 },
      d: { s: 'x' },
    });
    const x = scratch.col.where('s', '==', 'x');
    expect((await x.count().get()).data()).toEqual({ count: 3 });
    expect((await x.limit(2).count().get()).data()).toEqual({ count: 2 });
    const sums = { total: AggregateField.sum('n'), mean: AggregateField.average('n') };
    expect((await x.aggregate(sums).get()).data()).toEqual({ total: 5, mean: 2.5 });
    expect((await x.aggregate({ n: AggregateField.count(), ...sums }).get()).data()).toEqual({
      n: 2,
      total: 5,
      mean: 2.5,
    });
  });

  test('a collection group spans parents', async () => {
    const group = `g-${randomUUID()}`;
    await scratch.col.doc('a').collection(group).doc('1').set({ n: 1 });
    await scratch.col.doc('b').collection(group).doc('2').set({ n: 2 });
    await scratch.col.doc('b').collection('other').doc('3').set({ n: 3 });
    expect(await ids(scratch.db.collectionGroup(group).orderBy('n'))).toEqual(['1', '2']);
    expect(await ids(scratch.db.collectionGroup(group).where('n', '>', 1))).toEqual(['2']);
  });

  test('collections and documents are listed, missing parents included', async () => {
    await scratch.col.doc('a').collection('child').doc('1').set({});
    await scratch.col.doc('b').set({ n: 1 });
    expect((await scratch.db.listCollections()).map((c) => c.id)).toContain(scratch.col.id);
    expect((await scratch.col.doc('a').listCollections()).map((c) => c.id)).toEqual(['child']);
    expect((await scratch.col.listDocuments()).map((d) => d.id)).toEqual(['a', 'b']);
    expect(await ids(scratch.col)).toEqual(['b']);
  });
});

describe('listeners', () => {
  test('a query listener sees additions, changes and removals', async () => {
    await scratch.seed({ a: { open: true } });
    const seen: string[] = [];
    const stop = scratch.col.where('open', '==', true).onSnapshot((snapshot) => {
      for (const change of snapshot.docChanges()) seen.push(`${change.type} ${change.doc.id}`);
    });
    await eventually(() => seen.length === 1);
    await scratch.col.doc('b').set({ open: true });
    await eventually(() => seen.length === 2);
    await scratch.col.doc('b').update({ n: 1 });
    await eventually(() => seen.length === 3);
    await scratch.col.doc('a').update({ open: false });
    await eventually(() => seen.length === 4);
    stop();
    expect(seen).toEqual(['added a', 'added b', 'modified b', 'removed a']);
  });

  test('a document listener sees creation and deletion', async () => {
    const seen: boolean[] = [];
    const stop = scratch.col.doc('a').onSnapshot((doc) => seen.push(doc.exists));
    await eventually(() => seen.length === 1);
    await scratch.col.doc('a').set({});
    await eventually(() => seen.length === 2);
    await scratch.col.doc('a').delete();
    await eventually(() => seen.length === 3);
    stop();
    expect(seen).toEqual([false, true, false]);
  });
});
