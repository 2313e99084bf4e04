import { generateKeyPairSync } from 'node:crypto';
import type { Gateway, GatewayEvent, WebhookRequest } from '../../../functions/src/gateway.ts';
import { openGateway as openAppStore } from '../../../functions/src/gateways/appstore/gateway.ts';
import { openGateway as openStripe } from '../../../functions/src/gateways/stripe/gateway.ts';
import { webhookEvents as stripeEvents } from '../../../functions/src/gateways/stripe/webhook-events.ts';
import { webhook } from '../../../functions/src/http/webhook.ts';
import {
  PROJECT,
  push,
  startDeployedProject,
  type Deployed,
} from '../../harness/deployed-project.ts';
import { fixture } from '../../contract/gateway-contract.ts';
import { examineStack, linesOf, stack } from '../../harness/doctor.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { logFromNow } from '../../harness/log.ts';
import { orderBook } from '../../harness/orders.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { post } from '../../harness/post.ts';
import { memoryReceipts, memoryUnclaimed } from '../../harness/receipts.ts';
import { ADDRESSES, Vendors } from '../../harness/vendors.ts';
import { startAppStore } from '../../standins/appstore/server.ts';
import {
  authority,
  changed,
  liveConfig,
  posted,
  variables as appStoreVariables,
} from '../gateways/appstore/bench.ts';
import { Bench as GooglePlay, pushed } from '../gateways/googleplay/bench.ts';

/**
 * The ways in which people set this up wrong, one test each. Every one is named with its cause and what
 * to do: by `npm run doctor`, by `npm run doctor -- --project`, or by a line of severity ERROR at the
 * first delivery.
 */

useOwnFirestore();
beforeEach(() => {
  setEnvironment(stack);
});
const vendors = new Vendors();
const google = new GooglePlay();

/** What `npm run doctor` finds wrong, as `name words → fix`. No value is ever printed. */
async function doctor(given: Readonly<Record<string, string>>): Promise<string[]> {
  const lines = linesOf(examineStack(given));
  for (const value of Object.values(given).filter((one) => one.length > 4)) {
    expect(JSON.stringify(lines)).not.toContain(JSON.stringify(value).slice(1, -1));
  }
  return faultsOf(lines);
}

/** What `npm run doctor -- --project` finds wrong in a project that somebody has broken. */
async function doctorOf(breakIt: (deployed: Deployed) => void): Promise<string[]> {
  const project = await startDeployedProject();
  try {
    breakIt(project.google.control.deployment);
    return faultsOf(await project.lines());
  } finally {
    await project.google.stop();
  }
}

/** What the same finds wrong when it asks the Retail API, and these. */
async function doctorAsking(...on: string[]): Promise<string[]> {
  return faultsOf(await vendors.lines(...on));
}

function faultsOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /^wrong (.*)$/s.exec(line)?.[1] ?? []);
}

/** What one delivery writes into the log with severity ERROR, as `message → next step`. */
async function delivery<Event extends GatewayEvent>(
  name: string,
  gateway: Gateway<Event>,
  request: WebhookRequest,
): Promise<string[]> {
  const options = { contentType: 'application/json', maxBytes: 65_536, provenBy: 'X' };
  const logged = logFromNow();
  const { status } = await post(
    webhook(name, options, async () => gateway),
    request,
  );
  // The gateway sends it again after the fix.
  expect([401, 500]).toContain(status);
  return logged().flatMap((line) => {
    const entry = JSON.parse(line) as Record<string, string>;
    return entry['severity'] === 'ERROR' ? `${entry['message']} → ${entry['next_step']}` : [];
  });
}

/** Stripe signs with the secret of another destination. */
async function wrongWebhookSecret(): Promise<string[]> {
  setEnvironment({ STRIPE_WEBHOOK_SECRET: 'whsec_of_another_destination' });
  const { control } = vendors.stripe;
  const { id } = control.createForeignIntent();
  const { body, header } = control.signed(control.emit('payment_intent.created', id));
  const gateway = await openStripe({ orders: orderBook(), deployment: PROJECT });
  return delivery('stripe', gateway, {
    method: 'POST',
    headers: { 'stripe-signature': header },
    body: Buffer.from(body),
  });
}

