import { randomInt, randomUUID } from 'node:crypto';
import type { User } from '../../scripts/stack/client.ts';
import type { ServedApp } from '../harness/app.ts';
import { setEnvironment } from '../harness/environment.ts';
import { accountTokenOf } from '../standins/account-token.ts';
import { startCryptomus } from '../standins/cryptomus/server.ts';
import { keyFile, newKey } from '../standins/googleplay/keys.ts';
import { startGooglePlay } from '../standins/googleplay/server.ts';
import { MERCHANT_ID, startPayPal } from '../standins/paypal/server.ts';
import { startStripe } from '../standins/stripe/server.ts';
import { startWayforpay } from '../standins/wayforpay/server.ts';

/** A gateway that gives money back, with its stand-in. */
export interface RefundShop {
  /** What the functions are configured with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where the money goes, for a gateway that needs to be told. */
  readonly address?: string;
  /** The order is paid back some time after the gateway has taken the refund. */
  endRefund?(id: string): void;
  /** Tells the stand-in where its webhook is. */
  listen(url: string): void;
  /** The user pays 15.00, and the gateway tells of it. */
  pay(app: ServedApp, user: User): Promise<void>;
  /** The next refund is made, and its answer is lost. */
  loseAnswer(): void;
  /** The gateway refuses the refund of a payment. @returns the words that the staff is told. */
  refuse(id: string): string;
  /** It does not any more. */
  allow(id: string): void;
  /** How many refunds of a payment the gateway has made. */
  refundsOf(id: string): number;
  /** Resolves when all is told. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

const money = { amount: 1500 };
const returns = {
  url_return: 'https://app.example.test/a',
  url_success: 'https://app.example.test/b',
};

async function openStripe(): Promise<RefundShop> {
  const standin = await startStripe({
    apiKey: 'sk_test_standin',
    webhookSecret: 'whsec_standin',
    newId: (prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`,
  });
  const { control, origin } = standin;
  const match = 'POST /v1/refunds$';
  return {
    environment: {
      STRIPE_SECRET_KEY: 'sk_test_standin',
      STRIPE_WEBHOOK_SECRET: 'whsec_standin',
      STRIPE_PUBLISHABLE_KEY: 'pk_test_standin',
      STRIPE_API_URL: origin,
    },
    listen: (url) => {
      control.configureEndpoint({ url });
    },
    pay: async (app, user) => {
      const { body } = await app.call<{ id: string }>('stripe-getPaymentIntent', money, user);
      control.confirm(body.id);
    },
    // The SDK repeats it once.
    loseAnswer: () => {
      control.fault({ match, applyThen: true, drop: true, times: 2 });
    },
    refuse: () => {
      control.fault({ match, status: 400 });
      return 'Stripe refuses the refund: look at the payment in its dashboard.';
    },
    allow: () => undefined,
    refundsOf: (id) =>
      control.requests().filter(({ path, params, status, isReplayed }) => {
        const isMade = path === '/v1/refunds' && !isReplayed && status !== 400;
        return isMade && params['payment_intent'] === id && params['amount'] !== undefined;
      }).length,
    idle: () => control.idle(),
    stop: () => standin.stop(),
  };
}

async function openPayPal(): Promise<RefundShop> {
  const ids = { clientId: 'client', clientSecret: 'secret', webhookId: 'WEBHOOK1STANDIN' };
  const firstId = 7_600_000 + randomInt(100_000);
  const standin = await startPayPal({ ...ids, firstId });
  const { control, origin, signatory } = standin;
  const match = 'POST /v2/payments/captures/:id/refund';
  return {
    environment: {
      PAYPAL_CLIENT_ID: ids.clientId,
      PAYPAL_CLIENT_SECRET: ids.clientSecret,
      PAYPAL_MERCHANT_ID: MERCHANT_ID,
      PAYPAL_WEBHOOK_ID: ids.webhookId,
      PAYPAL_API_URL: origin,
      PAYPAL_TRUST_ANCHOR: signatory.anchor,
    },
    listen: (url) => {
      control.configureEndpoint({ url });
    },
    pay: async (app, user) => {
      const { body } = await app.call<{ id: string }>('paypal-createOrder', money, user);
      control.approve(body.id);
      await app.call('paypal-captureOrder', { id: body.id }, user);
    },
    loseAnswer: () => {
      control.fault({ match, applyThen: true, drop: true });
    },
    refuse: () => {
      control.fault({ match, status: 422, code: 'REFUND_NOT_ALLOWED' });
      return 'PayPal refuses the refund: look at the payment in its dashboard.';
    },
    allow: () => undefined,
    refundsOf: (id) =>
      control
        .events()
        .filter((event) => event.event_type === 'PAYMENT.CAPTURE.REFUNDED')
        .filter((event) => JSON.stringify(event.resource).includes(`/captures/${id}"`)).length,
    idle: () => control.idle(),
    stop: () => standin.stop(),
  };
}

async function openWayforpay(): Promise<RefundShop> {
  const account = { merchantAccount: 'merchant_standin', secretKey: 'wayforpay-standin' };
  const standin = await startWayforpay({
    ...account,
    domain: 'app.example.test',
  });
  const { control, origin } = standin;
  return {
    environment: {
      WAYFORPAY_MERCHANT_ACCOUNT: account.merchantAccount,
      WAYFORPAY_SECRET_KEY: account.secretKey,
      WAYFORPAY_DOMAIN: 'app.example.test',
      WAYFORPAY_CALLBACK_URL: 'https://set.below.example.test',
      WAYFORPAY_PAGE_URL: `${origin}/pay`,
      WAYFORPAY_API_URL: `${origin}/api`,
    },
    // Each order brings it.
    listen: (url) => {
      setEnvironment({ WAYFORPAY_CALLBACK_URL: url });
    },
    pay: async (app, user) => {
      const order = { ...money, ...returns };
      const { body } = await app.call<{ order_id: string }>('wayforpay-createPayment', order, user);
      control.pay(body.order_id);
    },
    loseAnswer: () => {
      control.fault({ match: 'POST /api/REFUND', cutOff: true });
    },
    refuse: () => {
      control.refuseRefunds(1123);
      return 'WayForPay does not let this merchant refund through its API: ask its support for it, or refund in the cabinet.';
    },
    allow: () => {
      control.refuseRefunds();
    },
    refundsOf: (id) =>
      control.notices().filter(({ type, body }) => type === 'Refunded' && body.includes(id)).length,
    idle: () => control.idle(),
    stop: () => standin.stop(),
  };
}

async function openCryptomus(): Promise<RefundShop> {
  const [merchantId, paymentKey] = ['merchant-standin', 'cryptomus-standin'];
  const standin = await startCryptomus({ merchantId, paymentKey });
  const { control, origin } = standin;
  const path = '/v1/payment/refund';
  return {
    environment: {
      CRYPTOMUS_MERCHANT_ID: merchantId,
      CRYPTOMUS_PAYMENT_KEY: paymentKey,
      CRYPTOMUS_CALLBACK_URL: 'https://set.below.example.test',
      CRYPTOMUS_CREDIT_UNDERPAID: 'true',
      CRYPTOMUS_API_URL: origin,
    },
    address: 'TStandinBuyer0123456789',
    endRefund: (id) => {
      control.endRefund(id);
    },
    listen: (url) => {
      setEnvironment({ CRYPTOMUS_CALLBACK_URL: url });
    },
    pay: async (app, user) => {
      const order = { ...money, ...returns };
      const { body } = await app.call<{ url: string }>('cryptomus-createPayment', order, user);
      control.pay(new URL(body.url).pathname.replace('/pay/', ''));
    },
    loseAnswer: () => {
      control.fault({ path, cutOff: true });
    },
    refuse: () => {
      control.fault({ path, status: 422, body: { state: 1, message: 'Payouts are blocked' } });
      return "Cryptomus refuses the refund: check the address, and in Cryptomus's dashboard that payouts are allowed and the balance suffices.";
    },
    allow: () => undefined,
    refundsOf: (id) =>
      control.deliveries().filter(({ eventId, type }) => {
        return eventId === id && type === 'refund_process';
      }).length,
    idle: () => control.idle(),
    stop: () => standin.stop(),
  };
}

async function openGooglePlay(): Promise<RefundShop> {
  const account = { email: 'play@standin.iam.gserviceaccount.com', ...newKey() };
  const app = { packageName: 'com.example.numbers', audience: 'https://payments.example.com/push' };
  const sender = 'push@standin.iam.gserviceaccount.com';
  const series = String(randomInt(1_000_000, 10_000_000));
  const standin = await startGooglePlay({ ...app, sender, account, series });
  const { control, origin } = standin;
  const tokenOf = (id: string) =>
    control.sales().find(({ orderId }) => orderId === id)?.token ?? '';
  const paidAt = (at: Date) => ({ completedAt: at.toISOString() });
  return {
    environment: {
      STORE_PRODUCTS: '{"credits_1500":1500}',
      GOOGLE_PLAY_PACKAGE_NAME: app.packageName,
      GOOGLE_PLAY_SECRET_FILE: keyFile(account.email, account.privateKey),
      GOOGLE_PLAY_PUSH_AUDIENCE: app.audience,
      GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT: sender,
      GOOGLE_PLAY_API_URL: origin,
    },
    listen: (url) => {
      control.configureSubscription({ url, minBackoffMs: 10, maxBackoffMs: 50 });
    },
    pay: async (served, user) => {
      const product_id = 'credits_1500';
      const sale = control.buy({ productId: product_id, accountId: accountTokenOf(user.uid) });
      const bought = { product_id, purchase_token: sale.token };
      await served.call('googleplay-createTransaction', bought, user);
    },
    loseAnswer: () => {
      const match = 'POST /androidpublisher/v3/applications/:id/orders/';
      control.fault({ match, applyThen: true, drop: true });
    },
    refuse: (id) => {
      control.edit(tokenOf(id), paidAt(new Date('2020-01-01')));
      return 'Google refuses the refund: an order of more than three years ago, or one that is not paid, cannot be given back.';
    },
    allow: (id) => {
      control.edit(tokenOf(id), paidAt(new Date()));
    },
    refundsOf: (id) =>
      control.requests().filter(({ method, path, status }) => {
        return method === 'POST' && path.includes(`${id}:refund`) && status === 204;
      }).length,
    idle: () => control.idle(),
    stop: () => standin.stop(),
  };
}

/** Every gateway that gives money back through its API, by its name. */
export const refundShops: Readonly<Record<string, () => Promise<RefundShop>>> = {
  stripe: openStripe,
  paypal: openPayPal,
  wayforpay: openWayforpay,
  cryptomus: openCryptomus,
  googleplay: openGooglePlay,
};
