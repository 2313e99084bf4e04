import { readFileSync } from 'node:fs';
import {
  Firestore,
  Timestamp,
} from '../../../functions/node_modules/firebase-admin/lib/firestore/index.js';
import { ledgerQueries } from '../../../functions/src/ledger/queries.ts';
import { deletionQueries } from '../../../functions/src/deletion/queries.ts';
import { orderQueries } from '../../../functions/src/orders/queries.ts';
import { roleQueries } from '../../../functions/src/roles/queries.ts';
import { storeQueries } from '../../../functions/src/stores/queries.ts';

interface IndexFile {
  indexes: { collectionGroup: string; fields: { fieldPath: string; order: string }[] }[];
  fieldOverrides: {
    collectionGroup: string;
    fieldPath: string;
    indexes: { order?: string; arrayConfig?: string }[];
  }[];
}

const file = JSON.parse(readFileSync('firestore.indexes.json', 'utf8')) as IndexFile;

/** What a query asks of the indexes: equalities first, then the order it is read in, then sums. */
interface Shape {
  collection: string;
  fields: string[];
}

interface StructuredQuery {
  from: { collectionId: string }[];
  where?: { fieldFilter?: Filter; compositeFilter?: { filters: { fieldFilter: Filter }[] } };
  orderBy?: { field: { fieldPath: string }; direction: string }[];
}

interface Filter {
  field: { fieldPath: string };
  op: string;
}

interface Proto {
  structuredQuery?: StructuredQuery;
  structuredAggregationQuery?: {
    structuredQuery: StructuredQuery;
    aggregations: { sum?: { field: { fieldPath: string } } }[];
  };
}

function shapeOf(query: object): Shape {
  const proto = (query as { toProto(): Proto }).toProto();
  const aggregation = proto.structuredAggregationQuery;
  const structuredQuery = aggregation?.structuredQuery ?? proto.structuredQuery;
  if (structuredQuery === undefined) throw new Error('this is no query');
  const summed = aggregation?.aggregations.flatMap(({ sum }) => sum?.field.fieldPath ?? []) ?? [];
  const { where, orderBy = [], from } = structuredQuery;
  const filters = where?.compositeFilter?.filters.map((one) => one.fieldFilter) ?? [];
  if (where?.fieldFilter) filters.push(where.fieldFilter);
  // An index serves a list of values as it serves one.
  const isEqual = ({ op }: Filter) => op === 'EQUAL' || op === 'IN';
  const equal = filters.filter(isEqual).map(({ field }) => field.fieldPath);
  const isContained = ({ op }: Filter) => op === 'ARRAY_CONTAINS_ANY';
  const contained = filters.filter(isContained).map(({ field }) => field.fieldPath);
  const isRange = (one: Filter) => !isEqual(one) && !isContained(one);
  const ranged = filters.filter(isRange).map(({ field }) => field.fieldPath);
  const ordered = orderBy.map(({ field }) => field.fieldPath);
  // A range is read in the order of its field: the two are one part of the index.
  expect(ordered).toEqual(expect.arrayContaining(ranged));
  const directions = orderBy.map(({ field, direction }) => `${field.fieldPath} ${direction}`);
  return {
    collection: from[0]?.collectionId ?? '',
    fields: [
      ...equal.map((path) => `${path} ASCENDING`),
      ...contained.map((path) => `${path} CONTAINS`),
      ...directions,
      ...summed.map((path) => `${path} ASCENDING`),
    ],
  };
}

function serves({ collection, fields }: Shape): boolean {
  if (fields.length === 1) {
    const [path, order] = fields[0]?.split(' ') ?? [];
    return file.fieldOverrides.some(
      (override) =>
        override.collectionGroup === collection &&
        override.fieldPath === path &&
        override.indexes.some((index) => (index.order ?? index.arrayConfig) === order),
    );
  }
  return composites.includes(`${collection}: ${fields.join(', ')}`);
}

const composites = file.indexes.map(
  ({ collectionGroup, fields }) =>
    `${collectionGroup}: ${fields.map(({ fieldPath, order }) => `${fieldPath} ${order}`).join(', ')}`,
);

