import { StackClient, type User } from '../../scripts/stack/client.ts';
import { ports } from '../../scripts/stack/values.ts';
import { setEnvironment } from '../harness/environment.ts';
import { serveFunctions, type ServedFunctions } from '../harness/functions.ts';
import { startCryptomus, type CryptomusStandin } from '../standins/cryptomus/server.ts';
import { signedBody } from '../standins/cryptomus/signature.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';

const KEY = 'cryptomus-payment-key-standin';
const APP = 'https://app.example.com';

let cryptomus: CryptomusStandin;
let retail: RetailApi;
let functions: ServedFunctions;
let client: StackClient;
let user: User;
let hook: string;

beforeAll(async () => {
  cryptomus = await startCryptomus({ merchantId: 'merchant-standin', paymentKey: KEY });
  retail = await startRetailApi({ apiKey: 'retail-standin' });
  functions = await serveFunctions({
    PAYMENTS_MODE: 'test',
    APP_ALLOWED_ORIGINS: APP,
    FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}`,
    CRYPTOMUS_MERCHANT_ID: 'merchant-standin',
    CRYPTOMUS_PAYMENT_KEY: '',
    CRYPTOMUS_API_URL: cryptomus.origin,
    PLATFONE_API_KEY: 'retail-standin',
    PLATFONE_API_URL: retail.url,
  });
  hook = await functions.url('cryptomus-handleWebhookEvents');
  setEnvironment({ CRYPTOMUS_CALLBACK_URL: hook });
  client = new StackClient(String(process.env['FIRESTORE_EMULATOR_HOST']));
});

afterAll(async () => {
  await functions.stop();
  await client.close();
  await cryptomus.stop();
  await retail.stop();
});

beforeEach(async () => {
  cryptomus.control.reset();
  user = await client.signIn();
});

interface Reply {
  url: string;
  errorName: string;
}

async function createPayment(changes: object = {}, headers: Record<string, string> = {}) {
  const response = await fetch(await functions.url('cryptomus-createPayment'), {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}`, ...headers },
    body: JSON.stringify({
      amount: 1500,
      url_return: `${APP}/payment`,
      url_success: `${APP}/payment?paid`,
      ...changes,
    }),
  });
  return { status: response.status, body: (await response.json()) as Reply };
}

/** The uuid of a new invoice of the user. */
async function order(amount = 1500): Promise<string> {
  const { body } = await createPayment({ amount });
  return new URL(body.url).pathname.replace('/pay/', '');
}

async function post(body: string): Promise<number> {
  return (await fetch(hook, { method: 'POST', body })).status;
}

async function moved(): Promise<unknown[][]> {
  const rows: Record<string, unknown>[] = await client.rows(user);
  return rows.map((row) => [row['payment_id'], row['amount'], row['kind']]);
}

async function parkedIds(uuid: string): Promise<unknown[]> {
  const parked = (await client.parkedEvents()).map((event) => String(event['id']));
  return parked.filter((id) => id.includes(uuid));
}

function answers(): (number | null)[] {
  return cryptomus.control.deliveries().map(({ answer }) => answer);
}

// First of all: what could not be opened is opened anew on the next request.
test('without its key nothing is proven, not even by an empty key', async () => {
  const body = signedBody({ type: 'payment', uuid: 'x', status: 'check' }, '');
  expect(await post(body)).toBe(500);
  expect((await createPayment()).status).toBe(500);
  setEnvironment({ CRYPTOMUS_PAYMENT_KEY: KEY });
  expect(await post(body)).toBe(401);
});

