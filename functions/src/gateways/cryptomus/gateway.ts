import type { Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import { openPipeline } from '../../pipeline';
import { CryptomusApi } from './api';
import { readConfig } from './config';
import { parseEvent, type CryptomusEvent } from './events';
import { readMovements, type MovementsDeps } from './movements';
import { checkSignature } from './signature';

export type GatewayDeps = Pick<MovementsDeps, 'orders' | 'ledger'>;

/** @throws Misconfigured when a variable or the secret is missing or wrong. */
export async function openGateway(
  deps: Partial<GatewayDeps> = {},
): Promise<Gateway<CryptomusEvent>> {
  const config = readConfig();
  const api = new CryptomusApi(config);
  const { orders = await openOrders(), ledger = (await openPipeline()).ledger } = deps;
  return {
    verify: async ({ body }) => parseEvent(checkSignature(body, config.paymentKeys)),
    movements: (event) => readMovements(event, { config, api, orders, ledger }),
  };
}
