import { randomUUID } from 'node:crypto';
import { Bench } from './bench.ts';

const bench = new Bench(1_000_000);

describe('paypal-createOrder', () => {
  test('writes our order first and answers with PayPal’s', async () => {
    const { status, body } = await bench.call('paypal-createOrder', {
      amount: 1500,
      recaptcha_token: '',
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(/^ORDER\d{12}$/) as string,
      order_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      status: 'CREATED',
      links: expect.arrayContaining([
        { rel: 'approve', method: 'GET', href: expect.any(String) as string },
      ]) as unknown[],
    });
    const shown = bench.paypal.object(String(body['id'])) as {
      purchase_units: { custom_id: string }[];
    };
    const orderId = shown.purchase_units[0]?.custom_id ?? '';
    expect(orderId).toBe(body['order_id']);
    const order = await bench.firestore.collection('tn_orders').doc(orderId).get();
    expect(order.data()).toMatchObject({ uid: bench.user.uid, amount: 1500, gateway: 'paypal' });
  });

  test('takes the user from the token alone', async () => {
    const other = await bench.signIn();
    const { body } = await bench.call('paypal-createOrder', { amount: 1500, uid: other.uid });
    const { purchase_units: units } = bench.paypal.object(String(body['id'])) as {
      purchase_units: { custom_id: string }[];
    };
    const order = await bench.firestore.doc(`tn_orders/${units[0]?.custom_id ?? ''}`).get();
    expect(order.get('uid')).toBe(bench.user.uid);
  });

  test('repeated with one Idempotency-Key is one order here and there', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await bench.call('paypal-createOrder', { amount: 1500 }, { headers });
    const again = await bench.call('paypal-createOrder', { amount: 1500 }, { headers });
    expect(again).toEqual(first);
    expect((await bench.call('paypal-createOrder', { amount: 1600 }, { headers })).status).toBe(
      409,
    );
  });

  test.each([499, 100_001, 1500.5, '1500', -1500, 0, null, 1e21])(
    'refuses an amount of %j',
    async (amount) => {
      expect((await bench.call('paypal-createOrder', { amount })).status).toBe(400);
    },
  );

  test('is for those who are signed in', async () => {
    const answer = await bench.call('paypal-createOrder', { amount: 1500 }, { caller: null });
    expect(answer.status).toBe(401);
  });

  test.each([500, 503, 429])('PayPal answers %d: try again later', async (status) => {
    bench.paypal.fault({ match: 'POST /v2/checkout/orders', status });
    expect((await bench.call('paypal-createOrder', { amount: 1500 })).status).toBe(503);
    expect((await bench.call('paypal-createOrder', { amount: 1500 })).status).toBe(200);
  });

  test('the token request fails once: the next call works', async () => {
    bench.paypal.revokeTokens();
    bench.paypal.fault({ match: 'POST /v1/oauth2/token', status: 503 });
    expect((await bench.call('paypal-createOrder', { amount: 1500 })).status).toBe(503);
    expect((await bench.call('paypal-createOrder', { amount: 1500 })).status).toBe(200);
  });
});
