import { Timestamp, type Query } from '../../../functions/src/firestore/client/index.ts';
import { openFirestore } from '../../../functions/src/firestore/firestore.ts';
import { ledgerQueries } from '../../../functions/src/ledger/queries.ts';
import { deletionQueries } from '../../../functions/src/deletion/queries.ts';
import { orderQueries } from '../../../functions/src/orders/queries.ts';
import { roleQueries } from '../../../functions/src/roles/queries.ts';
import { storeQueries } from '../../../functions/src/stores/queries.ts';
import {
  Indexes,
  readIndexFile,
  type IndexFile,
} from '../../../scripts/stack/firestore/indexes.ts';
import { setEnvironment } from '../../harness/environment.ts';

setEnvironment({ GCLOUD_PROJECT: 'demo-temp-number' });
const firestore = openFirestore();
const now = Timestamp.fromMillis(0);
const queries: Record<string, Query> = {
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
  allRowsWritten: ledgerQueries.allRowsWritten(firestore, now, now),
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

/** The fields that are summed up, by the name of the query. */
const sums: Record<string, string> = { pendingOf: 'amount' };

/** Whether the embedded Firestore, which refuses as the real one does, serves a query with these. */
function isServed(name: string, query: Query, file: IndexFile): boolean {
  const fieldPath = sums[name];
  const aggregations = fieldPath === undefined ? [] : [{ sum: { field: { fieldPath } } }];
  try {
    new Indexes(file).assertServe(query.toWire(), aggregations);
    return true;
  } catch {
    return false;
  }
}

test.each(Object.entries(queries))('%s has its index', (name, query) => {
  expect(isServed(name, query, readIndexFile())).toBe(true);
});

test('no index is kept that no query uses', () => {
  const isUsed = (without: IndexFile) =>
    Object.entries(queries).some(([name, query]) => !isServed(name, query, without));
  const { indexes, fieldOverrides } = readIndexFile();
  const composites = indexes
    .filter((one) => !isUsed({ indexes: indexes.filter((other) => other !== one), fieldOverrides }))
    .map(({ collectionGroup, fields }) => [collectionGroup, fields]);
  const single = fieldOverrides.flatMap((override) =>
    override.indexes
      .filter((one) => {
        const less = { ...override, indexes: override.indexes.filter((other) => other !== one) };
        const others = fieldOverrides.map((other) => (other === override ? less : other));
        return !isUsed({ indexes, fieldOverrides: others });
      })
      .map((one) => [override.collectionGroup, override.fieldPath, one]),
  );
  expect([...composites, ...single]).toEqual([]);
});