describe('an app asks for a payment', () => {
  test('an order is written, and an invoice of it made', async () => {
    const { status, body } = await createPayment({ url_return: 'https://APP.example.com/a/../b' });
    const [invoice] = cryptomus.control.invoices();
    expect([status, body]).toEqual([200, { url: invoice?.url }]);
    const orderId = String(invoice?.order_id);
    expect(cryptomus.control.requests()[0]?.parameters).toEqual({
      amount: '15.00',
      currency: 'USD',
      order_id: orderId,
      url_callback: hook,
      url_return: `${APP}/b`,
      url_success: `${APP}/payment?paid`,
      lifetime: 3600,
    });
    const stored = await client.firestore.collection('tn_orders').doc(orderId).get();
    expect(stored.data()).toMatchObject({
      uid: user.uid,
      amount: 1500,
      gateway: 'cryptomus',
      mode: 'test',
    });
  });

  test('the same Idempotency-Key gives the same invoice, until it has expired', async () => {
    const headers = { 'idempotency-key': 'key-1' };
    const first = await createPayment({}, headers);
    expect(await createPayment({}, headers)).toEqual(first);
    const [invoice, ...others] = cryptomus.control.invoices();
    expect(others).toEqual([]);
    cryptomus.control.expire(String(invoice?.uuid));
    expect((await createPayment({}, headers)).status).toBe(409);
    expect((await createPayment()).status).toBe(200);
  });

  test.each([
    { amount: 499 },
    { amount: 100_001 },
    { amount: 1500.5 },
    { amount: '1500' },
    { amount: undefined },
    { url_return: undefined },
    { url_success: 7 },
    { url_return: 'https://evil.example/' },
    { url_success: `${APP}.evil.example/` },
    { url_success: 'javascript:alert(1)' },
    { url_return: `${APP}/${'x'.repeat(255)}` },
  ])('refused: %j', async (changes) => {
    const { status, body } = await createPayment(changes);
    expect([status, body.errorName]).toEqual([400, 'InvalidRequestParamsException']);
    expect(cryptomus.control.requests()).toEqual([]);
  });

  test('refused: nobody', async () => {
    const { status } = await createPayment({}, { authorization: 'Bearer x' });
    expect(status).toBe(401);
  });

  test.each([
    [{ status: 500 }, 503],
    [{ status: 429 }, 503],
    [{ drop: true }, 503],
    [{ cutOff: true }, 503],
    [{ status: 422 }, 500],
    [{ status: 401 }, 500],
    [{ status: 200, body: { state: 0, result: {} } }, 500],
  ] as const)('when Cryptomus does %j, the app is told %i', async (fault, status) => {
    cryptomus.control.fault(fault);
    expect((await createPayment()).status).toBe(status);
  });

  test('an invoice over another sum is not handed out', async () => {
    const headers = { 'idempotency-key': 'key-2' };
    await createPayment({}, headers);
    const [invoice] = cryptomus.control.invoices();
    cryptomus.control.edit(String(invoice?.uuid), { amount: '1.00' });
    expect((await createPayment({}, headers)).status).toBe(500);
  });
});

