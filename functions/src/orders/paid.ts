import type { Firestore } from '../firestore/client';
import { withDeadline } from '../firestore/firestore';
import { inGroups } from '../firestore/queries';
import { ledgerQueries } from '../ledger/queries';

/**
 * Returns those of the orders that have a row in the ledger.
 * @param mostRows reads no more rows an order, and may then miss one that shares its query with an
 *   order of many rows. All rows are read unless it is given.
 * @throws Unavailable when Firestore does not answer.
 */
export async function paidAmong(
  firestore: Firestore,
  orderIds: readonly string[],
  mostRows?: number,
): Promise<Set<string>> {
  const rows = await Promise.all(
    inGroups(orderIds).map((group) => {
      const query = ledgerQueries.paymentsOfOrders(firestore, group).select('order_id');
      const bounded = mostRows ? query.limit(Math.ceil(group.length * mostRows)) : query;
      return withDeadline(bounded.get());
    }),
  );
  return new Set(rows.flatMap(({ docs }) => docs.map((row) => String(row.get('order_id')))));
}
