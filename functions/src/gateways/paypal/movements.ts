import { Unusable } from '../../errors';
import { log } from '../../log';
import type { Order } from '../../orders/order';
import { NAME } from './config';
import type { Capture, Refund } from './objects';
import type { Movement, Review } from '../../movement';

/** Statuses of a capture whose money was received, whatever became of it since. */
const received = new Set(['COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED']);

export function isReceived({ status }: Capture): boolean {
  return received.has(status);
}

/** What was received, which must be what our order is over. */
export function paymentOf(capture: Capture, order: Order): Movement[] {
  if (!isReceived(capture)) return [];
  if (centsIn(capture) !== order.amountCents) {
    throw new Unusable('The capture is over another amount than its order.');
  }
  return [
    {
      ...common(order),
      id: capture.id,
      kind: 'payment',
      amountCents: order.amountCents,
      parentId: null,
      occurredAt: capture.createTime,
    },
  ];
}

/**
 * A capture that PayPal holds back, for whatever check, or refused: `DECLINED` and `FAILED` say so
 * of one that was held and of one that never was.
 */
export function reviewOf({ status }: Capture, { orderId, uid }: Order): Review[] {
  if (status === 'PENDING') return [{ review: 'opened', orderId, uid }];
  const isRefused = status === 'DECLINED' || status === 'FAILED';
  return isRefused ? [{ review: 'closed', orderId, uid }] : [];
}

/**
 * What one refund or reversal took: its own amount, never the running total beside it. One that
 * failed gives back what it took, if it had taken it: its movement waits for the refund's own.
 */
export function correctionOf(
  refund: Refund,
  capture: Capture,
  order: Order,
  kind: 'refund' | 'dispute',
): Movement[] {
  const amountCents = centsIn(refund);
  const shared = { ...common(order), occurredAt: refund.createTime };
  switch (refund.status) {
    case 'COMPLETED':
    case 'PENDING':
      warnOfExcess(refund, capture);
      return [{ ...shared, id: refund.id, kind, amountCents: -amountCents, parentId: capture.id }];
    case 'FAILED':
    case 'CANCELLED': {
      const id = `${refund.id}-failed`;
      return [{ ...shared, id, kind: 'refund_failed', amountCents, parentId: refund.id }];
    }
    default:
      throw new Unusable('A refund has a status that PayPal does not document.');
  }
}

/**
 * A reversal that PayPal tells of as the capture, without an object of its own: what was taken is
 * what the refunds of a capture that is all gone do not account for.
 */
export function reversalOf(capture: Capture, refunds: readonly Refund[], order: Order): Movement[] {
  const refunded = refunds
    .filter(({ status }) => status === 'COMPLETED' || status === 'PENDING')
    .reduce((cents, refund) => cents + centsIn(refund), 0);
  const left = centsIn(capture) - refunded;
  if (capture.status !== 'REFUNDED' || left <= 0) {
    throw new Unusable('PayPal tells of a reversal that its API does not show.');
  }
  return [
    {
      ...common(order),
      id: `${capture.id}-reversed`,
      kind: 'dispute',
      amountCents: -left,
      parentId: capture.id,
      occurredAt: capture.createTime,
    },
  ];
}

/** What every movement of an order has in common. */
function common({ uid, orderId, mode }: Order) {
  return { uid, orderId, mode };
}

function centsIn({ amount }: Capture | Refund): number {
  if (amount === null) throw new Unusable('The amount is not in US dollars.');
  if (amount === 0) throw new Unusable('The amount is nothing.');
  return amount;
}

function warnOfExcess({ sellerPayableBreakdown }: Refund, capture: Capture): void {
  const total = sellerPayableBreakdown?.totalRefundedAmount ?? 0;
  if (total <= centsIn(capture)) return;
  log.alert('more was refunded than was paid', { payment_id: `${NAME}_${capture.id}` });
}
