import type { Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import type { Order } from '../../orders/order';
import type { OrderBook } from '../../orders/ours';
import { PayeerApi } from './api';
import { readApiConfig, readConfig, usesApi, type PayeerConfig } from './config';
import { parseEvent, subjectOf, type PayeerEvent } from './events';
import { openHistory } from './history';
import { inquire, readBookedIds } from './inquiry';
import { isPayment, readMovements } from './movements';
import { refunds } from './refund';
import { checkSignature } from './signature';

export interface GatewayDeps {
  readonly orders: OrderBook;
  readonly now: () => Date;
  /** Whether the second look must change nothing. It never does: Payeer is only read. */
  readonly isReadOnly: boolean;
  /** The movement ids of the payments of an order that are booked. */
  readonly bookedIds: (order: Order) => Promise<readonly string[]>;
}

/**
 * The second look is there where PAYEER_ACCOUNT is set. Its other settings are read when it is asked
 * for, because the webhook has no use for them.
 * @throws Misconfigured when a variable or the secret is missing.
 */
export async function openGateway(deps: Partial<GatewayDeps> = {}): Promise<Gateway<PayeerEvent>> {
  const config = readConfig();
  const { orders = await openOrders(), now = () => new Date(), bookedIds = readBookedIds } = deps;
  return {
    verify: async (request) => parseEvent(checkSignature(request, config), now()),
    movements: async (event) => readMovements(event, { orders, config }),
    // A payment that we park is stored, and so it is a success for Payeer. Payeer's own modules
    // answer a failed payment with an error.
    acknowledge: (event) => ({
      contentType: 'text/plain',
      body: `${event.orderId}|${isPayment(event, config) ? 'success' : 'error'}`,
    }),
    subjectOf,
    refunds,
    ...(usesApi() && secondLook(config, { orders, now, bookedIds })),
  };
}

function secondLook(
  config: PayeerConfig,
  deps: Pick<GatewayDeps, 'orders' | 'now' | 'bookedIds'>,
): Pick<Gateway<PayeerEvent>, 'inquire' | 'history'> {
  let opened: { readonly api: PayeerApi; readonly books: boolean } | undefined;
  const open = () => {
    if (opened === undefined) {
      const settings = readApiConfig();
      opened = { api: new PayeerApi(settings, deps.now), books: settings.books };
    }
    return opened;
  };
  const asking = { ...deps, config, api: () => open().api, books: () => open().books };
  return { inquire: (payment) => inquire(payment, asking), history: openHistory(asking) };
}
