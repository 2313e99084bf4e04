import { onSchedule } from 'firebase-functions/v2/scheduler';
import { clientOptions, scheduleOptions, webhookOptions } from '../../config/options';
import { endpoint } from '../../http/endpoint';
import { onRequest } from '../../http/on-request';
import { askAgain } from '../../http/recheck';
import { refunding } from '../../http/refund';
import { webhook } from '../../http/webhook';
import { once } from '../../once';
import { scheduled } from '../../schedule/scheduled';
import { reconciliation } from '../../reconcile/schedule';
import { retailSecrets } from '../../retail/config';
import * as calls from './calls';
import { NAME, omit, secrets } from './config';

const gateway = once(async () => (await import('./gateway')).openGateway());
const checkout = once(async () => (await import('./checkout')).openCheckout());

const allSecrets = [...secrets, ...retailSecrets];

/** Checks Pub/Sub's pushes of Google's notifications, and books the purchases they name. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets: allSecrets },
  webhook(
    NAME,
    {
      contentType: 'application/json',
      maxBytes: 65536,
      provenBy: 'GOOGLE_PLAY_PUSH_AUDIENCE and GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT',
    },
    gateway,
  ),
);

/** Reads Google's list of refunds, and books all that has moved since the last look. */
export const reconcile = reconciliation(NAME, { omit, secrets }, gateway);

/** Asks now about one order or payment, for the staff. */
export const recheck = askAgain(NAME, { omit, secrets }, gateway);

/** Gives money of a payment back, for the staff. */
export const { previewRefund, refund } = refunding(NAME, { omit, secrets }, gateway);

/** {product_id, purchase_token} → {result}: credits a purchase of the app, then consumes it. */
export const createTransaction = onRequest(
  { ...clientOptions, omit, secrets: allSecrets },
  endpoint('googleplay-createTransaction', calls.createTransaction, async (call) =>
    (await checkout()).createTransaction(call),
  ),
);

/** Finishes purchases that an app's call or a notification left open: see `schedule.ts`. */
export const finishPurchases = onSchedule(
  { ...scheduleOptions, omit, schedule: 'every 15 minutes', secrets: allSecrets },
  scheduled('googleplay-finishPurchases', async () =>
    (await import('./schedule')).finishPurchases(),
  ),
);
