import type { PaymentsMode } from '../../config/settings';
import { Unavailable, Unusable } from '../../errors';
import { log } from '../../log';
import type { Movement, Reported } from '../../movement';
import type { Order } from '../../orders/order';
import { findOurOrder, type OrderBook } from '../../orders/ours';
import { paymentOf, refundOf } from '../ordered-payment';
import type { AnypayApi, AnypayPayment } from './api';
import { NAME } from './config';
import type { AnypayEvent } from './events';
import { orderIds } from './order-ids';

/** The statuses of a payment that moved money. A refund was a payment before. */
const moved = new Set(['paid', 'refund']);
const unmoved = new Set(['waiting', 'canceled', 'expired', 'error']);

export interface MovementsDeps {
  readonly mode: PaymentsMode;
  readonly api: Pick<AnypayApi, 'listPayments'>;
  readonly orders: OrderBook;
  readonly now: () => Date;
}

/**
 * Asks AnyPay's API for every payment of the order that a notification names. The API is asked each
 * time, because no signature of AnyPay covers all that matters; under MD5 not even the status.
 * @throws Unavailable when the API does not answer, or does not show yet what was notified.
 * @throws Misconfigured when the API refuses us.
 */
export async function readMovements(
  event: AnypayEvent,
  { mode, api, orders, now }: MovementsDeps,
): Promise<readonly Reported[]> {
  const { id, type } = event;
  if (event.isTest && mode === 'live') {
    log.warn('a test payment moves no live money', { event_id: id, event_type: type });
    return [];
  }
  const claim = { orderId: event.payId, gateway: NAME, mode, ids: orderIds };
  const order = await findOurOrder(orders, claim);
  if (order === undefined) return [];
  const listed = await api.listPayments(event.payId);
  const read = listed.map((one) => (one instanceof Unusable ? one : known(one)));
  const unusable = read.filter((one) => one instanceof Unusable);
  const payments = read.filter((one) => !(one instanceof Unusable));
  if (unusable.length === 0 && isAhead(event, payments)) {
    throw new Unavailable('The API does not confirm it yet.');
  }
  const confirmed = payments.filter(({ status }) => moved.has(status));
  const movements = confirmed.flatMap((payment) => movementsOfPayment(order, payment, now()));
  return [...movements.map(markSecond), ...unusable];
}

/** A payment whose status says whether it moved money, or the reason why a person must look. */
function known(payment: AnypayPayment): AnypayPayment | Unusable {
  const { status, transactionId: about } = payment;
  if (moved.has(status) || unmoved.has(status)) return payment;
  const message =
    status === 'partially-paid'
      ? 'AnyPay holds a part of a payment.'
      : 'AnyPay reports a status that we do not know.';
  return new Unusable(message, { about });
}

/** Marks a second payment of one order, because its buyer may want the money back. */
function markSecond(one: Reported, index: number, all: readonly Reported[]): Reported {
  const isPayment = (other: Reported): other is Movement =>
    'kind' in other && other.kind === 'payment';
  if (!isPayment(one) || !all.slice(0, index).some(isPayment)) return one;
  return { ...one, notice: 'an order was paid twice: the second may be paid back' };
}

/** Whether the notification reports money that the API does not show yet. */
function isAhead({ status }: AnypayEvent, payments: readonly AnypayPayment[]): boolean {
  if (!moved.has(status)) return false;
  return !payments.some((payment) => payment.status === status || payment.status === 'refund');
}

/** Movement ids use the API's transaction id, which a forged notification cannot set. */
function movementsOfPayment(order: Order, payment: AnypayPayment, now: Date): readonly Reported[] {
  const { transactionId: id, status, paidAt } = payment;
  try {
    const paid = paymentOf(order, { ...payment, id, occurredAt: paidAt ?? now });
    if (status !== 'refund') return [paid];
    const refund = refundOf(order, id, { ...payment, id: `${id}_refund`, occurredAt: now });
    return [paid, refund];
  } catch (error) {
    // An unusable payment must not hold back the other payments of the order.
    if (error instanceof Unusable) return [error];
    throw error;
  }
}
