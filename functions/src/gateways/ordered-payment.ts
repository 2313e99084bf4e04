import { Unusable } from '../errors';
import type { Order } from '../orders/order';
import type { Movement, Reported } from '../movement';

/** A payment or a refund of an order, as a gateway reports it. The order says whose it is. */
export interface ReportedAmount {
  /** The movement's id: see `Movement`. */
  readonly id: string;
  /** Undefined when the gateway's text is not an amount. */
  readonly amountCents: number | undefined;
  readonly currency: string;
  readonly occurredAt: Date;
}

/**
 * The payment of an order. Each payment with an id of its own is money that arrived: a second payment
 * of the same order makes a second row.
 * @throws Unusable when the paid amount is not the order's.
 */
export function paymentOf(order: Order, reported: ReportedAmount): Movement {
  checkAmount(order, reported);
  return { ...commonOf(order, reported), kind: 'payment', parentId: null };
}

/**
 * The refund of the whole payment.
 * @throws Unusable when the gateway reports another amount: the refunded part is then unknown.
 */
export function refundOf(order: Order, parentId: string, reported: ReportedAmount): Movement {
  checkAmount(order, reported);
  const common = commonOf(order, reported);
  return { ...common, kind: 'refund', amountCents: -order.amountCents, parentId };
}

/**
 * Names our order in each error, for a gateway that is asked about orders and not about its own ids. A
 * parked error is then asked about again.
 */
export function ofOrder(orderId: string, reported: readonly Reported[]): readonly Reported[] {
  return reported.map((one) => {
    if (!(one instanceof Unusable)) return one;
    const { message, about } = one;
    return new Unusable(message, { cause: one, orderId, ...(about !== undefined && { about }) });
  });
}

function checkAmount(order: Order, { id, amountCents, currency }: ReportedAmount): void {
  if (currency !== 'USD') {
    throw new Unusable('The currency is not the one of the order.', { about: id });
  }
  if (amountCents !== order.amountCents) {
    throw new Unusable('The amount is not the one of the order.', { about: id });
  }
}

function commonOf({ orderId, uid, amountCents, mode }: Order, { id, occurredAt }: ReportedAmount) {
  return { id, uid, amountCents, orderId, mode, occurredAt };
}
