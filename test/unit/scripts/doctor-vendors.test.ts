import { generateKeyPairSync } from 'node:crypto';
import { examineVendors } from '../../../scripts/doctor/vendors.ts';
import { webhookEvents as paypalEvents } from '../../../functions/src/gateways/paypal/webhook-events.ts';
import { webhookEvents as stripeEvents } from '../../../functions/src/gateways/stripe/webhook-events.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { newAuthority } from '../../standins/appstore/authority.ts';
import { startAppStore, type AppStoreStandin } from '../../standins/appstore/server.ts';
import { listen, type Listener } from '../../standins/http.ts';
import { startPayPal, type PayPalStandin } from '../../standins/paypal/server.ts';
import { startRetailApi, type RetailApi } from '../../standins/retail-api.ts';
import { startStripe, type StripeStandin } from '../../standins/stripe/server.ts';

/** What `npm run doctor -- --project` asks of Stripe, PayPal and the Retail API. */

const STRIPE = 'https://us-central1-demo.cloudfunctions.net/stripe-handleWebhookEvents';
const PAYPAL = 'https://us-central1-demo.cloudfunctions.net/paypal-handleWebhookEvents';

let stripe: StripeStandin;
let paypal: PayPalStandin;
let retail: RetailApi;

beforeAll(async () => {
  stripe = await startStripe({ apiKey: 'sk_test_standin', webhookSecret: 'whsec_standin' });
  paypal = await startPayPal({ clientId: 'client', clientSecret: 'secret', webhookId: 'W' });
  retail = await startRetailApi({ apiKey: 'retail-standin' });
});

afterAll(() => Promise.all([stripe.stop(), paypal.stop(), retail.stop()]));

beforeEach(() => {
  // The Retail API is opened once in a process.
  jest.resetModules();
  setEnvironment({
    PAYMENTS_MODE: 'test',
    PLATFONE_API_KEY: 'retail-standin',
    PLATFONE_API_URL: retail.url,
    STRIPE_SECRET_KEY: 'sk_test_standin',
    STRIPE_API_URL: stripe.origin,
    PAYPAL_CLIENT_ID: 'client',
    PAYPAL_CLIENT_SECRET: 'secret',
    PAYPAL_MERCHANT_ID: 'MERCHANTSTANDIN',
    PAYPAL_API_URL: paypal.origin,
    PAYPAL_WEBHOOK_ID: 'none1',
  });
});

/** What is said of these, as `state name words → fix`. */
async function found(...on: string[]): Promise<string[]> {
  return (await examineVendors(on, 20)).flatMap(({ findings }) =>
    findings.map(
      ({ state, name, words, fix }) => `${state} ${name} ${words}${fix ? ` → ${fix}` : ''}`,
    ),
  );
}

describe('Stripe', () => {
  const ids: string[] = [];

  async function stripeApi(method: string, path: string, fields: [string, string][] = []) {
    const response = await fetch(`${stripe.origin}/v1/webhook_endpoints${path}`, {
      method,
      headers: { authorization: 'Bearer sk_test_standin' },
      ...(method === 'POST' && { body: new URLSearchParams(fields) }),
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { id: string }).id;
  }

  async function register(url: string, events: readonly string[]): Promise<string> {
    const fields = events.map((event): [string, string] => ['enabled_events[]', event]);
    const id = await stripeApi('POST', '', [['url', url], ...fields]);
    ids.push(id);
    return id;
  }

  const told = async () => (await found('stripe'))[1];

  afterEach(async () => {
    for (const id of ids.splice(0)) await stripeApi('DELETE', `/${id}`);
  });

  test('has the webhook with all its events', async () => {
    await register('https://other.example.com/hook', ['charge.refunded']);
    await register(STRIPE, stripeEvents);
    expect(await told()).toBe(`ok stripe-handleWebhookEvents gets all its events at ${STRIPE}`);
  });

  test('has one that gets every event there is', async () => {
    await register(STRIPE, ['*']);
    expect(await told()).toMatch(/^ok /);
  });

  test('has none', async () => {
    await register('https://other.example.com/hook', stripeEvents);
    expect(await told()).toMatch(/^wrong .* is not registered: .* → npm run setup:stripe/);
  });

  test('has one without some events: they are named', async () => {
    await register(STRIPE, stripeEvents.slice(2));
    expect(await told()).toContain(
      'does not get payment_intent.amount_capturable_updated, payment_intent.succeeded → npm run',
    );
  });

  test('has switched it off; another that is on and whole is enough', async () => {
    const id = await register(STRIPE, stripeEvents);
    await stripeApi('POST', `/${id}`, [['disabled', 'true']]);
    expect(await told()).toMatch(/^wrong .* is switched off at https:/);
    await register(STRIPE.replace('demo', 'demo2'), stripeEvents);
    expect(await told()).toMatch(/^ok /);
  });

  test('does not know the key', async () => {
    setEnvironment({ STRIPE_SECRET_KEY: 'sk_test_other' });
    expect(await told()).toMatch(/^wrong STRIPE_SECRET_KEY is refused by Stripe → /);
  });
});

describe('PayPal', () => {
  async function register(url: string, events: readonly string[]): Promise<void> {
    const signedIn = await fetch(`${paypal.origin}/v1/oauth2/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('client:secret').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    const { access_token: token } = (await signedIn.json()) as { access_token: string };
    const response = await fetch(`${paypal.origin}/v1/notifications/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url, event_types: events.map((name) => ({ name })) }),
    });
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: string };
    setEnvironment({ PAYPAL_WEBHOOK_ID: id });
  }

  const told = async () => (await found('paypal'))[1];

  beforeEach(() => {
    paypal.control.reset();
  });

  test('has the webhook with all its events', async () => {
    await register(PAYPAL, paypalEvents);
    expect(await told()).toBe(`ok paypal-handleWebhookEvents gets all its events at ${PAYPAL}`);
  });

  test('does not know the id', async () => {
    expect(await told()).toMatch(/^wrong PAYPAL_WEBHOOK_ID is no webhook of this app → /);
  });

  test('has the id for another address', async () => {
    await register('https://other.example.com/hook', paypalEvents);
    expect(await told()).toMatch(/^wrong paypal-handleWebhookEvents is not registered/);
  });

  test('has it without an event: it is named', async () => {
    await register(PAYPAL, paypalEvents.slice(1));
    expect(await told()).toContain('does not get PAYMENT.CAPTURE.COMPLETED → npm run setup:paypal');
  });

  test('does not know the app', async () => {
    setEnvironment({ PAYPAL_CLIENT_SECRET: 'other' });
    expect(await told()).toMatch(/^wrong PAYPAL_CLIENT_ID or PAYPAL_CLIENT_SECRET is refused/);
  });
});

