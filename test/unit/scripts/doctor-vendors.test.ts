import { generateKeyPairSync } from 'node:crypto';
import { webhookEvents as paypalEvents } from '../../../functions/src/gateways/paypal/webhook-events.ts';
import { webhookEvents as stripeEvents } from '../../../functions/src/gateways/stripe/webhook-events.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { ADDRESSES, Vendors } from '../../harness/vendors.ts';
import { newAuthority } from '../../standins/appstore/authority.ts';
import { startAppStore, type AppStoreStandin } from '../../standins/appstore/server.ts';
import { listen, type Listener } from '../../standins/http.ts';

/** What `npm run doctor -- --project` asks of Stripe, PayPal and the Retail API. */

const { stripe: STRIPE, paypal: PAYPAL } = ADDRESSES;

const vendors = new Vendors();
const found = (...on: string[]) => vendors.lines(...on);

describe('Stripe', () => {
  const ids: string[] = [];

  async function register(url: string, events: readonly string[]): Promise<string> {
    const id = await vendors.registerAtStripe(url, events);
    ids.push(id);
    return id;
  }

  const told = async () => (await found('stripe'))[1];

  afterEach(async () => {
    for (const id of ids.splice(0)) await vendors.askStripe('DELETE', `/${id}`);
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

  test('has switched it off; another that is on and whole is enough', async () => {
    const id = await register(STRIPE, stripeEvents);
    await vendors.askStripe('POST', `/${id}`, [['disabled', 'true']]);
    expect(await told()).toMatch(/^wrong .* is switched off at https:/);
    await register('https://demo.web.app/api/stripe-handleWebhookEvents', stripeEvents);
    expect(await told()).toMatch(/^ok /);
  });

  test.each([
    ['https://us-central1-gone.cloudfunctions.net/stripe-handleWebhookEvents', 'the answer is 404'],
    ['https://europe-west1-demo.cloudfunctions.net/stripe-handleWebhookEvents', 'the answer is'],
    ['https://demo.web.app/stripe-handleWebhookEvents', 'the answer is 404'],
  ])('has it at the dead address %s', async (url, words) => {
    await register(url, stripeEvents);
    expect(await told()).toMatch(/^wrong stripe-handleWebhookEvents is registered at https:/);
    expect(await told()).toContain(words);
  });

  test('has it at a domain that answers, which may be of another project, or is named', async () => {
    vendors.serve('other.example.com');
    vendors.serve('pay.example.com');
    await register('https://other.example.com/api/stripe-handleWebhookEvents', stripeEvents);
    expect(await told()).toMatch(/^unseen .* name its domain with --domain/);
    await register('https://pay.example.com/api/stripe-handleWebhookEvents', stripeEvents);
    expect(await told()).toMatch(/^ok /);
  });

  test.each([429, 503])('is busy (%d): it is said in words', async (status) => {
    const busy = await listen(() => ({ status, body: 'busy' }));
    setEnvironment({ STRIPE_API_URL: busy.origin });
    expect(await told()).toMatch(new RegExp(`^unseen .* answered ${status}: repeat this later$`));
    await busy.stop();
  });

  test('does not know the key', async () => {
    setEnvironment({ STRIPE_SECRET_KEY: 'sk_test_other' });
    expect(await told()).toMatch(/^wrong STRIPE_SECRET_KEY is refused by Stripe → /);
  });
});

describe('PayPal', () => {
  async function register(url: string, events: readonly string[]): Promise<string> {
    const signedIn = await fetch(`${vendors.paypal.origin}/v1/oauth2/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from('client:secret').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    const { access_token: token } = (await signedIn.json()) as { access_token: string };
    const response = await fetch(`${vendors.paypal.origin}/v1/notifications/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url, event_types: events.map((name) => ({ name })) }),
    });
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: string };
    setEnvironment({ PAYPAL_WEBHOOK_ID: id });
    return id;
  }

  const told = async () => (await found('paypal'))[1];

  beforeEach(() => {
    vendors.paypal.control.reset();
  });

  test('has the webhook with all its events', async () => {
    await register(PAYPAL, paypalEvents);
    expect(await told()).toBe(`ok paypal-handleWebhookEvents gets all its events at ${PAYPAL}`);
  });

  test('has the id for another address', async () => {
    await register('https://other.example.com/hook', paypalEvents);
    expect(await told()).toMatch(/^wrong paypal-handleWebhookEvents is not registered/);
  });

  test('knows one of two ids: that one is enough where it is whole', async () => {
    setEnvironment({ PAYPAL_WEBHOOK_ID: `${await register(PAYPAL, paypalEvents)},DELETED` });
    expect(await told()).toMatch(/^ok /);
    setEnvironment({ PAYPAL_WEBHOOK_ID: 'GONE,DELETED' });
    expect(await told()).toMatch(/^wrong PAYPAL_WEBHOOK_ID is no webhook of this app/);
  });

  test('has it at a dead address', async () => {
    await register(PAYPAL.replace('demo', 'gone'), paypalEvents);
    expect(await told()).toMatch(/^wrong .* is registered at .* the answer is 404/);
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
});

test('who does not answer is not seen, and is no fault', async () => {
  setEnvironment({ PLATFONE_API_URL: 'http://127.0.0.1:1', STRIPE_API_URL: 'http://127.0.0.1:1' });
  expect(await found('stripe')).toEqual([
    expect.stringMatching(/^unseen The Retail API /),
    'unseen Webhook at Stripe 127.0.0.1:1 does not answer',
  ]);
});
