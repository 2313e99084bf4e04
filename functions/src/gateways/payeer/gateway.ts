import { log } from '../../log';
import type { Gateway } from '../../gateway';
import { paymentOf, readOrder, type OrderBook } from '../ordered-payment';
import { checkSourceAddress } from '../source-address';
import { NAME, readConfig, type PayeerConfig } from './config';
import { orderIds } from './order-ids';
import { readEvent, type PayeerEvent } from './events';
import type { Reported } from '../../movement';

export function openGateway(
  orders: OrderBook,
  now: () => Date = () => new Date(),
): Gateway<PayeerEvent> {
  const config = readConfig();
  return {
    verify: async (request) => {
      checkSourceAddress(request, config.addresses);
      return readEvent(request.body, config, now());
    },
    movements: async (event) => movementsOf(config, orders, event),
    // What is parked is safe with us, and so a success; Payeer's own modules call a failed payment
    // an error.
    acknowledge: (event) => ({
      contentType: 'text/plain',
      body: `${event.orderId}|${isPayment(config, event) ? 'success' : 'error'}`,
    }),
  };
}

async function movementsOf(
  config: PayeerConfig,
  orders: OrderBook,
  event: PayeerEvent,
): Promise<readonly Reported[]> {
  if (!isPayment(config, event)) {
    if (event.status !== 'fail') {
      const { id, type } = event;
      log.alert('Payeer reports what we do not know', { event_id: id, event_type: type });
    }
    return [];
  }
  const wanted = { gateway: NAME, mode: config.mode, ids: orderIds };
  const order = await readOrder(orders, event.orderId, wanted);
  return [paymentOf(order, { ...event, occurredAt: event.paidAt })];
}

function isPayment({ merchantId }: PayeerConfig, { shop, status }: PayeerEvent): boolean {
  return shop === merchantId && status === 'success';
}
