import type { Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import type { OrderBook } from '../../orders/ours';
import { checkSourceAddress } from '../source-address';
import { AnypayApi } from './api';
import { readConfig } from './config';
import { parseEvent, type AnypayEvent } from './events';
import { readMovements } from './movements';
import { checkSignature } from './signature';

export interface GatewayDeps {
  readonly orders: OrderBook;
  readonly now: () => Date;
}

export async function openGateway(deps: Partial<GatewayDeps> = {}): Promise<Gateway<AnypayEvent>> {
  const config = readConfig();
  const { mode, addresses } = config;
  const { orders = await openOrders(), now = () => new Date() } = deps;
  const api = new AnypayApi(config);
  return {
    verify: async (request) => {
      checkSourceAddress(request, addresses);
      return parseEvent(checkSignature(request, config));
    },
    movements: (event) => readMovements(event, { mode, api, orders, now }),
    acknowledge: () => ({ contentType: 'text/plain', body: 'OK' }),
  };
}
