import { Unusable } from '../../errors';
import { log } from '../../log';
import type { Movement, Review } from '../../movement';
import type { Order } from '../../orders/order';
import { NAME } from './config';
import type { Capture, Refund } from './objects';

/** The statuses of a capture whose money was received, even if it was refunded afterwards. */
const receivedStatuses = new Set(['COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED']);

const unreceivedStatuses = new Set(['PENDING', 'DECLINED', 'FAILED']);

/** Whether the money of a capture was received, even if it was refunded afterwards. */
export function isReceived({ status }: Capture): boolean {
  return receivedStatuses.has(status);
}

/**
 * The payment of a capture; none unless its money was received.
 * @throws Unusable when the capture is over another amount than our order, or in another currency, or
 *   its status is unknown.
 */
export function paymentOf(capture: Capture, order: Order): Movement[] {
  if (unreceivedStatuses.has(capture.status)) return [];
  if (!isReceived(capture)) {
    throw new Unusable('A capture has a status that PayPal does not document.');
  }
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
 * A pending capture opens a review: PayPal holds its money for some check. A declined or failed one
 * closes it. Those two statuses are also those of a capture that was never held.
 */
export function reviewOf({ status }: Capture, { orderId, uid }: Order): Review[] {
  if (status === 'PENDING') return [{ review: 'opened', orderId, uid }];
  const isRefused = status === 'DECLINED' || status === 'FAILED';
  return isRefused ? [{ review: 'closed', orderId, uid }] : [];
}

/** Whether the money of a refund did not reach the buyer. */
export function hasFailed({ status }: Refund): boolean {
  return status === 'FAILED' || status === 'CANCELLED';
}

/**
 * The correction that one refund or reversal makes, by its own amount. PayPal's object also holds a
 * running total, which is not used. A refund that failed gives its amount back as a correction of
 * the refund, so it is booked only once the refund itself is.
 * @throws Unusable when the amount is not in US dollars, the status is unknown, or a reversal was taken
 *   back.
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
      return [
        {
          ...shared,
          id: refund.id,
          kind,
          amountCents: -amountCents,
          parentId: capture.id,
        },
      ];
    case 'FAILED':
    case 'CANCELLED': {
      // The reversal is booked under another id, and may have been reported as the capture alone.
      if (kind === 'dispute') throw new Unusable('A reversal was taken back: credit it by hand.');
      const id = `${refund.id}-failed`;
      return [{ ...shared, id, kind: 'refund_failed', amountCents, parentId: refund.id }];
    }
    default:
      throw new Unusable('A refund has a status that PayPal does not document.');
  }
}

/**
 * The reversal that PayPal reports as the capture, without an object of its own. PayPal does not
 * state its amount: it is the part of a completely refunded capture that its refunds do not cover.
 * @throws Unusable when the API shows no such part.
 */
export function reversalOf(capture: Capture, refunds: readonly Refund[], order: Order): Movement[] {
  const refunded = refunds
    .filter(({ status }) => status === 'COMPLETED' || status === 'PENDING')
    .reduce((cents, refund) => cents + centsIn(refund), 0);
  const left = centsIn(capture) - refunded;
  if (capture.status !== 'REFUNDED') {
    throw new Unusable('PayPal reports a reversal that its API does not show.');
  }
  // The refunds cover the capture: PayPal has reported the reversal as one of them, too.
  if (left <= 0) return [];
  return [
    {
      ...common(order),
      id: reversalId(capture),
      kind: 'dispute',
      amountCents: -left,
      parentId: capture.id,
      occurredAt: capture.createTime,
    },
  ];
}

/** The id of a reversal that PayPal reports as the capture. One that is a refund has its own id. */
export function reversalId({ id }: Capture): string {
  return `${id}-reversed`;
}

/** The fields that every movement of an order has in common. */
function common({ uid, orderId, mode }: Order) {
  return { uid, orderId, mode };
}

/** In cents, never 0. */
function centsIn({ amount }: Capture | Refund): number {
  if (amount === null) throw new Unusable('The amount is not in US dollars.');
  if (amount === 0) throw new Unusable('The amount is nothing.');
  return amount;
}

function warnOfExcess({ sellerPayableBreakdown }: Refund, capture: Capture): void {
  const total = sellerPayableBreakdown?.totalRefundedAmount ?? 0;
  if (total <= centsIn(capture)) return;
  log.alert('more was refunded than was paid', {
    payment_id: `${NAME}_${capture.id}`,
    next_step: 'npm run ops -- story <payment_id>, and compare it with the payment in PayPal',
  });
}
