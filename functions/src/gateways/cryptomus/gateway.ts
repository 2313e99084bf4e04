import type { Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import { openPipeline } from '../../pipeline';
import { CryptomusApi } from './api';
import { readConfig } from './config';
import { parseEvent, subjectOf, type CryptomusEvent } from './events';
import { openHistory } from './history';
import { inquire, type InquiryDeps } from './inquiry';
import { readMovements } from './movements';
import { openRefunds } from './refund';
import { checkSignature } from './signature';

export type GatewayDeps = Pick<InquiryDeps, 'orders' | 'ledger' | 'isReadOnly'>;

/** @throws Misconfigured when a variable or the secret is missing or wrong. */
export async function openGateway(
  deps: Partial<GatewayDeps> = {},
): Promise<Gateway<CryptomusEvent>> {
  const config = readConfig();
  const api = new CryptomusApi(config);
  const { orders = await openOrders(), ledger = (await openPipeline()).ledger } = deps;
  const { isReadOnly = false } = deps;
  const opened = { config, api, orders, ledger, isReadOnly };
  return {
    verify: async ({ body }) => parseEvent(checkSignature(body, config.paymentKeys)),
    movements: (event) => readMovements(event, opened),
    inquire: (payment) => inquire(payment, opened),
    subjectOf,
    refunds: openRefunds(api),
    history: openHistory(opened),
  };
}
