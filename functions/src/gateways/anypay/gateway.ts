import { Unavailable, Unusable } from '../../errors';
import { log } from '../../log';
import type { Order } from '../../orders/order';
import type { Gateway } from '../../gateway';
import { paymentOf, readOrder, refundOf, type OrderBook } from '../ordered-payment';
import { checkSourceAddress } from '../source-address';
import { paymentsOf, type AnypayPayment } from './api';
import { NAME, readConfig, type AnypayConfig } from './config';
import { readEvent, type AnypayEvent } from './events';
import { orderIds } from './order-ids';
import type { Reported } from '../../movement';

export function openGateway(
  orders: OrderBook,
  now: () => Date = () => new Date(),
): Gateway<AnypayEvent> {
  const config = readConfig();
  return {
    verify: async (request) => {
      checkSourceAddress(request, config.addresses);
      return readEvent(request.body, config);
    },
    movements: async (event) => movementsOf(config, orders, event, now()),
    acknowledge: () => ({ contentType: 'text/plain', body: 'OK' }),
  };
}

/** AnyPay's words, by whether money moved; a refund was a payment before. */
const moved = new Set(['paid', 'refund']);
const unmoved = new Set(['waiting', 'canceled', 'expired', 'error']);

/**
 * No signature of AnyPay covers all that matters (under MD5 not even the status), so every
 * notification does the same: the API is asked what became of the order.
 */
async function movementsOf(
  { mode, ...config }: AnypayConfig,
  orders: OrderBook,
  event: AnypayEvent,
  now: Date,
): Promise<readonly Reported[]> {
  const { id, type } = event;
  if (event.isTest && mode === 'live') {
    log.warn('a test payment moves no live money', { event_id: id, event_type: type });
    return [];
  }
  const payments = await paymentsOf({ mode, ...config }, event.payId);
  warnOfOddOnes(event, payments);
  if (isAhead(event, payments)) throw new Unavailable('The API does not confirm it yet.');
  const confirmed = payments.filter(({ status }) => moved.has(status));
  if (confirmed.length === 0) return [];
  const order = await readOrder(orders, event.payId, { gateway: NAME, mode, ids: orderIds });
  return confirmed.flatMap((payment) => movementsOfPayment(order, payment, now));
}

/** Whether the notification says more than the API does. */
function isAhead({ status }: AnypayEvent, payments: readonly AnypayPayment[]): boolean {
  if (!moved.has(status)) return false;
  return !payments.some((payment) => payment.status === status || payment.status === 'refund');
}

/** The transaction id is the API's, which nobody else can write. */
function movementsOfPayment(order: Order, payment: AnypayPayment, now: Date): readonly Reported[] {
  const { transactionId: id, status, paidAt } = payment;
  try {
    const paid = paymentOf(order, { ...payment, id, occurredAt: paidAt ?? now });
    if (status !== 'refund') return [paid];
    const refund = refundOf(order, id, { ...payment, id: `${id}_refund`, occurredAt: now });
    return [paid, refund];
  } catch (error) {
    // Of an order's payments, one that is odd keeps no other from the balance.
    if (error instanceof Unusable) return [error];
    throw error;
  }
}

function warnOfOddOnes({ id, type }: AnypayEvent, payments: readonly AnypayPayment[]): void {
  const odd = payments.filter(({ status }) => !moved.has(status) && !unmoved.has(status));
  if (odd.length === 0) return;
  const what = odd.some(({ status }) => status === 'partially-paid')
    ? 'AnyPay holds a part of a payment'
    : 'AnyPay reports a status that we do not know';
  log.alert(what, { event_id: id, event_type: type });
}
