import { Unavailable } from '../../../functions/src/errors.ts';
import { openCheckout as openCryptomus } from '../../../functions/src/gateways/cryptomus/checkout.ts';
import { openCheckout as openPayPal } from '../../../functions/src/gateways/paypal/checkout.ts';
import { openCheckout as openStripe } from '../../../functions/src/gateways/stripe/checkout.ts';
import type { Order } from '../../../functions/src/orders/order.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { orderOf } from '../../harness/orders.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { startCryptomus, type CryptomusStandin } from '../../standins/cryptomus/server.ts';
import { MERCHANT_ID, startPayPal, type PayPalStandin } from '../../standins/paypal/server.ts';
import { startRetailApi, type RetailApi } from '../../standins/retail-api.ts';
import { startStripe, type StripeStandin } from '../../standins/stripe/server.ts';

// What a call answers the app is stored before, because the gateway may not report it again.

const own = useOwnFirestore();
let paypal: PayPalStandin;
let stripe: StripeStandin;
let cryptomus: CryptomusStandin;
let retail: RetailApi;

beforeAll(async () => {
  retail = await startRetailApi({ apiKey: 'retail-standin' });
  paypal = await startPayPal({
    clientId: 'client-standin',
    clientSecret: 'secret-standin',
    webhookId: 'WEBHOOK1STANDIN',
  });
  stripe = await startStripe({ apiKey: 'sk_test_standin', webhookSecret: 'whsec_standin' });
  cryptomus = await startCryptomus({ merchantId: 'merchant1', paymentKey: 'key-standin' });
  setEnvironment({
    APP_ALLOWED_ORIGINS: 'https://app.example.test',
    CRYPTOMUS_MERCHANT_ID: 'merchant1',
    CRYPTOMUS_PAYMENT_KEY: 'key-standin',
    CRYPTOMUS_API_URL: cryptomus.origin,
    CRYPTOMUS_CALLBACK_URL: 'https://backend.example.test/cryptomus',
    PAYMENTS_MODE: 'test',
    PLATFONE_API_KEY: 'retail-standin',
    PLATFONE_API_URL: retail.url,
    PLATFONE_CALLS_PER_SECOND: '1000',
    PAYPAL_CLIENT_ID: 'client-standin',
    PAYPAL_CLIENT_SECRET: 'secret-standin',
    PAYPAL_MERCHANT_ID: MERCHANT_ID,
    PAYPAL_WEBHOOK_ID: 'WEBHOOK1STANDIN',
    PAYPAL_API_URL: paypal.origin,
    STRIPE_SECRET_KEY: 'sk_test_standin',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_standin',
    STRIPE_WEBHOOK_SECRET: 'whsec_standin',
    STRIPE_API_URL: stripe.origin,
  });
});

afterAll(() => Promise.all([cryptomus.stop(), paypal.stop(), stripe.stop(), retail.stop()]));

beforeEach(() => {
  own().server.refuse(0);
  paypal.control.reset();
  stripe.control.reset();
  cryptomus.control.reset();
});

const ORDER_ID = '0123456789abcdef0123456789abcdef';
const caller = { uid: 'user1', regCountry: null };
const call = { caller, idempotencyKey: undefined };
const amount = { amount: 1500, recaptcha_token: '', platform: 'web' };

const PAGE = 'https://app.example.test/funds';

/** Orders of one gateway; it notes what they were bound to. */
function ordersOf(
  gateway: string,
  bind: (order: Order, ref: string) => Promise<void> = async () => undefined,
) {
  const order = orderOf({ orderId: ORDER_ID, gateway, amountCents: 1500 });
  return {
    place: async () => order,
    find: async (orderId: string) => (orderId === ORDER_ID ? order : undefined),
    handOver: async <Made>(
      handed: Order,
      make: () => Promise<Made>,
      refOf: (made: Made) => string,
    ) => {
      const made = await make();
      await bind(handed, refOf(made));
      return made;
    },
  };
}

