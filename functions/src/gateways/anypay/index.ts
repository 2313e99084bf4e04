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

/** Checks AnyPay's notifications, asks its API, and books the order's payments. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: [...secrets, ...retailSecrets] },
  webhook(
    NAME,
    {
      contentType: 'application/x-www-form-urlencoded',
      maxBytes: 16384,
      provenBy: 'ANYPAY_SECRET_KEY, ANYPAY_SIGN_TYPE and ANYPAY_SOURCE_ADDRESSES',
      isHeldToAddresses: true,
    },
    gateway,
  ),
);

/** Asks AnyPay about unpaid orders, and for all that has moved since the last look. */
export const reconcile = reconciliation(NAME, { omit, secrets }, gateway);

/** Asks now about one order or payment, for the staff. */
export const recheck = askAgain(NAME, { omit, secrets }, gateway);

/** The steps by which the staff gives money back: by hand. */
export const { previewRefund } = refunding(NAME, { omit, secrets }, gateway);

/** {amount} → the fields of the form that the app posts to AnyPay. */
export const createPayment = onRequest(
  { ...clientOptions, omit, secrets: [...secrets, ...retailSecrets] },
  endpoint(
    'anypay-createPayment',
    calls.createPayment,
    async (call) => (await checkout()).createPayment(call),
    takesOrders,
  ),
);
