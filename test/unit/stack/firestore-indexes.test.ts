import { AggregateField, Filter, type Query } from 'firebase-admin/firestore';
import { Firestore, Timestamp } from 'firebase-admin/firestore';
import { Indexes, type IndexFile } from '../../../scripts/stack/firestore/indexes.ts';

/** Which queries the embedded Firestore refuses, as the real one does. */

const scope = { queryScope: 'COLLECTION' };
const ascending = (fieldPath: string) => ({ fieldPath, order: 'ASCENDING' });
const descending = (fieldPath: string) => ({ fieldPath, order: 'DESCENDING' });
const file: IndexFile = {
  indexes: [
    { ...scope, collectionGroup: 'c', fields: [ascending('a'), ascending('n')] },
    { ...scope, collectionGroup: 'c', fields: [ascending('b'), ascending('n')] },
    { ...scope, collectionGroup: 'c', fields: [ascending('n'), ascending('m')] },
    { ...scope, collectionGroup: 'c', fields: [descending('d'), descending('n')] },
  ],
  fieldOverrides: [
    { collectionGroup: 'c', fieldPath: 'shut', indexes: [] },
    { collectionGroup: 'c', fieldPath: 'map', indexes: [] },
    { collectionGroup: 'c', fieldPath: 'map.open', indexes: [{ ...scope, order: 'ASCENDING' }] },
    { collectionGroup: 'c', fieldPath: 'list', indexes: [{ ...scope, arrayConfig: 'CONTAINS' }] },
  ],
};

const indexes = new Indexes(file);
const firestore = new Firestore({ projectId: 'demo-indexes' });
const c = firestore.collection('c');
const past = Timestamp.fromMillis(0);

type Asked = Parameters<Indexes['assertServe']>;

interface Proto {
  structuredQuery?: Asked[0];
  structuredAggregationQuery?: { structuredQuery: Asked[0]; aggregations: Asked[1] };
}

/** What the query is refused with; undefined where it is served. */
function refusal(query: object): string | undefined {
  const proto = (query as { toProto(): Proto }).toProto();
  const aggregation = proto.structuredAggregationQuery;
  const structuredQuery = aggregation?.structuredQuery ?? proto.structuredQuery;
  try {
    indexes.assertServe(structuredQuery, aggregation?.aggregations);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 9 });
    return (error as Error).message;
  }
}

const sumOfN = { n: AggregateField.sum('n') };
const served: Readonly<Record<string, object>> = {
  'a whole collection': c,
  'a field that has its own index': c.where('x', '==', 1),
  'a range in either order': c.where('x', '>', 1).orderBy('x', 'desc'),
  'two fields with an index each': c.where('x', '==', 1).where('y', '==', 2),
  'a composite index': c.where('a', '==', 1).orderBy('n'),
  'a composite index whose equality is descending': c.where('d', '==', 1).orderBy('n', 'desc'),
  'an order by two fields': c.orderBy('n').orderBy('m'),
  'a list of values': c.where('a', 'in', [1, 2]).orderBy('n'),
  'two composite indexes with the same order': c
    .where('a', '==', 1)
    .where('b', '==', 2)
    .where('n', '>', past),
  'the name last': c.where('a', '==', 1).orderBy('n').orderBy('__name__'),
  'the name alone': c.where('x', '==', 1).orderBy('__name__', 'desc'),
  'a field in a map that has an index again': c.where('map.open', '==', 1),
  'a value in a list': c.where('list', 'array-contains', 1),
  'a sum in a composite index': c.where('a', '==', 1).aggregate(sumOfN),
  'a count': c.where('x', '==', 1).count(),
};

test.each(Object.entries(served))('%s is served', (_what, query) => {
  expect(refusal(query)).toBeUndefined();
});

const refused: Readonly<Record<string, object>> = {
  'a field that is exempted': c.where('shut', '==', 1),
  'an order by a field that is exempted': c.orderBy('shut'),
  'a field in a map that is exempted': c.where('map.other', '==', 1),
  'an exempted field beside one that is not': c.where('shut', '==', 1).where('x', '==', 1),
  'the whole of a list': c.where('list', '==', [1]),
  'an equality and an order': c.where('x', '==', 1).orderBy('y'),
  'an order by two others': c.orderBy('x').orderBy('y'),
  'a composite index read backwards': c.where('a', '==', 1).orderBy('n', 'desc'),
  'both fields turned': c.orderBy('n', 'desc').orderBy('m', 'desc'),
  'a range backwards of a field that has one direction': c.orderBy('map.open', 'desc'),
  'one of two fields turned': c.orderBy('n').orderBy('m', 'desc'),
  'one field too many': c.where('a', '==', 1).where('x', '==', 2).orderBy('n'),
  'a name that is turned': c.where('a', '==', 1).orderBy('n').orderBy('__name__', 'desc'),
  'one side of an OR': c.where(
    Filter.or(Filter.where('x', '==', 1), Filter.where('shut', '==', 1)),
  ),
  'a sum without its field': c.where('x', '==', 1).aggregate(sumOfN),
  'a range beside another equality': c.where('x', '==', 1).where('y', '!=', 2),
  'a collection group': firestore.collectionGroup('c').where('x', '==', 1),
};

test.each(Object.entries(refused))('%s is refused', (_what, query) => {
  expect(refusal(query)).toMatch(/^The query requires an index\. Add it to /);
});

test('the refusal names what to add, ready to be pasted', () => {
  const composite: Query = c.where('x', '==', 1).orderBy('y', 'desc');
  expect(refusal(composite)).toBe(
    'The query requires an index. Add it to "indexes" of firestore.indexes.json: ' +
      '{"collectionGroup":"c","queryScope":"COLLECTION","fields":' +
      '[{"fieldPath":"x","order":"ASCENDING"},{"fieldPath":"y","order":"DESCENDING"}]}',
  );
  expect(refusal(c.where('shut', '==', 1))).toBe(
    'The query requires an index. Add it to the override of shut of c in "fieldOverrides" of ' +
      'firestore.indexes.json: {"order":"ASCENDING","queryScope":"COLLECTION"}',
  );
});
