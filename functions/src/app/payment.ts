import { NotFound } from '../errors';
import type { Call, Reply } from '../http/call';
import { openHistory, type HistoryRow } from '../ledger/history';
import { openReviews } from '../orders/reviews';
import { anyIds, isOrderId } from '../orders/order';
import { openOrders } from '../orders/orders';
import { isClosed } from '../orders/unpaid-orders';
import { retailNameOf } from '../retail/gateway-names';
import type { getPayment } from './calls';

export async function openPayments() {
  const orders = await openOrders();
  const history = openHistory();
  const reviews = openReviews();
  return {
    async read({
      input: { order_id: orderId },
      caller: { uid },
    }: Call<typeof getPayment>): Promise<Reply<typeof getPayment>> {
      if (!isOrderId(orderId, anyIds)) throw new NotFound('No order has such an id.');
      const [order, rows] = await Promise.all([
        orders.find(orderId, anyIds),
        history.ofOrder(uid, orderId),
      ]);
      if (order?.uid !== uid) throw new NotFound('The order is not theirs.');
      const status = statusOf(rows) ?? ((await reviews.isOpen(orderId)) ? 'review' : 'unpaid');
      const closed = status === 'unpaid' && isClosed(order) ? { is_closed: true as const } : {};
      return { status, ...closed, payments: rows.map(toReply) };
    },
  };
}

/** The kinds that count for the status. Disputes do not, unless their payment was moved away. */
const counted = new Set<HistoryRow['kind']>(['payment', 'refund', 'refund_failed', 'move']);

/**
 * The status of an order, with the same meaning as in the calls that ask a gateway: `refunded` when
 * all of it was given back, or moved to its right user; a disputed order stays `paid`. A payment that the Retail API has refused
 * is `uncredited`. Undefined when nothing was paid.
 */
function statusOf(rows: readonly HistoryRow[]): 'paid' | 'uncredited' | 'refunded' | undefined {
  const payments = rows.filter(({ kind }) => kind === 'payment');
  if (payments.length === 0) return undefined;
  const cents = rows
    .filter(({ kind, parentId }) => counted.has(kind) || isMovedAway(rows, parentId))
    .reduce((sum, { amountCents }) => sum + amountCents, 0);
  if (cents <= 0) return 'refunded';
  return payments.some(({ isRefused }) => isRefused) ? 'uncredited' : 'paid';
}

/**
 * Whether a payment is another user's now: it was moved away once more than it was moved back. Its
 * disputes count then, so that all that it was to this user comes to 0.
 */
function isMovedAway(rows: readonly HistoryRow[], paymentId: string | undefined): boolean {
  const moves = rows.filter(({ kind, parentId }) => kind === 'move' && parentId === paymentId);
  return moves.reduce((sum, { amountCents }) => sum + Math.sign(amountCents), 0) < 0;
}

function toReply(row: HistoryRow): Reply<typeof getPayment>['payments'][number] {
  return {
    payment_id: row.paymentId,
    kind: row.kind,
    amount: row.amountCents,
    gateway: retailNameOf(row.gateway),
    created_at: Math.floor(row.createdAt.getTime() / 1000),
    is_synced: row.isSynced,
    ...(row.isRefused && { is_refused: true as const }),
  };
}
