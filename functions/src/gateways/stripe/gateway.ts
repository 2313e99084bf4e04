import { projectId } from '../../firestore/place';
import type { Gateway } from '../../gateway';
import { openOrders } from '../../orders/orders';
import type { OrderBook } from '../../orders/ours';
import { StripeApi } from './api';
import { readConfig } from './config';
import { parseEvent, type StripeEvent } from './events';
import { openHistory } from './history';
import { inquire, subjectOf } from './inquiry';
import { readMovements } from './movements';
import { openRefunds } from './refund';
import { checkSignature } from './signature';
import { openSecretCheck } from './wrong-secret';

export interface GatewayDeps {
  readonly orders: OrderBook;
  /** The mark of this deployment on its intents. */
  readonly deployment: string;
  readonly now: () => Date;
  /** Asked again, the gateway changes nothing: see `npm run reconcile`. */
  readonly isReadOnly: boolean;
}

/** @throws Misconfigured when a variable or a secret is missing or wrong. */
export async function openGateway(deps: Partial<GatewayDeps> = {}): Promise<Gateway<StripeEvent>> {
  const config = readConfig();
  const { orders = await openOrders(), deployment = projectId(), now = () => new Date() } = deps;
  const api = new StripeApi(config);
  const checkSecret = openSecretCheck(api, now);
  const { isReadOnly = false } = deps;
  const movementsDeps = { api, orders, mode: config.mode, deployment, isReadOnly };
  return {
    verify: async (request) => {
      try {
        checkSignature(request, config.webhookSecrets, now());
      } catch (error) {
        await checkSecret(request);
        throw error;
      }
      return parseEvent(request.body);
    },
    movements: (event) => readMovements(event, movementsDeps),
    inquire: (payment) => inquire(payment, movementsDeps),
    subjectOf,
    refunds: openRefunds(api),
    history: openHistory(movementsDeps),
  };
}
