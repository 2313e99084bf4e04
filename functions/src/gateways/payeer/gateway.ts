import type { Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import type { OrderBook } from '../../orders/ours';
import { readConfig } from './config';
import { parseEvent, type PayeerEvent } from './events';
import { isPayment, readMovements } from './movements';
import { checkSignature } from './signature';

export interface GatewayDeps {
  readonly orders: OrderBook;
  readonly now: () => Date;
}

/** @throws Misconfigured when a variable or the secret is missing. */
export async function openGateway(deps: Partial<GatewayDeps> = {}): Promise<Gateway<PayeerEvent>> {
  const config = readConfig();
  const { orders = await openOrders(), now = () => new Date() } = deps;
  return {
    verify: async (request) => parseEvent(checkSignature(request, config), now()),
    movements: async (event) => readMovements(event, { orders, config }),
    // A payment that we park is stored, and so it is a success for Payeer. Payeer's own modules
    // answer a failed payment with an error.
    acknowledge: (event) => ({
      contentType: 'text/plain',
      body: `${event.orderId}|${isPayment(event, config) ? 'success' : 'error'}`,
    }),
  };
}
