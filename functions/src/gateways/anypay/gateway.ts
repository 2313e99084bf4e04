import type { Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import type { OrderBook } from '../../orders/ours';
import { checkSourceAddress } from '../source-address';
import { AnypayApi } from './api';
import { readConfig } from './config';
import { parseEvent, subjectOf, type AnypayEvent } from './events';
import { openHistory } from './history';
import { inquire, readMovements } from './movements';
import { refunds } from './refund';
import { checkSignature } from './signature';

export interface GatewayDeps {
  readonly orders: OrderBook;
  readonly now: () => Date;
  /** Whether the second look must change nothing. It never does: AnyPay is only read. */
  readonly isReadOnly: boolean;
}

export async function openGateway(deps: Partial<GatewayDeps> = {}): Promise<Gateway<AnypayEvent>> {
  const config = readConfig();
  const { mode, addresses } = config;
  const { orders = await openOrders(), now = () => new Date() } = deps;
  const reading = { mode, api: new AnypayApi(config), orders, now };
  return {
    verify: async (request) => {
      checkSourceAddress(request, addresses);
      return parseEvent(checkSignature(request, config));
    },
    movements: (event) => readMovements(event, reading),
    inquire: (payment) => inquire(payment, reading),
    subjectOf,
    refunds,
    history: openHistory(reading),
    acknowledge: () => ({ contentType: 'text/plain', body: 'OK' }),
  };
}
