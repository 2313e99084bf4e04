import { readdirSync, readFileSync } from 'node:fs';
import { Misconfigured } from '../../../functions/src/errors.ts';
import { openCheckout as openAnyPay } from '../../../functions/src/gateways/anypay/checkout.ts';
import { openCheckout as openCryptomus } from '../../../functions/src/gateways/cryptomus/checkout.ts';
import { openCheckout as openPayeer } from '../../../functions/src/gateways/payeer/checkout.ts';
import { openCheckout as openPayPal } from '../../../functions/src/gateways/paypal/checkout.ts';
import { openCheckout as openStripe } from '../../../functions/src/gateways/stripe/checkout.ts';
import { openCheckout as openWayForPay } from '../../../functions/src/gateways/wayforpay/checkout.ts';
import { setEnvironment } from '../../harness/environment.ts';

// Money that is paid and that no webhook can tell us of is what a buyer writes about.

const complete = {
  PAYMENTS_MODE: 'test',
  FIREBASE_CONFIG: JSON.stringify({ projectId: 'project1' }),
  GCLOUD_PROJECT: 'project1',
  APP_ALLOWED_ORIGINS: 'https://app.example.test',
  STRIPE_SECRET_KEY: 'sk_test_1',
  STRIPE_PUBLISHABLE_KEY: 'pk_test_1',
  STRIPE_WEBHOOK_SECRET: 'whsec_1',
  PAYPAL_CLIENT_ID: 'client1',
  PAYPAL_CLIENT_SECRET: 'secret1',
  PAYPAL_MERCHANT_ID: 'MERCHANT1',
  PAYPAL_WEBHOOK_ID: 'WEBHOOK1',
  CRYPTOMUS_MERCHANT_ID: 'merchant1',
  CRYPTOMUS_PAYMENT_KEY: 'key1',
  CRYPTOMUS_CALLBACK_URL: 'https://backend.example.test/cryptomus',
  PAYEER_MERCHANT_ID: '1',
  PAYEER_SECRET_KEY: 'key1',
  PAYEER_ENCRYPTION_KEY: 'key2',
  ANYPAY_PROJECT_ID: '1',
  ANYPAY_SECRET_KEY: 'key1',
  ANYPAY_API_ID: 'id1',
  ANYPAY_API_KEY: 'key2',
  WAYFORPAY_MERCHANT_ACCOUNT: 'merchant1',
  WAYFORPAY_SECRET_KEY: 'key1',
  WAYFORPAY_DOMAIN: 'app.example.test',
  WAYFORPAY_CALLBACK_URL: 'https://backend.example.test/wayforpay',
};

const PLACED = 'an order is placed';

const orders = {
  find: async () => undefined,
  place: async () => {
    throw new Error(PLACED);
  },
  handOver: async () => {
    throw new Error('nothing is handed over');
  },
  bind: async () => undefined,
};

const PAGE = 'https://app.example.test/funds';
const call = {
  caller: { uid: 'user1', regCountry: null },
  idempotencyKey: undefined,
  input: {
    amount: 1500,
    recaptcha_token: '',
    platform: 'web',
    url_return: PAGE,
    url_success: PAGE,
    success_url: PAGE,
    fail_url: PAGE,
  },
};

const order: Readonly<Record<string, () => Promise<unknown>>> = {
  anypay: async () => (await openAnyPay({ orders })).createPayment(call),
  cryptomus: async () => (await openCryptomus({ orders })).createPayment(call),
  payeer: async () => (await openPayeer({ orders })).createOrder(call),
  paypal: async () => (await openPayPal({ orders })).createOrder(call),
  stripe: async () => (await openStripe({ orders })).getPaymentIntent(call),
  wayforpay: async () => (await openWayForPay({ orders })).createPayment(call),
};

test('every gateway that places orders is here; the stores take purchases that are paid', () => {
  const folders = readdirSync('functions/src/gateways', { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const placing = names.filter((name) =>
    readFileSync(`functions/src/gateways/${name}/index.ts`, 'utf8').includes('takesOrders'),
  );
  expect(Object.keys(order)).toEqual(placing.sort());
});

test.each(Object.keys(order))('%s places an order where all is set', async (name) => {
  setEnvironment(complete);
  await expect(order[name]?.()).rejects.toThrow(PLACED);
});

test.each([
  ['stripe', 'STRIPE_WEBHOOK_SECRET', ''],
  ['stripe', 'STRIPE_WEBHOOK_SECRET', 'we_1'],
  ['paypal', 'PAYPAL_WEBHOOK_ID', ''],
  ['paypal', 'PAYPAL_WEBHOOK_ID', 'WEBHOOK_ID'],
  ['cryptomus', 'CRYPTOMUS_PAYMENT_KEY', ''],
  ['cryptomus', 'CRYPTOMUS_CALLBACK_URL', ''],
  ['cryptomus', 'CRYPTOMUS_CALLBACK_URL', 'backend'],
  ['payeer', 'PAYEER_SECRET_KEY', ''],
  ['payeer', 'PAYEER_SOURCE_ADDRESSES', 'payeer.com'],
  ['anypay', 'ANYPAY_SECRET_KEY', ''],
  ['anypay', 'ANYPAY_API_KEY', ''],
  ['anypay', 'ANYPAY_SOURCE_ADDRESSES', 'anypay.io'],
  ['wayforpay', 'WAYFORPAY_SECRET_KEY', ''],
  ['wayforpay', 'WAYFORPAY_CALLBACK_URL', ''],
  ['wayforpay', 'WAYFORPAY_CALLBACK_URL', 'backend'],
])('%s places no order with %s=%p', async (name, variable, value) => {
  setEnvironment({ ...complete, [variable]: value });
  const refusal: unknown = await order[name]?.().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Misconfigured);
  expect((refusal as Error).message).toContain(variable);
});
