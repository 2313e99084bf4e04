import { onSchedule } from 'firebase-functions/v2/scheduler';
import { clientOptions, scheduleOptions, webhookOptions } from '../../config/options';
import { endpoint } from '../../http/endpoint';
import { onRequest } from '../../http/on-request';
import { webhook } from '../../http/webhook';
import { once } from '../../once';
import { scheduled } from '../../schedule/scheduled';
import { retailSecrets } from '../../retail/config';
import * as calls from './calls';
import { apiSecrets, NAME, omit } from './config';

const gateway = once(async () => (await import('./gateway')).openGateway());
const checkout = once(async () => (await import('./checkout')).openCheckout());

const secrets = [...apiSecrets, ...retailSecrets];

/** Takes Pub/Sub's pushes of Google's notifications, and reads what they are about. */
export const handleWebhookEvents = onRequest(
  { ...webhookOptions, omit, secrets },
  webhook(NAME, 'application/json', gateway),
);

/** {product_id, purchase_token} → {result}: credits what the app has bought, then consumes it. */
export const createTransaction = onRequest(
  { ...clientOptions, omit, secrets },
  endpoint('googleplay-createTransaction', calls.createTransaction, async (call) =>
    (await checkout()).createTransaction(call),
  ),
);

/** Finishes what an app's call or a notification could not: see `schedule.ts`. */
export const finishPurchases = onSchedule(
  { ...scheduleOptions, omit, schedule: 'every 15 minutes', secrets },
  scheduled('googleplay-finishPurchases', async () =>
    (await import('./schedule')).finishPurchases(),
  ),
);

/** Books refunds of which no announcement got through: see `sweep.ts`. */
export const sweepVoids = onSchedule(
  { ...scheduleOptions, omit, schedule: 'every 24 hours', secrets },
  scheduled('googleplay-sweepVoids', async () => (await import('./sweep')).sweepVoids()),
);
