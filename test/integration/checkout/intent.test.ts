import { randomUUID } from 'node:crypto';
import type { Timestamp } from 'firebase-admin/firestore';
import type { ApiFault } from '../../standins/faults.ts';
import { Bench, CREATE, expectAllowedFields, inBrief } from './bench.ts';

const bench = new Bench();

const toStripe = () => bench.stripe.requests().filter(({ method }) => method === 'POST');

describe('an intent', () => {
  test('is an order of ours, and held money in US dollars at Stripe', async () => {
    const user = await bench.signIn();
    const answer = await bench.ask(user);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [intent, ...others] = bench.intentsOf(user.uid);
    expect(others).toEqual([]);
    expect(answer.body).toEqual({
      id: intent?.id,
      order_id: intent?.metadata['order_id'],
      clientSecret: intent?.client_secret,
      publicKey: 'pk_test_standin',
    });

    const [order, ...more] = await bench.ordersOf(user.uid);
    expect(more).toEqual([]);
    expect(order).toEqual({
      order_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      uid: user.uid,
      amount: 1500,
      currency: 'USD',
      gateway: 'stripe',
      mode: 'test',
      gateway_ref: intent?.id,
      is_open: true,
      is_admitted: true,
      created_at: expect.anything() as unknown,
      ask_at: expect.anything() as unknown,
    });
    const { created_at: createdAt, ask_at: askAt } = order as Record<string, Timestamp>;
    expect(Math.abs(Number(createdAt?.toMillis()) - Date.now())).toBeLessThan(60_000);
    // Stripe is asked about it when no payment has come by then.
    const askedInMs = Number(askAt?.toMillis()) - Number(createdAt?.toMillis());
    expect(Math.abs(askedInMs - 300_000)).toBeLessThan(60_000);
  });

  test('is made of our own words: what else the body says changes nothing', async () => {
    const user = await bench.signIn();
    const injected = {
      uid: 'somebody',
      order_id: 'order1',
      currency: 'eur',
      capture_method: 'automatic',
      automatic_payment_methods: { enabled: false },
      metadata: { uid: 'somebody', purpose: 'gift' },
      status: 'succeeded',
    };
    expect((await bench.call(CREATE, user, { ...injected, amount: 1500 })).status).toBe(200);
    const [order] = await bench.ordersOf(user.uid);
    const orderId = String(order?.['order_id']);
    expect(toStripe()).toMatchObject([
      { method: 'POST', path: '/v1/payment_intents', idempotencyKey: orderId, status: 200 },
    ]);
    expect(toStripe()[0]?.params).toEqual({
      amount: '1500',
      currency: 'usd',
      capture_method: 'manual',
      automatic_payment_methods: { enabled: 'true' },
      metadata: {
        purpose: 'balance_topup',
        deployment: 'demo-temp-number',
        uid: user.uid,
        order_id: orderId,
      },
    });
    expect(await bench.ordersOf('somebody')).toEqual([]);
  });

  test.each([500, 501, 100_000])('%d cents are taken', async (amount) => {
    const user = await bench.signIn();
    expect((await bench.ask(user, amount)).status).toBe(200);
    expect(bench.intentsOf(user.uid).map((intent) => intent.amount)).toEqual([amount]);
  });

  test.each([
    undefined,
    null,
    '1500',
    true,
    [1500],
    {},
    1500.5,
    0,
    -1500,
    499,
    100_001,
    2 ** 53,
    1e21,
  ])('an amount of %j: 400', async (amount) => {
    const user = await bench.signIn();
    const answer = await bench.call(CREATE, user, { amount });
    expect(inBrief(answer)).toEqual([400, 'InvalidRequestParamsException']);
    expect(await bench.ordersOf(user.uid)).toEqual([]);
    expect(bench.stripe.requests()).toEqual([]);
  });

  test('a uid that the Retail API could not hold: 403, and no order', async () => {
    const uid = `tg:${randomUUID().slice(0, 8)}`;
    const user = await bench.account('signInWithCustomToken', {
      token: await bench.auth.createCustomToken(uid),
    });
    expect(user.uid).toBe(uid);
    expect(inBrief(await bench.ask(user))).toEqual([403, 'ForbiddenException']);
    expect(await bench.ordersOf(uid)).toEqual([]);
    expect(bench.stripe.requests()).toEqual([]);
  });

  test('the order is written before Stripe is asked', async () => {
    const user = await bench.signIn();
    bench.stripe.fault({ match: 'POST /v1/payment_intents$', drop: true, times: 2 });
    const key = randomUUID();
    expect(inBrief(await bench.ask(user, 1500, key))).toEqual([503, 'ServiceUnavailableException']);
    const orders = await bench.ordersOf(user.uid);
    expect(orders).toMatchObject([{ amount: 1500, is_admitted: true, is_open: false }]);
    expect(bench.intentsOf(user.uid)).toEqual([]);

    // The same key goes on with the order that is there.
    expect((await bench.ask(user, 1500, key)).status).toBe(200);
    const [intent] = bench.intentsOf(user.uid);
    expect(await bench.ordersOf(user.uid)).toEqual([
      {
        ...orders[0],
        gateway_ref: intent?.id,
        is_open: true,
        ask_at: expect.anything() as unknown,
      },
    ]);
    expect(bench.intentsOf(user.uid)).toMatchObject([
      { metadata: { order_id: orders[0]?.['order_id'] as unknown } },
    ]);
  });

  const lost: [string, ApiFault, number][] = [
    ['did not come', { drop: true, applyThen: true }, 200],
    // The SDK repeats a call without an answer, but none with half of one.
    ['broke off', { cutOff: true }, 503],
  ];

  test.each(lost)(
    "Stripe's answer %s: the intent it made is the one",
    async (_name, fault, code) => {
      const user = await bench.signIn();
      const key = randomUUID();
      bench.stripe.fault({ ...fault, match: 'POST /v1/payment_intents$' });
      expect((await bench.ask(user, 1500, key)).status).toBe(code);
      const answer = await bench.ask(user, 1500, key);
      expect(answer.status).toBe(200);
      expect(bench.intentsOf(user.uid).map(({ id }) => id)).toEqual([answer.body['id']]);
      expect(await bench.ordersOf(user.uid)).toHaveLength(1);
    },
  );
});

test('what the log said in all these tests is in its allow-list', expectAllowedFields);