const down = async () => {
  throw new Unavailable('Firestore did not answer.');
};

describe.each([
  [
    'Stripe',
    async (orders: ReturnType<typeof ordersOf>) =>
      (await openStripe({ orders })).getPaymentIntent({ ...call, input: amount }),
    'stripe',
  ],
  [
    'PayPal',
    async (orders: ReturnType<typeof ordersOf>) =>
      (await openPayPal({ orders })).createOrder({ ...call, input: amount }),
    'paypal',
  ],
  [
    'Cryptomus',
    async (orders: ReturnType<typeof ordersOf>) => {
      const input = { ...amount, url_return: PAGE, url_success: PAGE };
      const answer = await (await openCryptomus({ orders })).createPayment({ ...call, input });
      return { ...answer, id: answer.url.split('/').at(-1) };
    },
    'cryptomus',
  ],
] as const)('%s: the buyer hears of the payment', (_name, create, gateway) => {
  test('once its order is bound to it', async () => {
    const bound: unknown[] = [];
    const orders = ordersOf(gateway, async (order, ref) => {
      bound.push([order.orderId, ref]);
    });
    const answer = await create(orders);
    expect(answer.order_id).toBe(ORDER_ID);
    expect(bound).toEqual([[ORDER_ID, answer.id]]);
  });

  test('never while the order is not bound', async () => {
    await expect(create(ordersOf(gateway, down))).rejects.toThrow(Unavailable);
  });

  test('never while the order is not stored', async () => {
    await expect(create({ ...ordersOf(gateway), place: down })).rejects.toThrow(Unavailable);
  });
});

/** An intent of the caller, and an ask for its status. */
async function stripeStatus(review = false) {
  const deployment = process.env['GCLOUD_PROJECT'] ?? '';
  const metadata = { purpose: 'balance_topup', deployment, uid: 'user1', order_id: ORDER_ID };
  const { id } = stripe.control.createForeignIntent({ captureMethod: 'manual', metadata });
  stripe.control.confirm(id, { review });
  const checkout = await openStripe({ orders: ordersOf('stripe') });
  return () => checkout.getPaymentIntentStatus({ ...call, input: { payment_intent_id: id } });
}

/** An order of the caller that is approved, and an ask to capture it. */
async function payPalCapture(outcome?: string) {
  const checkout = await openPayPal({ orders: ordersOf('paypal') });
  const { id } = await checkout.createOrder({ ...call, input: amount });
  paypal.control.approve(id, outcome);
  return () => checkout.captureOrder({ ...call, input: { id } });
}

describe.each<[string, () => Promise<() => Promise<object>>, string, string]>([
  ['a payment that Stripe’s status call captures', () => stripeStatus(), 'tn_payments', 'paid'],
  ['a review that Stripe’s status call finds', () => stripeStatus(true), 'tn_reviews', 'review'],
  ['a payment that PayPal’s call captures', () => payPalCapture(), 'tn_payments', 'paid'],
  ['a capture that PayPal holds', () => payPalCapture('PENDING'), 'tn_reviews', 'review'],
])('%s', (_name, arrange, collection, status) => {
  test('is stored when the app hears of it', async () => {
    const ask = await arrange();
    expect(await ask()).toMatchObject({ status });
    expect(await own().all(collection)).toHaveLength(1);
  });

  test('is not answered while it is not stored', async () => {
    const ask = await arrange();
    own().server.refuse(1);
    await expect(ask()).rejects.toThrow(Unavailable);
    expect(await own().all(collection)).toEqual([]);
    own().server.refuse(0);
    expect(await ask()).toMatchObject({ status });
    expect(await own().all(collection)).toHaveLength(1);
  });

  test('is not answered while Firestore hangs', async () => {
    const ask = await arrange();
    own().server.hang(true);
    await expect(ask()).rejects.toThrow(Unavailable);
    own().server.hang(false);
    expect(await ask()).toMatchObject({ status });
    expect(await own().all(collection)).toHaveLength(1);
  });
});
