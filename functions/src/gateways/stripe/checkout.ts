import { NotFound } from '../../errors';
import { projectId } from '../../firestore/place';
import type { Call, Reply } from '../../http/call';
import type { Order } from '../../orders/order';
import { openOrders, type Orders } from '../../orders/orders';
import { openPipeline, ingest } from '../../pipeline';
import { advanceIntent } from './advance';
import { StripeApi } from './api';
import type { getPaymentIntent, getPaymentIntentStatus } from './calls';
import { NAME, readApiConfig, readConfig, readPublishableKey } from './config';
import { metadataOf } from './intents';
import type { Intent } from './objects';
import { isUnderReview } from './reviews';

export interface Checkout {
  getPaymentIntent(call: Call<typeof getPaymentIntent>): Promise<Reply<typeof getPaymentIntent>>;
  getPaymentIntentStatus(
    call: Call<typeof getPaymentIntentStatus>,
  ): Promise<Reply<typeof getPaymentIntentStatus>>;
}

const NOT_FOUND = 'There is no such payment of the caller.';

export interface CheckoutDeps {
  readonly orders: Pick<Orders, 'find' | 'place' | 'handOver'>;
}

/** @throws Misconfigured when a variable or the secret is missing or wrong. */
export async function openCheckout(deps: Partial<CheckoutDeps> = {}): Promise<Checkout> {
  const config = readApiConfig();
  const publicKey = readPublishableKey();
  const api = new StripeApi(config);
  const { orders = await openOrders() } = deps;
  const deployment = projectId();
  return {
    async getPaymentIntent({ input, caller, idempotencyKey }) {
      // Money that no webhook could tell us of is not asked for.
      readConfig();
      const order = await orders.place({
        uid: caller.uid,
        amountCents: input.amount,
        gateway: NAME,
        idempotencyKey,
      });
      const { id, client_secret: clientSecret } = await orders.handOver(
        order,
        () => api.createIntent(toIntent(order, deployment), order.orderId),
        (intent) => intent.id,
      );
      if (clientSecret === null) throw new Error('Stripe made an intent without a client secret');
      return { id, order_id: order.orderId, clientSecret, publicKey };
    },

    async getPaymentIntentStatus({ input, caller }) {
      const found = await api.readIntent(input.payment_intent_id);
      if (found.metadata['uid'] !== caller.uid) throw new NotFound(NOT_FOUND);
      const deps = { api, orders, mode: config.mode, deployment };
      const { intent, movements, isOurs } = await advanceIntent(found, deps, { refunds: false });
      if (!isOurs) throw new NotFound(NOT_FOUND);
      const event = { id: `status_${intent.id}`, type: 'status' };
      await ingest(await openPipeline(), { gateway: NAME, event }, movements);
      return { status: statusOf(intent) };
    },
  };
}

/** The payment is held first and captured by us, so that a review of Radar comes before the money. */
function toIntent(order: Order, deployment: string) {
  return {
    amount: order.amountCents,
    currency: 'usd',
    capture_method: 'manual' as const,
    automatic_payment_methods: { enabled: true },
    metadata: metadataOf(order, deployment),
  };
}

function statusOf(intent: Intent): Reply<typeof getPaymentIntentStatus>['status'] {
  if (intent.status === 'succeeded') {
    return intent.latest_charge?.refunded === true ? 'refunded' : 'paid';
  }
  return isUnderReview(intent) ? 'review' : 'unpaid';
}
