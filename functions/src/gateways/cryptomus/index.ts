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

/** Verifies Cryptomus's notifications and brings the money that they moved to the balance. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: [...secrets, ...retailSecrets] },
  webhook(
    NAME,
    { contentType: 'application/json', maxBytes: 16384, provenBy: 'CRYPTOMUS_PAYMENT_KEY' },
    gateway,
  ),
);

/** Asks Cryptomus about unpaid orders, and for all that has moved since the last look. */
export const reconcile = reconciliation(NAME, { omit, secrets }, gateway);

/** Asks now about one order or payment, for the staff. */
export const recheck = askAgain(NAME, { omit, secrets }, gateway);

/** Gives money of a payment back, for the staff. */
export const { previewRefund, refund } = refunding(NAME, { omit, secrets }, gateway);

/** {amount, url_return, url_success} → {url, order_id}: places an order and makes the page on which to pay it. */
export const createPayment = onRequest(
  { ...clientOptions, omit, secrets: [...secrets, ...retailSecrets] },
  endpoint(
    'cryptomus-createPayment',
    calls.createPayment,
    async (call) => (await checkout()).createPayment(call),
    takesOrders,
  ),
);
