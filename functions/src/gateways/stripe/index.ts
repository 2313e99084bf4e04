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
import { checkoutSecrets, NAME, omit, secrets, takesOrders } from './config';

const gateway = once(async () => (await import('./gateway')).openGateway());
const checkout = once(async () => (await import('./checkout')).openCheckout());

/** Verifies Stripe's events and brings the money that they moved to the balance. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: [...secrets, ...retailSecrets] },
  webhook(
    NAME,
    { contentType: 'application/json', maxBytes: 65536, provenBy: 'STRIPE_WEBHOOK_SECRET' },
    gateway,
  ),
);

/** Asks Stripe about unpaid orders, and for all that has moved since the last look. */
export const reconcile = reconciliation(NAME, { omit, secrets }, gateway);

/** Asks now about one order or payment, for the staff. */
export const recheck = askAgain(NAME, { omit, secrets }, gateway);

/** Gives money of a payment back, for the staff. */
export const { previewRefund, refund } = refunding(NAME, { omit, secrets }, gateway);

/** {amount} → {id, order_id, clientSecret, publicKey}: places an order and makes its PaymentIntent. */
export const getPaymentIntent = onRequest(
  { ...clientOptions, omit, secrets: [...secrets, ...retailSecrets] },
  endpoint(
    'stripe-getPaymentIntent',
    calls.getPaymentIntent,
    async (call) => (await checkout()).getPaymentIntent(call),
    takesOrders,
  ),
);

/** {payment_intent_id} → {status}: reads the payment from Stripe, and books what no event has brought. */
export const getPaymentIntentStatus = onRequest(
  { ...clientOptions, omit, secrets: [...checkoutSecrets, ...retailSecrets] },
  endpoint('stripe-getPaymentIntentStatus', calls.getPaymentIntentStatus, async (call) =>
    (await checkout()).getPaymentIntentStatus(call),
  ),
);