async function missingEvents(): Promise<string[]> {
  const id = await vendors.registerAtStripe(ADDRESSES.stripe, stripeEvents.slice(2));
  const told = await doctorAsking('stripe');
  await vendors.askStripe('DELETE', `/${id}`);
  return told;
}

/** Apple's notification of the real store, for the app with our number. */
async function wrongBundleId(): Promise<string[]> {
  setEnvironment(appStoreVariables);
  const { appAppleId, bundleId } = liveConfig;
  const data = { environment: 'Production', appAppleId, bundleId };
  const gateway = openAppStore({
    config: { ...liveConfig, bundleId: 'com.example.another' },
    receipts: memoryReceipts(),
    unclaimed: memoryUnclaimed(),
  });
  return delivery('appstore', gateway, posted(changed('TEST', { data })));
}

/** Google lets the service account in, and shows it no purchase. */
async function missingPermission(): Promise<string[]> {
  google.google.control.fault({
    match: 'GET /androidpublisher',
    status: 401,
    code: 'permissionDenied',
  });
  const body = fixture('googleplay', 'ONE_TIME_PRODUCT_PURCHASED');
  return delivery('googleplay', google.gateway(), pushed(body));
}

const PUT_RIGHT =
  'Put right what the message names. npm run doctor checks the settings; deploy after a change of one.';

const setups: readonly (readonly [
  setup: string,
  told: () => Promise<string[]>,
  cause: string,
  fix: string,
])[] = [
  [
    'a missing secret',
    () => doctor({ PLATFONE_API_KEY: '' }),
    'PLATFONE_API_KEY is missing',
    'npx firebase functions:secrets:set PLATFONE_API_KEY',
  ],
  [
    'a secret with a line break in it',
    () => doctor({ PAYEER_SECRET_KEY: 'one\ntwo' }),
    'PAYEER_SECRET_KEY has a line break or a space in it',
    'npx firebase functions:secrets:set PAYEER_SECRET_KEY',
  ],
  [
    'keys that are swapped',
    () => doctor({ STRIPE_SECRET_KEY: 'pk_test_1', STRIPE_PUBLISHABLE_KEY: 'sk_test_1' }),
    'STRIPE_SECRET_KEY is not such a key of test mode',
    'npx firebase functions:secrets:set STRIPE_SECRET_KEY',
  ],
  [
    'a webhook secret of another destination',
    wrongWebhookSecret,
    'Stripe has sent this event, and STRIPE_WEBHOOK_SECRET does not fit its signature',
    "Set STRIPE_WEBHOOK_SECRET to the signing secret that Stripe's dashboard shows",
  ],
  [
    'a webhook without some of its events',
    missingEvents,
    'stripe-handleWebhookEvents does not get payment_intent.amount_capturable_updated, payment_intent.succeeded',
    'npm run setup:stripe registers and corrects it',
  ],
  [
    'the id of no webhook at PayPal',
    () => doctorAsking('paypal'),
    'PAYPAL_WEBHOOK_ID is no webhook of this app',
    'npm run setup:paypal registers one; or copy the id from the app of PAYPAL_CLIENT_ID.',
  ],
  [
    'the bundle id of another app, in live mode',
    wrongBundleId,
    'APPSTORE_BUNDLE_ID is not the bundle id of our app, whose number APPSTORE_APP_APPLE_ID is: App Store Connect shows both.',
    PUT_RIGHT,
  ],
  [
    'a service account that may not read purchases in the Play Console',
    missingPermission,
    'The service account of GOOGLE_PLAY_SECRET_FILE may not see purchases: invite it in the Play Console, which may take two days to let it in.',
    PUT_RIGHT,
  ],
  [
    'a push subscription without an OIDC token',
    () =>
      doctorOf(({ subscription }) => {
        Object.assign(subscription ?? {}, { pushConfig: { pushEndpoint: push.audience } });
      }),
    'play-notifications-push pushes without a sender (OIDC token)',
    'npm run setup:googleplay makes and corrects it',
  ],
  [
    'a catalogue that is no JSON',
    () => doctor({ STORE_PRODUCTS: "{'credits': 5}" }),
    'STORE_PRODUCTS must be JSON: {"<product id>": <US cents>}',
    'set STORE_PRODUCTS in functions/.env',
  ],
  [
    'a key of somebody else for the Retail API',
    async () => {
      setEnvironment({ PLATFONE_API_KEY: 'other' });
      return doctorAsking();
    },
    'PLATFONE_API_KEY The Retail API refuses PLATFONE_API_KEY; set the key of this mode.',
    'Compare PLATFONE_API_KEY with the dashboard of the Retail API, in this mode.',
  ],
  [
    'a mode that was forgotten',
    () => doctor({ PAYMENTS_MODE: '' }),
    'PAYMENTS_MODE must be live or test',
    'set PAYMENTS_MODE in functions/.env',
  ],
  [
    'an origin with a slash at its end',
    () => doctor({ APP_ALLOWED_ORIGINS: 'https://app.example.com/' }),
    'APP_ALLOWED_ORIGINS must be origins, such as https://app.example.com',
    'set APP_ALLOWED_ORIGINS in functions/.env',
  ],
  [
    'an index that is missing',
    () =>
      doctorOf((deployed) => {
        deployed.indexes = deployed.indexes.slice(1);
      }),
    'tn_payments (uid ASCENDING, created_at DESCENDING) is missing: queries fail',
    'npx firebase deploy --only firestore:indexes',
  ],
  [
    'another region than that of the deployed functions',
    () =>
      doctorOf(({ functions }) => {
        const one = functions.find(({ name }) => String(name).endsWith('/app-health')) ?? {};
        one['name'] = String(one['name']).replace('us-central1', 'europe-west1');
      }),
    'app-health runs in europe-west1, and FUNCTIONS_REGION is us-central1',
    'Set FUNCTIONS_REGION back, or deploy and give every gateway its new address.',
  ],
];

