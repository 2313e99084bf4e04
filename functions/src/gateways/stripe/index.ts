import { clientOptions, webhookOptions } from '../../config/options';
import { endpoint } from '../../http/endpoint';
import { onRequest } from '../../http/on-request';
import { webhook } from '../../http/webhook';
import { once } from '../../once';
import { retailSecrets } from '../../retail/config';
import * as calls from './calls';
import { apiSecrets, NAME, omit, webhookSecrets } from './config';

const gateway = once(async () => (await import('./gateway')).openGateway());
const checkout = once(async () => (await import('./checkout')).openCheckout());

/** Proves Stripe's events and brings what they moved to the balance. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: [...apiSecrets, ...webhookSecrets, ...retailSecrets] },
  webhook(NAME, 'application/json', gateway),
);

/** {amount} → {id, order_id, clientSecret, publicKey}: an order, and the PaymentIntent to pay it with. */
export const getPaymentIntent = onRequest(
  { ...clientOptions, omit, secrets: apiSecrets },
  endpoint('stripe-getPaymentIntent', calls.getPaymentIntent, async (call) =>
    (await checkout()).createIntent(call),
  ),
);

/** {payment_intent_id} → {status}: asks Stripe, and books what a missed webhook did not. */
export const getPaymentIntentStatus = onRequest(
  { ...clientOptions, omit, secrets: [...apiSecrets, ...retailSecrets] },
  endpoint('stripe-getPaymentIntentStatus', calls.getPaymentIntentStatus, async (call) =>
    (await checkout()).readStatus(call),
  ),
);
