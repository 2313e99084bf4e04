import { randomUUID } from 'node:crypto';
import type { User } from '../../../scripts/stack/client.ts';
import { APP_ORIGIN, ServedApp } from '../../harness/app.ts';
import { onEmbedded } from '../../harness/embedded.ts';
import { MERCHANT_ID, startPayPal, type PayPalStandin } from '../../standins/paypal/server.ts';
import { startStripe, type StripeStandin } from '../../standins/stripe/server.ts';
import { writeRows } from './rows.ts';

jest.setTimeout(120_000);

interface Payment {
  readonly status: string;
  readonly payments: readonly Readonly<Record<string, unknown>>[];
}

let stripe: StripeStandin;
let paypal: PayPalStandin;
let app: ServedApp;
let user: User;

beforeAll(async () => {
  stripe = await startStripe({
    apiKey: 'sk_test_standin',
    webhookSecret: 'whsec_standin',
    newId: (prefix) => `${prefix}_${randomUUID().replaceAll('-', '')}`,
  });
  paypal = await startPayPal({
    clientId: 'client-standin',
    clientSecret: 'secret-standin',
    webhookId: 'WEBHOOK1STANDIN',
    // Other suites have used the first ones.
    firstId: 2_000_000,
  });
  app = await ServedApp.start({
    STRIPE_SECRET_KEY: 'sk_test_standin',
    STRIPE_WEBHOOK_SECRET: 'whsec_standin',
    STRIPE_PUBLISHABLE_KEY: 'pk_test_standin',
    STRIPE_API_URL: stripe.origin,
    PAYPAL_CLIENT_ID: 'client-standin',
    PAYPAL_CLIENT_SECRET: 'secret-standin',
    PAYPAL_MERCHANT_ID: MERCHANT_ID,
    PAYPAL_WEBHOOK_ID: 'WEBHOOK1STANDIN',
    PAYPAL_API_URL: paypal.origin,
    PAYPAL_TRUST_ANCHOR: paypal.signatory.anchor,
    PAYEER_MERCHANT_ID: '700112233',
    PAYEER_SECRET_KEY: 'payeer-standin',
    PAYEER_ENCRYPTION_KEY: 'payeer-encryption-standin',
    ANYPAY_PROJECT_ID: '12345',
    ANYPAY_SECRET_KEY: 'anypay-standin',
    ANYPAY_API_ID: 'API1',
    ANYPAY_API_KEY: 'anypay-api-standin',
  });
  const urlOf = (gateway: string) => app.functions.url(`${gateway}-handleWebhookEvents`);
  stripe.control.configureEndpoint({ url: await urlOf('stripe') });
  paypal.control.configureEndpoint({ url: await urlOf('paypal') });
});

afterAll(async () => {
  await app.stop();
  await paypal.stop();
  await stripe.stop();
});

beforeEach(async () => {
  user = await app.stack.signIn();
});

const ask = (orderId: string, caller: User | undefined = user) =>
  app.ask<Payment>('app-getPayment', { order_id: orderId }, caller);

async function told(orderId: string): Promise<string> {
  const { status, body } = await ask(orderId);
  expect(status).toBe(200);
  return [
    body.status,
    ...body.payments.map((row) => `${String(row['kind'])} ${String(row['amount'])}`),
  ].join();
}

const review = (orderId: string) => app.stack.firestore.collection('tn_reviews').doc(orderId).get();

