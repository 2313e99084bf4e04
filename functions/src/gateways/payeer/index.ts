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
import { checkoutSecrets, NAME, omit, reconcileSecrets, secrets, takesOrders } from './config';

const gateway = once(async () => (await import('./gateway')).openGateway());
const checkout = once(async () => (await import('./checkout')).openCheckout());

/** Verifies Payeer's status notifications and credits the payments that they report. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: [...secrets, ...retailSecrets] },
  webhook(
    NAME,
    {
      contentType: 'application/x-www-form-urlencoded',
      maxBytes: 16384,
      provenBy: 'PAYEER_SECRET_KEY and PAYEER_SOURCE_ADDRESSES',
      isHeldToAddresses: true,
    },
    gateway,
  ),
);

/** Asks Payeer about unpaid orders, and for all that has moved since the last look, where it has an API user. */
export const reconcile = reconciliation(NAME, { omit, secrets: reconcileSecrets }, gateway);

/** Asks now about one order or payment, for the staff. */
export const recheck = askAgain(NAME, { omit, secrets: reconcileSecrets }, gateway);

/** The steps by which the staff gives money back: by hand. */
export const { previewRefund } = refunding(NAME, { omit, secrets: reconcileSecrets }, gateway);

/** {amount, success_url, fail_url} → the fields of the form that the app posts to Payeer. */
export const createOrder = onRequest(
  { ...clientOptions, omit, secrets: [...checkoutSecrets, ...retailSecrets] },
  endpoint(
    'payeer-createOrder',
    calls.createOrder,
    async (call) => (await checkout()).createOrder(call),
    takesOrders,
  ),
);
