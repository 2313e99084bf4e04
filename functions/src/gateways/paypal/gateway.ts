import type { Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import { openPipeline } from '../../pipeline';
import { send, type Send } from '../../send';
import { PayPalApi } from './api';
import { Certificates } from './certificates';
import { readConfig } from './config';
import { parseEvent, type PayPalEvent } from './events';
import { openHistory } from './history';
import { inquire, subjectOf } from './inquiry';
import { readMovements, type MovementsDeps } from './movements';
import { openRefunds } from './refund';
import { checkSignature } from './signature';

export interface GatewayDeps extends Pick<MovementsDeps, 'orders' | 'ledger'> {
  /** Downloads certificates. */
  readonly send: Send;
  readonly now: () => Date;
  /** It makes no difference here: neither `inquire` nor `history` changes anything anyway. */
  readonly isReadOnly: boolean;
}

/** @throws Misconfigured when a variable or the secret is missing or wrong. */
export async function openGateway(deps: Partial<GatewayDeps> = {}): Promise<Gateway<PayPalEvent>> {
  const config = readConfig();
  const { send: sendFunction = send, now = () => new Date() } = deps;
  const api = new PayPalApi(config);
  const certificates = new Certificates(config.certificates, sendFunction, now);
  const { orders = await openOrders(), ledger = (await openPipeline()).ledger } = deps;
  const known = { config, api, orders, ledger };
  return {
    verify: async (request) => {
      await checkSignature(request, { config, api, certificates });
      return parseEvent(request.body);
    },
    movements: async (event) => readMovements(event, known),
    inquire: async (payment) => inquire(payment, known),
    subjectOf,
    refunds: openRefunds(api),
    history: openHistory({ ...known, now }),
  };
}