describe('a card payment', () => {
  let order: string;
  let intent: string;

  beforeEach(async () => {
    const { status, body } = await app.call<{ id: string; order_id: string }>(
      'stripe-getPaymentIntent',
      { amount: 1500 },
      user,
    );
    expect(status).toBe(200);
    ({ id: intent, order_id: order } = body);
    expect(order).toBe(await app.stack.lastOrder(user));
  });

  /** What both calls say: the one that asks Stripe and the one that asks the rows. */
  async function agreed(): Promise<string> {
    await stripe.control.idle();
    const { body } = await app.call<{ status: string }>(
      'stripe-getPaymentIntentStatus',
      { payment_intent_id: intent },
      user,
    );
    const own = (await ask(order)).body.status;
    return own === body.status ? own : `${own}, but Stripe's is ${body.status}`;
  }

  test('is unpaid, then paid, with the row behind it', async () => {
    expect(await told(order)).toBe('unpaid');
    expect(await agreed()).toBe('unpaid');
    stripe.control.confirm(intent);
    expect(await agreed()).toBe('paid');
    const { body } = await ask(order);
    const [row] = body.payments;
    expect(body.payments).toEqual([
      {
        payment_id: `stripe_${intent}`,
        kind: 'payment',
        amount: 1500,
        gateway: 'stripe',
        created_at: expect.any(Number) as number,
        is_synced: true,
      },
    ]);
    expect(Math.abs(Number(row?.['created_at']) - Date.now() / 1000)).toBeLessThan(60);
    expect((await review(order)).exists).toBe(false);
  });

  test('is refunded when nothing is left of it, and paid again when a refund fails', async () => {
    stripe.control.confirm(intent);
    await stripe.control.idle();
    stripe.control.refund(intent, 500);
    expect(await agreed()).toBe('paid');
    const { id } = stripe.control.refund(intent, 1000);
    expect(await agreed()).toBe('refunded');
    expect(await told(order)).toBe('refunded,payment 1500,refund -500,refund -1000');
    stripe.control.failRefund(id);
    expect(await agreed()).toBe('paid');
  });

  test('is paid while it is disputed: who wins is another matter', async () => {
    stripe.control.confirm(intent);
    await stripe.control.idle();
    const { id } = stripe.control.dispute(intent);
    stripe.control.withdrawDispute(id);
    expect(await agreed()).toBe('paid');
    expect(await told(order)).toBe('paid,payment 1500,dispute -1500');
  });

  test('is under review until a person approves it', async () => {
    stripe.control.confirm(intent, { review: true });
    await stripe.control.idle();
    expect(await told(order)).toBe('review');
    expect(await agreed()).toBe('review');
    expect((await review(order)).data()).toMatchObject({
      order_id: order,
      uid: user.uid,
      gateway: 'stripe',
    });
    stripe.control.approveReview(intent);
    expect(await agreed()).toBe('paid');
  });

  test('is unpaid after a review that refused it', async () => {
    stripe.control.confirm(intent, { review: true });
    await stripe.control.idle();
    expect(await told(order)).toBe('review');
    stripe.control.closeReview(intent, 'refunded_as_fraud');
    await stripe.control.idle();
    expect(await told(order)).toBe('unpaid');
    expect(await agreed()).toBe('unpaid');
    expect((await review(order)).exists).toBe(false);
  });

  test('of a review that nobody has told of yet is found by asking Stripe', async () => {
    stripe.control.hold(true);
    stripe.control.confirm(intent, { review: true });
    stripe.control.discard();
    stripe.control.hold(false);
    expect(await told(order)).toBe('unpaid');
    expect(await agreed()).toBe('review');
  });
});

describe('a PayPal payment that is held back', () => {
  let order: string;
  let captureId: string;

  beforeEach(async () => {
    const created = await app.call<{ id: string; order_id: string }>(
      'paypal-createOrder',
      { amount: 1500 },
      user,
    );
    order = created.body.order_id;
    expect(order).toBe(await app.stack.lastOrder(user));
    paypal.control.approve(created.body.id, 'PENDING');
    const { body } = await app.call<{ result: string }>(
      'paypal-captureOrder',
      { order_id: created.body.id },
      user,
    );
    expect(body).toEqual({ result: 'success', status: 'review' });
    // Before any event: the app has just been told.
    expect(await told(order)).toBe('review');
    await paypal.control.idle();
    expect(await told(order)).toBe('review');
    captureId = paypal.control.captures(created.body.id)[0]?.id ?? '';
  });

  test('is paid when PayPal releases it', async () => {
    paypal.control.release(captureId);
    await paypal.control.idle();
    expect(await told(order)).toBe('paid,payment 1500');
  });

  test('is unpaid when PayPal refuses it, even where its event comes again', async () => {
    paypal.control.deny(captureId);
    await paypal.control.idle();
    expect(await told(order)).toBe('unpaid');
    const pending = paypal.control.events().find((event) => event.event_type.endsWith('PENDING'));
    expect(await paypal.control.redeliver(pending?.id ?? '')).toMatchObject([{ status: 200 }]);
    expect(await told(order)).toBe('unpaid');
  });
});

test('an event of a PayPal payment that is held back is enough', async () => {
  const created = await app.call<{ id: string; order_id: string }>(
    'paypal-createOrder',
    { amount: 1500 },
    user,
  );
  paypal.control.approve(created.body.id, 'PENDING');
  paypal.control.capture(created.body.id);
  await paypal.control.idle();
  expect(await told(created.body.order_id)).toBe('review');
});

test("the order ids of Payeer's and AnyPay's forms are taken too", async () => {
  const urls = { success_url: `${APP_ORIGIN}/ok`, fail_url: `${APP_ORIGIN}/no` };
  const payeer = await app.call<{ m_orderid: string }>(
    'payeer-createOrder',
    { amount: 1500, ...urls },
    user,
  );
  expect(await told(payeer.body.m_orderid)).toBe('unpaid');
  const anypay = await app.call<{ pay_id: string }>('anypay-createPayment', { amount: 1500 }, user);
  expect(await told(anypay.body.pay_id)).toBe('unpaid');
});