const firestore = new Firestore({ projectId: 'demo-temp-number' });
const now = Timestamp.fromMillis(0);
const queries: Record<string, object> = {
  duePayments: ledgerQueries.duePayments(firestore, now),
  latestDue: ledgerQueries.latestDue(firestore, now),
  firstDue: ledgerQueries.firstDue(firestore),
  lastDue: ledgerQueries.lastDue(firestore),
  refused: ledgerQueries.refused(firestore, ['rejected']),
  paymentsSince: ledgerQueries.paymentsSince(firestore, 'u', now),
  paymentsOf: ledgerQueries.paymentsOf(firestore, 'u'),
  paymentsOfOrder: ledgerQueries.paymentsOfOrder(firestore, 'o'),
  paymentsOfOrders: ledgerQueries.paymentsOfOrders(firestore, ['o']),
  pendingOf: ledgerQueries.pendingOf(firestore, 'u'),
  correctionsOf: ledgerQueries.correctionsOf(firestore, ['p']),
  dueParkedEvents: ledgerQueries.dueParkedEvents(firestore, now),
  receiptsOfAccount: storeQueries.receiptsOfAccount(firestore, 't'),
  reviewsOf: orderQueries.reviewsOf(firestore, 'u'),
  pendingPurchasesOf: storeQueries.pendingPurchasesOf(firestore, 'u'),
  unclaimedPurchasesOf: storeQueries.unclaimedPurchasesOf(firestore, 't'),
  duePendingPurchases: storeQueries.duePendingPurchases(firestore, 'g', now),
  rowsWritten: ledgerQueries.rowsWritten(firestore, 'g', now, now),
  rowsOccurred: ledgerQueries.rowsOccurred(firestore, 'g', now, now),
  parkedEventsToRecheck: ledgerQueries.parkedEventsToRecheck(firestore, 'g', now),
  parkedEventsAbout: ledgerQueries.parkedEventsAbout(firestore, ['s']),
  parkedEventsOfGateway: ledgerQueries.parkedEventsOfGateway(firestore, 'g'),
  ordersToAsk: orderQueries.ordersToAsk(firestore, 'g', now),
  parkedCorrectionsOf: ledgerQueries.parkedCorrectionsOf(firestore, 'p'),
  waitingAdjustments: ledgerQueries.waitingAdjustments(firestore),
  adjustmentsOf: ledgerQueries.adjustmentsOf(firestore, 'u'),
  refundRequestsOf: ledgerQueries.refundRequestsOf(firestore, ['p']),
  refundRequestsIn: ledgerQueries.refundRequestsIn(firestore, ['sent']),
  parkedEventsOf: ledgerQueries.parkedEventsOf(firestore, 'u'),
  dueDeletions: deletionQueries.dueDeletions(firestore, now),
  openOrdersSince: orderQueries.openOrdersSince(firestore, 'u', now),
  undecidedBefore: orderQueries.undecidedBefore(firestore, now),
  ordersSince: orderQueries.ordersSince(firestore, 'u', now),
  ordersBoundTo: orderQueries.ordersBoundTo(firestore, 'r'),
  ordersOfAmount: orderQueries.ordersOfAmount(firestore, 1, now, now),
  rowsOfAmount: ledgerQueries.rowsOfAmount(firestore, [1, -1], now, now),
  parkedEvents: ledgerQueries.parkedEvents(firestore),
  actsOn: roleQueries.actsOn(firestore, ['t']),
};

test('every query of the code is listed here', () => {
  const written = [ledgerQueries, orderQueries, storeQueries, deletionQueries, roleQueries].flatMap(
    Object.keys,
  );
  expect(Object.keys(queries).toSorted()).toEqual(written.toSorted());
});

test.each(Object.entries(queries))('%s has its index', (_name, query) => {
  expect(serves(shapeOf(query))).toBe(true);
});

test('no index is kept that no query uses', () => {
  const shapes = Object.values(queries).map(shapeOf);
  const used = shapes.map(({ collection, fields }) => `${collection}: ${fields.join(', ')}`);
  const single = file.fieldOverrides.flatMap(({ collectionGroup, fieldPath, indexes }) =>
    indexes.map((one) => `${collectionGroup}: ${fieldPath} ${one.order ?? one.arrayConfig ?? ''}`),
  );
  expect([...composites, ...single].filter((index) => !used.includes(index))).toEqual([]);
});
