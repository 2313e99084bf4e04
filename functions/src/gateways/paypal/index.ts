import { clientOptions, webhookOptions } from '../../config/options';
import { endpoint } from '../../http/endpoint';
import { onRequest } from '../../http/on-request';
import { askAgain } from '../../http/recheck';
import { refunding } from '../../http/refund';
import { webhook } from '../../http/webhook';
import { once } from '../../once';
import { reconciliation } from '../../reconcile/schedule';
import { retailSecrets } from '../../retail/config';
import * as calls from './calls';
import { NAME, omit, secrets, takesOrders } from './config';

const gateway = once(async () => (await import('./gateway')).openGateway());
const checkout = once(async () => (await import('./checkout')).openCheckout());

/** Verifies PayPal's events and brings the money that they moved to the balance. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: [...secrets, ...retailSecrets] },
  webhook(
    NAME,
    { contentType: 'application/json', maxBytes: 65536, provenBy: 'PAYPAL_WEBHOOK_ID' },
    gateway,
  ),
);

/** Asks PayPal about unpaid orders, and for all that has moved since the last look. */
export const reconcile = reconciliation(NAME, { omit, secrets }, gateway);

/** Asks now about one order or payment, for the staff. */
export const recheck = askAgain(NAME, { omit, secrets }, gateway);

/** Gives money of a payment back, for the staff. */
export const { previewRefund, refund } = refunding(NAME, { omit, secrets }, gateway);

/** {amount} → {id, order_id, status, links}: places our order, and PayPal's order that pays it. */
export const createOrder = onRequest(
  { ...clientOptions, omit, secrets: [...secrets, ...retailSecrets] },
  endpoint(
    'paypal-createOrder',
    calls.createOrder,
    async (call) => (await checkout()).createOrder(call),
    takesOrders,
  ),
);

/** {id} of PayPal's order → {result}: takes the money of an order that the buyer has approved. */
export const captureOrder = onRequest(
  { ...clientOptions, omit, secrets: [...secrets, ...retailSecrets] },
  endpoint('paypal-captureOrder', calls.captureOrder, async (call) =>
    (await checkout()).captureOrder(call),
  ),
);
