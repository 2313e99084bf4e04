import { Unusable } from '../../errors';
import { log } from '../../log';
import type { Order } from '../../orders/order';
import type { Gateway } from '../../gateway';
import { paymentOf, readOrder, refundOf, type OrderBook } from '../ordered-payment';
import { checkStatus, type OrderStatus } from './api';
import { NAME, readConfig, type WayforpayConfig } from './config';
import { readEvent, type WayforpayEvent } from './events';
import { signatureOf } from './signature';
import type { Movement, Reported } from '../../movement';

export function openGateway(
  orders: OrderBook,
  now: () => Date = () => new Date(),
): Gateway<WayforpayEvent> {
  const config = readConfig();
  return {
    verify: async ({ body }) => readEvent(body, config.merchantAccount, config.secretKey, now()),
    movements: async (event) => movementsOf(config, orders, event),
    acknowledge: ({ orderReference }) => {
      const time = Math.floor(now().getTime() / 1000);
      const signature = signatureOf(config.secretKey, [orderReference, 'accept', String(time)]);
      const body = JSON.stringify({ orderReference, status: 'accept', time, signature });
      return { contentType: 'application/json', body };
    },
  };
}

/**
 * What a status means for money, https://wiki.wayforpay.com/view/852131. WayForPay voids where it
 * does not refund: the same for us.
 */
const meanings: Readonly<Record<string, 'paid' | 'returned' | 'nothing'>> = {
  Approved: 'paid',
  Refunded: 'returned',
  Voided: 'returned',
  Created: 'nothing',
  InProcessing: 'nothing',
  Pending: 'nothing',
  WaitingAuthComplete: 'nothing',
  Declined: 'nothing',
  Expired: 'nothing',
  RefundInProcessing: 'nothing',
};

async function movementsOf(
  config: WayforpayConfig,
  orders: OrderBook,
  event: WayforpayEvent,
): Promise<readonly Reported[]> {
  const meaning = Object.hasOwn(meanings, event.status) ? meanings[event.status] : undefined;
  if (meaning === undefined) {
    const { id, type } = event;
    log.alert('WayForPay reports a status that we do not know', { event_id: id, event_type: type });
  }
  if (meaning === undefined || meaning === 'nothing') return [];
  const order = await readOrder(orders, event.orderReference, {
    gateway: NAME,
    mode: config.mode,
  });
  if (meaning === 'returned') return [await returnedOf(config, order, event)];
  const { processedAt: occurredAt } = event;
  return [paymentOf(order, { ...event, id: order.orderId, occurredAt })];
}

/**
 * What was given back of an order, all refunds together: WayForPay numbers none of them, and what
 * the amount of a partial refund's callback means, it does not document.
 */
async function returnedOf(
  config: WayforpayConfig,
  order: Order,
  event: WayforpayEvent,
): Promise<Movement> {
  const status = await checkStatus(config, order.orderId);
  const { processedAt: occurredAt } = event;
  const whole = refundOf(order, order.orderId, { ...status, id: order.orderId, occurredAt });
  const cents = returnedCents(status, event, order);
  if (cents > order.amountCents) throw new Unusable('More was refunded than was ordered.');
  return { ...whole, id: `${order.orderId}_refund_${cents}`, amountCents: -cents, isTotal: true };
}

/** The sum of the refunds; where there is none, all of it when the callback leaves no doubt. */
function returnedCents(
  { refundedCents }: OrderStatus,
  { amountCents, status }: WayforpayEvent,
  order: Order,
): number {
  if (refundedCents !== undefined && refundedCents > 0) return refundedCents;
  const isWhole = refundedCents === undefined && amountCents === order.amountCents;
  if (status === 'Voided' || isWhole) return order.amountCents;
  throw new Unusable('WayForPay does not say how much was refunded.');
}