describe('an order of somebody else', () => {
  test('looks like none at all', async () => {
    const other = await app.stack.signIn();
    const { body } = await app.call<{ pay_id: string }>(
      'anypay-createPayment',
      { amount: 1500 },
      other,
    );
    const theirs = body.pay_id;
    await writeRows(app.stack.firestore, other.uid, [{ id: `anypay_${theirs}`, order_id: theirs }]);
    const answers = await Promise.all(
      [
        theirs,
        '123456789012345',
        'a'.repeat(32),
        'a/b',
        '../x',
        '__a__',
        '',
        'x'.repeat(2_000),
      ].map((id) => ask(id)),
    );
    for (const { status, body: error } of answers) {
      expect([status, error]).toEqual([
        404,
        { errorName: 'NotFoundException', errorMessage: 'There is no such thing.' },
      ]);
    }
    expect((await ask(theirs, other)).body.status).toBe('paid');
  });

  test('lends nothing to one of ours: a row of another user is left out', async () => {
    const { body } = await app.call<{ pay_id: string }>(
      'anypay-createPayment',
      { amount: 1500 },
      user,
    );
    await writeRows(app.stack.firestore, 'mallory', [
      { id: `anypay_${randomUUID()}`, order_id: body.pay_id },
    ]);
    expect(await told(body.pay_id)).toBe('unpaid');
  });
});

test('no order id: 400; no token: 401; another method: 405', async () => {
  expect(await app.ask('app-getPayment', {}, user)).toMatchObject({
    status: 400,
    body: { errorMessage: 'Missing or malformed: order_id.' },
  });
  expect((await app.ask('app-getPayment', { order_id: 'a' })).status).toBe(401);
  const posted = await app.call('app-getPayment', { order_id: 'a' }, user);
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
});

onEmbedded('costs the order and its rows; one read more without rows', async () => {
  const { body } = await app.call<{ pay_id: string }>(
    'anypay-createPayment',
    { amount: 1500 },
    user,
  );
  const counted = async () => {
    await app.stack.firestoreControl.resetRpcs();
    await ask(body.pay_id);
    return { ...(await app.stack.firestoreControl.rpcs()) };
  };
  expect(await counted()).toEqual({ BatchGetDocuments: 2, RunQuery: 1 });
  await writeRows(app.stack.firestore, user.uid, [
    { id: `anypay_${randomUUID()}`, order_id: body.pay_id },
  ]);
  expect(await counted()).toEqual({ BatchGetDocuments: 1, RunQuery: 1 });
});

describe('a payment that the Retail API refuses', () => {
  const order = () => app.stack.lastOrder(user);

  beforeEach(async () => {
    await app.call('stripe-getPaymentIntent', { amount: 1500 }, user);
  });

  const faultOf = (outcome: string) => ({ outcome, status: 400, error_name: 'SomeException' });

  async function toldWith(fields: object, ...more: { id: string; [field: string]: unknown }[]) {
    const rows = [{ id: `stripe_${user.uid}`, is_synced: false, ...fields }, ...more];
    const orderId = await order();
    await writeRows(
      app.stack.firestore,
      user.uid,
      rows.map((row) => ({ order_id: orderId, ...row })),
    );
    return (await ask(orderId)).body;
  }

  test.each(['rejected', 'malformed', 'other_mode', 'refused_funds', 'on_hold'])(
    'is told as it is, not as paid: %s',
    async (outcome) => {
      const { status, payments } = await toldWith({ sync_error: faultOf(outcome) });
      expect(status).toBe('uncredited');
      expect(payments).toEqual([
        expect.objectContaining({ kind: 'payment', is_synced: false, is_refused: true }),
      ]);
    },
  );

  test.each(['retryable', 'ambiguous', 'throttled', 'unsent', 'misconfigured'])(
    'is another thing than one that is only late: %s',
    async (outcome) => {
      const { status, payments } = await toldWith({ sync_error: faultOf(outcome) });
      expect(status).toBe('paid');
      expect(payments[0]).not.toHaveProperty('is_refused');
    },
  );

  test('is paid once it was taken after all, whatever had been noted', async () => {
    const { status } = await toldWith({ is_synced: true, sync_error: faultOf('rejected') });
    expect(status).toBe('paid');
  });

  test('is refunded when it was given back', async () => {
    const { status } = await toldWith(
      { sync_error: faultOf('rejected') },
      { id: `stripe_${user.uid}_re`, kind: 'refund', amount: -1500 },
    );
    expect(status).toBe('refunded');
  });

  test('leaves the order paid when only its refund is refused, and says which', async () => {
    const { status, payments } = await toldWith(
      { is_synced: true },
      {
        id: `stripe_${user.uid}_re`,
        kind: 'refund',
        amount: -500,
        is_synced: false,
        sync_error: faultOf('refused_funds'),
        created_at: new Date('2026-01-02T00:00:00Z'),
      },
    );
    expect(status).toBe('paid');
    expect(payments.map((row) => row['is_refused'])).toEqual([undefined, true]);
  });
});
