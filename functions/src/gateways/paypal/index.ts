import { clientOptions, webhookOptions } from '../../config/options';
import { endpoint } from '../../http/endpoint';
import { onRequest } from '../../http/on-request';
import { webhook } from '../../http/webhook';
import { once } from '../../once';
import { retailSecrets } from '../../retail/config';
import * as calls from './calls';
import { apiSecrets, NAME, omit } from './config';

const gateway = once(async () => (await import('./gateway')).openGateway());
const checkout = once(async () => (await import('./checkout')).openCheckout());

/** Proves PayPal's events and brings what they moved to the balance. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: [...apiSecrets, ...retailSecrets] },
  webhook(NAME, 'application/json', gateway),
);

/** {amount} → {id, order_id, status, links}: an order of ours, and the one of PayPal's to pay it with. */
export const createOrder = onRequest(
  { ...clientOptions, omit, secrets: apiSecrets },
  endpoint('paypal-createOrder', calls.createOrder, async (call) =>
    (await checkout()).createOrder(call),
  ),
);

/** {order_id}, which is PayPal's own → {result}: takes the money of an order that is approved. */
export const captureOrder = onRequest(
  { ...clientOptions, omit, secrets: [...apiSecrets, ...retailSecrets] },
  endpoint('paypal-captureOrder', calls.captureOrder, async (call) =>
    (await checkout()).captureOrder(call),
  ),
);