test.each(setups)('%s: named, with its fix', async (_setup, told, cause, fix) => {
  const lines = await told();
  expect(lines).toContainEqual(expect.stringContaining(`${cause} → ${fix}`));
});

test('there are fifteen', () => {
  expect(setups).toHaveLength(15);
});

test('the bundle id of another app, in the sandbox, is named where Apple is asked', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ids = { keyId: 'KEY1', issuerId: 'issuer', bundleId: 'com.example.numbers' };
  const app = { bundleId: ids.bundleId, environment: 'Sandbox' };
  const apple = await startAppStore({ app, authority, apiKey: { publicKey, ...ids } });
  setEnvironment({
    APPSTORE_BUNDLE_ID: 'com.example.another',
    APPSTORE_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    APPSTORE_KEY_ID: ids.keyId,
    APPSTORE_ISSUER_ID: ids.issuerId,
    APPSTORE_API_URL: apple.origin,
  });
  const told = await doctorAsking('appstore').finally(() => apple.stop());
  expect(told).toEqual([
    'APPSTORE_PRIVATE_KEY is refused by Apple → Set APPSTORE_PRIVATE_KEY, APPSTORE_KEY_ID and APPSTORE_ISSUER_ID of one key, and the APPSTORE_BUNDLE_ID of an app of its account.',
  ]);
});

test('a region that there is not is named before anything is deployed', async () => {
  expect(await doctor({ FUNCTIONS_REGION: 'us-center1' })).toContainEqual(
    expect.stringContaining(
      'FUNCTIONS_REGION must be a region of Cloud Functions, such as europe-west1 → set FUNCTIONS_REGION in functions/.env',
    ),
  );
});
