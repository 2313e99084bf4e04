import type { Acknowledgement, Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import type { OrderBook } from '../../orders/ours';
import { WayforpayApi } from './api';
import { readConfig } from './config';
import { parseEvent, subjectOf, type WayforpayEvent } from './events';
import { openHistory } from './history';
import { inquire } from './inquiry';
import { readMovements } from './movements';
import { openRefunds } from './refund';
import { checkSignature, signFields } from './signature';

export interface GatewayDeps {
  readonly orders: OrderBook;
  readonly now: () => Date;
  /** Nothing depends on it: to ask WayForPay changes nothing. */
  readonly isReadOnly: boolean;
}

export async function openGateway(
  deps: Partial<GatewayDeps> = {},
): Promise<Gateway<WayforpayEvent>> {
  const config = readConfig();
  const { mode, secretKey } = config;
  const { orders = await openOrders(), now = () => new Date() } = deps;
  const opened = { mode, api: new WayforpayApi(config), orders };
  return {
    verify: async (request) => parseEvent(checkSignature(request, config), now()),
    movements: (event) => readMovements(event, opened),
    acknowledge: (event) => accept(event, secretKey, now()),
    inquire: (payment) => inquire(payment, opened),
    subjectOf,
    refunds: openRefunds(opened.api),
    history: openHistory(opened),
  };
}

/** The signed answer after which WayForPay stops repeating a callback. */
function accept({ orderReference }: WayforpayEvent, secretKey: string, now: Date): Acknowledgement {
  const time = Math.floor(now.getTime() / 1000);
  const signature = signFields(secretKey, [orderReference, 'accept', String(time)]);
  const body = JSON.stringify({ orderReference, status: 'accept', time, signature });
  return { contentType: 'application/json', body };
}
