import { z } from 'zod';
import { clientOptions, webhookOptions } from '../../config/options';
import { endpoint } from '../../http/endpoint';
import { onRequest } from '../../http/on-request';
import { webhook } from '../../http/webhook';
import { once } from '../../once';
import { retailSecrets } from '../../sync/config';
import { apiSecrets, NAME, omit, webhookSecrets } from './config';

const gateway = once(async () => (await import('./gateway')).openGateway());
const checkout = once(async () => (await import('./checkout')).openCheckout());

/** Proves Stripe's events and brings what they moved to the balance. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: [...apiSecrets, ...webhookSecrets, ...retailSecrets] },
  webhook(NAME, gateway),
);

/** {amount} → {id, clientSecret, publicKey}: an order, and the PaymentIntent to pay it with. */
export const getPaymentIntent = onRequest(
  { ...clientOptions, omit, secrets: apiSecrets },
  endpoint('stripe-getPaymentIntent', z.object({ amount: z.int() }), async (call) =>
    (await checkout()).createIntent(call),
  ),
);

/** {payment_intent_id} → {status}: asks Stripe, and books what a missed webhook did not. */
export const getPaymentIntentStatus = onRequest(
  { ...clientOptions, omit, secrets: [...apiSecrets, ...retailSecrets] },
  endpoint(
    'stripe-getPaymentIntentStatus',
    z.object({ payment_intent_id: z.string().regex(/^pi_\w{1,255}$/) }),
    async (call) => (await checkout()).readStatus(call),
  ),
);
