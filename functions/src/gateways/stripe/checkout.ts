import { NotFound } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { openOrders, type Orders } from '../../orders/orders';
import { openPipeline, ingest } from '../../pipeline';
import type { getPaymentIntent, getPaymentIntentStatus } from './calls';
import { asked, openClient } from './client';
import { NAME, readApiConfig, readPublishableKey } from './config';
import { Intents, isUnderReview } from './intents';
import { isOurs, metadataOf } from './movements';
import type { Intent } from './objects';
import { settleIntent } from './settlement';

export interface Checkout {
  createIntent(call: Call<typeof getPaymentIntent>): Promise<Reply<typeof getPaymentIntent>>;
  readStatus(
    call: Call<typeof getPaymentIntentStatus>,
  ): Promise<Reply<typeof getPaymentIntentStatus>>;
}

export async function openCheckout(): Promise<Checkout> {
  const config = readApiConfig();
  const publicKey = readPublishableKey();
  const stripe = openClient(config);
  const intents = new Intents(stripe);
  const orders = await openOrders();
  return {
    async createIntent({ input, caller, idempotencyKey }) {
      const order = await orders.place({
        uid: caller.uid,
        amountCents: input.amount,
        gateway: NAME,
        idempotencyKey,
      });
      const { id, client_secret: clientSecret } = await asked(
        stripe.paymentIntents.create(intentOf(order), { idempotencyKey: order.orderId }),
      );
      if (clientSecret === null) throw new Error('Stripe made an intent without a client secret');
      return { id, order_id: order.orderId, clientSecret, publicKey };
    },

    async readStatus({ input, caller }) {
      const found = await intents.read(input.payment_intent_id);
      if (!isOurs(found) || found.metadata['uid'] !== caller.uid)
        throw new NotFound('The payment is not theirs.');
      const { intent, movements } = await settleIntent(intents, config.mode, found, {
        refunds: false,
      });
      const event = { id: `status_${intent.id}`, type: 'status' };
      await ingest(await openPipeline(), { gateway: NAME, event }, movements);
      return { status: statusOf(intent) };
    },
  };
}

/** Held first and captured by us, so that Radar's reviews come before the money. */
function intentOf(order: Awaited<ReturnType<Orders['place']>>) {
  return {
    amount: order.amountCents,
    currency: 'usd',
    capture_method: 'manual' as const,
    automatic_payment_methods: { enabled: true },
    metadata: metadataOf(order),
  };
}

function statusOf(intent: Intent): Reply<typeof getPaymentIntentStatus>['status'] {
  if (intent.status === 'succeeded') {
    return intent.latest_charge?.refunded === true ? 'refunded' : 'paid';
  }
  return isUnderReview(intent) ? 'review' : 'unpaid';
}
