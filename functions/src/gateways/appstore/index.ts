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
import { NAME, omit, secrets } from './config';

const gateway = once(async () => (await import('./gateway')).openGateway());
const checkout = once(async () => (await import('./checkout')).openCheckout());

/** Checks the App Store's notifications and books the purchases and refunds they report. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: [...secrets, ...retailSecrets] },
  webhook(
    NAME,
    {
      contentType: 'application/json',
      maxBytes: 65536,
      provenBy: 'APPSTORE_BUNDLE_ID and the environment (PAYMENTS_MODE)',
    },
    gateway,
  ),
);

/** Reads Apple's history of notifications, and books all that has moved since the last look. */
export const reconcile = reconciliation(NAME, { omit, secrets }, gateway);

/** Asks now about one order or payment, for the staff. */
export const recheck = askAgain(NAME, { omit, secrets }, gateway);

/** The steps by which the staff gives money back: by hand. */
export const { previewRefund } = refunding(NAME, { omit, secrets }, gateway);

/** {signed_transaction} → {result}: credits a purchase; the app finishes it on "success" only. */
export const createTransaction = onRequest(
  { ...clientOptions, omit, secrets: retailSecrets },
  endpoint('appstore-createTransaction', calls.createTransaction, async (call) =>
    (await checkout()).createTransaction(call),
  ),
);
