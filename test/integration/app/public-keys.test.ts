import { request } from 'node:http';
import { APP_ORIGIN, ServedApp } from '../../harness/app.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { logFromNow } from '../../harness/log.ts';

const enabled = {
  STRIPE_ENABLED: 'true',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_1',
  PAYPAL_ENABLED: 'true',
  PAYPAL_CLIENT_ID: 'paypal-client',
  CRYPTOMUS_ENABLED: 'true',
  CRYPTOMUS_MERCHANT_ID: 'cryptomus-merchant',
  PAYEER_ENABLED: 'true',
  PAYEER_MERCHANT_ID: 'payeer-merchant',
  ANYPAY_ENABLED: 'true',
  ANYPAY_PROJECT_ID: '12345',
  WAYFORPAY_ENABLED: 'true',
  WAYFORPAY_MERCHANT_ACCOUNT: 'wayforpay-login',
};

const all = {
  stripePublishableKey: 'pk_test_1',
  paypalClientId: 'paypal-client',
  cryptomusMerchantId: 'cryptomus-merchant',
  payeerMerchantId: 'payeer-merchant',
  anypayProjectId: '12345',
};

let app: ServedApp;

beforeAll(async () => {
  app = await ServedApp.start(enabled);
});

afterAll(() => app.stop());

beforeEach(() => {
  setEnvironment(enabled);
});

const ask = (headers: Record<string, string> = {}) =>
  app.ask<Record<string, string>>('app-getPublicKeys', {}, undefined, { headers });

test('everybody may read what the enabled gateways publish, and nothing else', async () => {
  const answer = await ask();
  expect(answer).toMatchObject({ status: 200, body: all });
  expect(Object.keys(answer.body).toSorted()).toEqual(Object.keys(all).toSorted());
  expect(JSON.stringify(answer.body)).not.toContain('wayforpay');
});

test('a gateway that is off is not told of, whatever else is set', async () => {
  setEnvironment({ PAYPAL_ENABLED: 'false', CRYPTOMUS_ENABLED: undefined, ANYPAY_ENABLED: '' });
  const { stripePublishableKey, payeerMerchantId } = all;
  expect((await ask()).body).toEqual({ stripePublishableKey, payeerMerchantId });
});

test('a gateway that is draining, or whose switch is misspelt, is not told of', async () => {
  setEnvironment({ PAYPAL_ENABLED: 'draining', CRYPTOMUS_ENABLED: 'tru' });
  const logged = logFromNow();
  const { stripePublishableKey, payeerMerchantId, anypayProjectId } = all;
  const told = { stripePublishableKey, payeerMerchantId, anypayProjectId };
  expect((await ask()).body).toEqual(told);
  const [line, ...more] = logged();
  expect([line, more]).toEqual([
    expect.stringContaining('CRYPTOMUS_ENABLED must be true, draining or false'),
    [],
  ]);
  expect(line).toContain('"severity":"ERROR"');
});

test.each([
  ['is missing', ''],
  ['is of the other mode', 'pk_live_1'],
  ['is a secret one', 'sk_test_1'],
])('where a key %s, the others are told, and a person is', async (_name, key) => {
  setEnvironment({ STRIPE_PUBLISHABLE_KEY: key });
  const logged = logFromNow();
  expect(await ask()).toMatchObject({ status: 200 });
  expect((await ask()).body).toEqual({ ...all, stripePublishableKey: undefined });
  const [line] = logged();
  expect(line).toContain('"severity":"ERROR"');
  expect(line).toContain('"gateway":"stripe"');
  expect(line).toContain('STRIPE_PUBLISHABLE_KEY');
  expect(line).not.toContain('_1');
});

test('what is known already is not sent again, until it changes', async () => {
  const { headers } = await ask();
  const etag = headers.get('etag') ?? '';
  expect(headers.get('cache-control')).toBe('public, max-age=300');
  expect(await ask({ 'if-none-match': etag })).toMatchObject({ status: 304, body: {} });

  setEnvironment({ STRIPE_PUBLISHABLE_KEY: 'pk_test_2' });
  const changed = await ask({ 'if-none-match': etag });
  expect(changed).toMatchObject({ status: 200, body: { stripePublishableKey: 'pk_test_2' } });
  expect(changed.headers.get('etag')).not.toBe(etag);
});

test('a web app may read it where it is listed; a copy is kept for each origin', async () => {
  const { headers } = await ask({ origin: APP_ORIGIN });
  expect(headers.get('access-control-allow-origin')).toBe(APP_ORIGIN);
  expect(headers.get('vary')).toBe('Origin');
  const stranger = await ask({ origin: 'https://elsewhere.example' });
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
});

test('another method: 405', async () => {
  const posted = await app.call('app-getPublicKeys', {});
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
});

test.each(['//', '//:x', '//[', '/x?a=%'])(
  'an address like %s is nobody’s fault of ours',
  async (path) => {
    const { hostname, port } = new URL(await app.functions.url('app-getPublicKeys'));
    const logged = logFromNow();
    const status = await new Promise((resolve, reject) => {
      const asked = request({ hostname, port, path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject).end();
    });
    expect([status, logged()]).toEqual([200, []]);
  },
);
