import type { PaymentsMode } from '../../config/settings';
import { Unavailable, Unusable } from '../../errors';
import type { AskedPayment } from '../../gateway';
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
const moved: ReadonlySet<string> = new Set(['paid', 'refund']);
const unmoved: ReadonlySet<string> = new Set(['waiting', 'canceled', 'expired', 'error']);

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
  deps: MovementsDeps,
): Promise<readonly Reported[]> {
  const { id, type } = event;
  if (event.isTest && deps.mode === 'live') {
    log.warn('a test payment moves no live money', { event_id: id, event_type: type });
    return [];
  }
  return readOrder(event.payId, deps, (listed) => {
    if (isAhead(event, listed)) throw new Unavailable('The API does not confirm it yet.');
  });
}

/**
 * Asks AnyPay's API for every payment of one order, as it stands now. The API does not mark test
 * payments: AnyPay must take none in a live project.
 * @throws Unavailable when the API does not answer.
 * @throws Misconfigured when the API refuses us.
 */
export async function inquire(
  { orderId, ref }: AskedPayment,
  deps: MovementsDeps,
): Promise<readonly Reported[]> {
  // Every row of AnyPay's names its order, and an order is bound to its own id.
  const payId = orderId ?? ref;
  return payId === null ? [] : readOrder(payId, deps);
}

/** @param check throws when the answer cannot be all of it. */
async function readOrder(
  payId: string,
  { mode, api, orders, now }: MovementsDeps,
  check: (listed: readonly (AnypayPayment | Unusable)[]) => void = () => undefined,
): Promise<readonly Reported[]> {
  const order = await findOrder(payId, { mode, orders });
  if (order === undefined) return [];
  const listed = await api.listPayments(payId);
  check(listed);
  return movementsOfOrder(order, listed, now());
}

/** Our order with this id; undefined when the payments of it are not ours. */
export function findOrder(
  payId: string,
  { mode, orders }: Pick<MovementsDeps, 'mode' | 'orders'>,
): Promise<Order | undefined> {
  return findOurOrder(orders, { orderId: payId, gateway: NAME, mode, ids: orderIds });
}

/** All that the payments of an order have moved, and the reasons why a person must look. */
export function movementsOfOrder(
  order: Order,
  listed: readonly (AnypayPayment | Unusable)[],
  now: Date,
): readonly Reported[] {
  const read = listed.map(known);
  const unusable = read.filter((one) => one instanceof Unusable);
  const movements = read
    .filter((one) => !(one instanceof Unusable))
    .filter(({ status }) => moved.has(status))
    .flatMap((payment) => movementsOfPayment(order, payment, now));
  return [...movements.map(markSecond), ...unusable];
}

/** Whether a payment has moved no money, as its status says. */
export function isUnmoved({ status }: AnypayPayment): boolean {
  return unmoved.has(status);
}

/** A payment whose status says whether it moved money, or the reason why a person must look. */
function known(payment: AnypayPayment | Unusable): AnypayPayment | Unusable {
  if (payment instanceof Unusable) return payment;
  const { status, transactionId: about } = payment;
  if (moved.has(status) || isUnmoved(payment)) return payment;
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

/**
 * Whether the notification reports money that the API does not show yet. A payment that a person must
 * look at may be that money.
 */
function isAhead({ status }: AnypayEvent, listed: readonly (AnypayPayment | Unusable)[]): boolean {
  if (!moved.has(status)) return false;
  return !listed
    .map(known)
    .some((one) => one instanceof Unusable || one.status === status || one.status === 'refund');
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