describe('Cryptomus reports', () => {
  test('a payment: one row and one credit, however often it is told at once', async () => {
    cryptomus.control.hold(true);
    const uuid = await order();
    cryptomus.control.pay(uuid);
    await cryptomus.control.release({ copies: 20, parallel: true });
    expect(answers()).toEqual(Array.from({ length: 40 }, () => 200));
    expect(await moved()).toEqual([[`cryptomus_${uuid}`, 1500, 'payment']]);
    expect(retail.control.transactions(user.uid)).toHaveLength(1);
    expect(retail.control.balance(user.uid)).toBe(1500);
  });

  test('too much and too little: what arrived', async () => {
    cryptomus.control.pay(await order(), { cents: 1789 });
    const under = await order();
    cryptomus.control.pay(under, { cents: 725 });
    await cryptomus.control.idle();
    expect(retail.control.balance(user.uid)).toBe(1789);
    cryptomus.control.expire(under);
    await cryptomus.control.idle();
    expect(retail.control.balance(user.uid)).toBe(1789 + 725);
  });

  test('paid and then paid over: the first stands, a person decides over the rest', async () => {
    const uuid = await order();
    cryptomus.control.pay(uuid);
    await cryptomus.control.idle();
    cryptomus.control.pay(uuid, { cents: 300 });
    await cryptomus.control.idle();
    expect(answers().at(-1)).toBe(200);
    expect(await moved()).toEqual([[`cryptomus_${uuid}`, 1500, 'payment']]);
    expect(await parkedIds(uuid)).toEqual([`conflict_cryptomus_${uuid}_${uuid}_paid_over`]);
  });

  test('a refund: what was credited, once', async () => {
    const uuid = await order();
    cryptomus.control.pay(uuid, { cents: 1789 });
    cryptomus.control.refund(uuid);
    cryptomus.control.endRefund(uuid);
    await cryptomus.control.idle();
    cryptomus.control.report(uuid, 'refund_paid', { payment_amount_usd: '1.00' });
    await cryptomus.control.idle();
    expect(await moved()).toEqual([
      [`cryptomus_${uuid}`, 1789, 'payment'],
      [`cryptomus_${uuid}-refund`, -1789, 'refund'],
    ]);
    expect(retail.control.balance(user.uid)).toBe(0);
  });

  test('a refund before its payment: parked, and both with the payment', async () => {
    cryptomus.control.hold(true);
    const uuid = await order();
    cryptomus.control.pay(uuid);
    cryptomus.control.refund(uuid);
    cryptomus.control.endRefund(uuid);
    await cryptomus.control.release({ order: 'reverse' });
    expect(answers()).toEqual([200, 200, 200, 200]);
    expect((await moved()).length).toBe(2);
    expect(await parkedIds(uuid)).toEqual([`unusable_cryptomus_${uuid}_refund_paid`]);
    expect(retail.control.balance(user.uid)).toBe(0);
  });

  test('a payment while it cannot be asked: it is told to come again', async () => {
    const uuid = await order();
    cryptomus.control.fault(
      { path: '/v1/payment/info', status: 503 },
      { path: '/v1/payment/info', drop: true },
      { path: '/v1/payment/info', status: 401 },
    );
    cryptomus.control.pay(uuid);
    for (let times = 0; times < 3; times += 1) {
      cryptomus.control.ask('/v1/payment/resend', { uuid });
    }
    await cryptomus.control.idle();
    expect(answers()).toEqual([200, 503, 503, 500, 200]);
    expect(await moved()).toEqual([[`cryptomus_${uuid}`, 1500, 'payment']]);
  });

  test('a test of a notification: parked, no row', async () => {
    const uuid = await order();
    const { order_id } = cryptomus.control.invoices()[0] ?? {};
    for (const status of ['paid', 'refund_paid']) {
      cryptomus.control.ask('/v1/test-webhook/payment', {
        url_callback: hook,
        currency: 'USDT',
        network: 'tron',
        status,
        uuid,
        order_id,
      });
    }
    await cryptomus.control.idle();
    expect(answers()).toEqual([200, 200]);
    expect(await moved()).toEqual([]);
    expect((await parkedIds(uuid)).toSorted()).toEqual([
      `unusable_cryptomus_${uuid}_paid`,
      `unusable_cryptomus_${uuid}_refund_paid`,
    ]);
  });

  test('an order that is not ours: parked with what was told', async () => {
    const { uuid } = cryptomus.control.make({
      order_id: 'theirs_1',
      amount: '15.00',
      currency: 'USD',
      url_callback: hook,
    });
    cryptomus.control.pay(uuid);
    await cryptomus.control.idle();
    const parked = await client.parkedEvents();
    expect(parked.find(({ id }) => String(id).includes(uuid))).toMatchObject({
      reason: 'unusable',
      gateway: 'cryptomus',
      event: { uuid, status: 'paid', orderId: 'theirs_1', arrivedUsd: '15.00' },
    });
  });
});

test.each([
  ['nothing', '', 401],
  ['null', 'null', 401],
  ['a list', '[]', 401],
  ['a text', '"x"', 401],
  ['no signature', '{}', 401],
  ['half of it', '{"type":"payment"', 401],
  ['a megabyte and more', `{"pad":"${'x'.repeat(1_000_000)}"}`, 413],
  ['signed, about nothing', signedBody({ type: 'payment' }, KEY), 400],
  ['signed, no uuid', signedBody({ type: 'payment', uuid: 'x', status: 'paid' }, KEY), 400],
])('a notification with %s', async (_, body, status) => {
  expect(await post(body)).toBe(status);
});

test('a notification is posted', async () => {
  const response = await fetch(hook);
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
});
