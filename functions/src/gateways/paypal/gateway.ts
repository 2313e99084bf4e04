import type { Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import type { OrderBook } from '../../orders/ours';
import { PayPalApi } from './api';
import { Certificates } from './certificates';
import { readConfig } from './config';
import { parseEvent, type PayPalEvent } from './events';
import { readMovements } from './movements';
import { checkSignature } from './signature';

export interface GatewayDeps {
  readonly orders: OrderBook;
  /** Downloads certificates. */
  readonly fetch: typeof fetch;
  readonly now: () => Date;
}

/** @throws Misconfigured when a variable or the secret is missing or wrong. */
export async function openGateway(deps: Partial<GatewayDeps> = {}): Promise<Gateway<PayPalEvent>> {
  const config = readConfig();
  const { fetch: fetchFunction = fetch, now = () => new Date() } = deps;
  const api = new PayPalApi(config);
  const certificates = new Certificates(config.certificates, fetchFunction, now);
  const orders = deps.orders ?? (await openOrders());
  return {
    verify: async (request) => {
      await checkSignature(request, { config, api, certificates });
      return parseEvent(request.body);
    },
    movements: async (event) => readMovements(event, { config, api, orders }),
  };
}