describe('Apple', () => {
  const authority = newAuthority();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ids = { keyId: 'KEY1', issuerId: 'issuer', bundleId: 'com.example.app' };
  let apple: AppStoreStandin;
  let hook: Listener;
  let status: number;

  beforeEach(async () => {
    status = 200;
    hook = await listen(() => ({ status }));
    const app = { bundleId: ids.bundleId, environment: 'Sandbox' };
    apple = await startAppStore({ app, authority, apiKey: { publicKey, ...ids } });
    apple.control.configureEndpoint({ url: hook.origin });
    setEnvironment({
      APPSTORE_BUNDLE_ID: ids.bundleId,
      APPSTORE_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      APPSTORE_KEY_ID: ids.keyId,
      APPSTORE_ISSUER_ID: ids.issuerId,
      APPSTORE_API_URL: apple.origin,
    });
  });

  afterEach(async () => {
    await apple.stop();
    await hook.stop();
  });

  const told = async () => (await found('appstore'))[1];

  test('sends its test, and it is received', async () => {
    expect(await told()).toBe("ok appstore-handleWebhookEvents has received Apple's test");
    expect(apple.control.deliveries()).toMatchObject([{ type: 'TEST', status: 200 }]);
  });

  test('sends its test, and it is refused', async () => {
    status = 401;
    expect(await told()).toMatch(/^wrong .* UNSUCCESSFUL_HTTP_RESPONSE_CODE → Set the address/);
  });

  test('has no address', async () => {
    apple.control.configureEndpoint({ url: null });
    expect(await told()).toMatch(/^wrong .* is not known to Apple → Set the address/);
  });

  test('has not sent it yet', async () => {
    apple.control.hold(true);
    expect(await told()).toMatch(/^unseen .* Apple has not sent its test yet/);
  });

  test('does not know the key', async () => {
    setEnvironment({ APPSTORE_KEY_ID: 'KEY2' });
    expect(await told()).toMatch(/^wrong APPSTORE_PRIVATE_KEY is refused by Apple → /);
  });

  test('cannot be asked without a key', async () => {
    setEnvironment({ APPSTORE_PRIVATE_KEY: 'none' });
    expect(await told()).toMatch(/^unseen .* APPSTORE_PRIVATE_KEY is none/);
  });
});

describe('the Retail API', () => {
  test('takes the key', async () => {
    expect(await found()).toEqual(['ok PLATFONE_API_KEY is taken']);
  });

  test('does not take it', async () => {
    setEnvironment({ PLATFONE_API_KEY: 'other' });
    const [told] = await found();
    expect(told).toMatch(/^wrong PLATFONE_API_KEY .* → Compare PLATFONE_API_KEY/);
  });
});

test('who does not answer is not seen, and is no fault', async () => {
  setEnvironment({ PLATFONE_API_URL: 'http://127.0.0.1:1', STRIPE_API_URL: 'http://127.0.0.1:1' });
  expect(await found('stripe')).toEqual([
    expect.stringMatching(/^unseen The Retail API /),
    'unseen Webhook at Stripe 127.0.0.1:1 does not answer',
  ]);
});
