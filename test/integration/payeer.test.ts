import type { User } from '../../scripts/stack/client.ts';
import { APP_ORIGIN, ServedApp } from '../harness/app.ts';
import { setEnvironment } from '../harness/environment.ts';
import { startPayeer, type PayeerStandin } from '../standins/payeer/server.ts';

jest.setTimeout(60_000);

const API_USER = { account: 'P1000000', apiId: '12345', apiPass: 'payeer-api-standin' };
const WEBHOOK = 'payeer-handleWebhookEvents';
const keys = { secretKey: 'payeer-standin', encryptionKey: 'payeer-encryption-standin' };
const returns = { success_url: `${APP_ORIGIN}/funds?ok`, fail_url: `${APP_ORIGIN}/funds?no` };

let payeer: PayeerStandin;
let app: ServedApp;

beforeAll(async () => {
  payeer = await startPayeer({
    merchantId: '700112233',
    statusUrl: null,
    apiUser: API_USER,
    apiNumbers: 'other',
    ...keys,
  });
  app = await ServedApp.start({
    PAYEER_MERCHANT_ID: '700112233',
    PAYEER_SECRET_KEY: keys.secretKey,
    PAYEER_ENCRYPTION_KEY: keys.encryptionKey,
    TRUSTED_PROXY_HEADER: 'x-forwarded-for',
    PAYEER_SOURCE_ADDRESSES: '203.0.113.7',
    PAYEER_ACCOUNT: API_USER.account,
    PAYEER_API_ID: API_USER.apiId,
    PAYEER_API_PASSWORD: API_USER.apiPass,
    PAYEER_API_URL: `${payeer.origin}/ajax/api/api.php`,
  });
});

afterAll(async () => {
  setEnvironment({ TRUSTED_PROXY_HEADER: undefined, PAYEER_ACCOUNT: undefined });
  await app.stop();
  await payeer.stop();
});

type Form = Record<string, string>;

async function ordered(user: User, headers: Record<string, string> = {}): Promise<Form> {
  const body = { amount: 2500, ...returns };
  const reply = await app.call<Form>('payeer-createOrder', body, user, headers);
  expect(reply.status).toBe(200);
  return reply.body;
}

/** The buyer's browser posts the form, the buyer pays; resolves to the notification. */
async function paid(form: Form): Promise<string> {
  const page = await fetch(`${payeer.origin}/merchant/`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  expect(await page.text()).toContain('Pay here.');
  payeer.control.pay(form['m_orderid'] ?? '');
  return payeer.control.notices().at(-1)?.body ?? '';
}

function report(body: string, address = '203.0.113.7') {
  return app.report(WEBHOOK, body, {
    'content-type': 'application/x-www-form-urlencoded',
    'x-forwarded-for': `185.71.65.92, ${address}`,
  });
}

test('the form is one that Payeer takes, with both addresses', async () => {
  const form = await ordered(await app.stack.signIn());
  expect(Object.keys(form).toSorted()).toEqual([
    'm_amount',
    'm_cipher_method',
    'm_curr',
    'm_desc',
    'm_orderid',
    'm_params',
    'm_shop',
    'm_sign',
  ]);
  expect(form['m_orderid']).toMatch(/^[a-z0-9]{30}$/);
  await paid(form);
  const invoice = payeer.control.invoice(form['m_orderid'] ?? '');
  expect(JSON.parse(invoice.params ?? '')).toEqual(returns);
});

test('a payment reaches the balance once, its notification however often', async () => {
  const user = await app.stack.signIn();
  const form = await ordered(user);
  const body = await paid(form);
  const answers = await Promise.all(Array.from({ length: 8 }, () => report(body)));
  for (const answer of answers) {
    expect(answer).toEqual({ status: 200, body: `${String(form['m_orderid'])}|success` });
  }
  expect(await app.rows(user)).toEqual(['payment 2500']);
  expect(app.retail.control.balance(user.uid)).toBe(2500);
});

test('a second payment of the order is money that arrived', async () => {
  const user = await app.stack.signIn();
  const form = await ordered(user);
  await report(await paid(form));
  await report(await paid(form));
  expect(await app.rows(user)).toEqual(['payment 2500', 'payment 2500']);
  expect(app.retail.control.balance(user.uid)).toBe(5000);
});

test('the second look finds a payment by the row of its order, or keeps it for a person', async () => {
  const user = await app.stack.signIn();
  const form = await ordered(user);
  const orderId = form['m_orderid'] ?? '';
  // The same modules as the functions'.
  const { openGateway } = await import('../../functions/src/gateways/payeer/gateway.ts');
  const gateway = await openGateway();
  const kept: unknown = expect.objectContaining({ name: 'Unusable' });
  const inquire = () => gateway.inquire?.({ orderId, ref: orderId, paymentId: null });
  expect(await inquire()).toEqual([]);
  const body = await paid(form);
  expect(await inquire()).toEqual([kept]);
  await report(body);
  const [row] = await app.stack.rows(user);
  const booked = { amountCents: 2500, orderId, uid: user.uid };
  const found = (await inquire()) ?? [];
  expect(found).toEqual([expect.objectContaining(booked)]);
  expect(found).toMatchObject([{ id: String(row?.['payment_id']).replace('payeer_', '') }]);
  await paid(form);
  expect(await inquire()).toEqual([...found, kept]);
});

test("another's order is another's money", async () => {
  const [buyer, other] = [await app.stack.signIn(), await app.stack.signIn()];
  const body = await paid(await ordered(buyer));
  await report(`${body}&uid=${other.uid}`);
  expect(await app.rows(other)).toEqual([]);
  expect(await app.rows(buyer)).toEqual(['payment 2500']);
});

test('what was not ordered is parked, and another shop’s order is ignored', async () => {
  const user = await app.stack.signIn();
  const genuine = Object.fromEntries(new URLSearchParams(await paid(await ordered(user))));
  const before = await app.parked('payeer');
  for (const changed of [
    { m_operation_id: '11', m_amount: '2.50' },
    { m_operation_id: '12', m_curr: 'RUB' },
    { m_operation_id: '13', m_orderid: 'unknown' },
  ]) {
    expect(await report(payeer.control.signed({ ...genuine, ...changed }))).toMatchObject({
      status: 200,
    });
  }
  expect(await app.rows(user)).toEqual([]);
  expect((await app.parked('payeer')).slice(before.length)).toHaveLength(2);
});

test.each([
  ['a guessed key', 'guessed', '203.0.113.7'],
  ['an address that the client has written itself', keys.secretKey, '198.51.100.1'],
])('%s is refused', async (_name, key, address) => {
  const user = await app.stack.signIn();
  const genuine = Object.fromEntries(new URLSearchParams(await paid(await ordered(user))));
  expect(await report(payeer.control.signed(genuine, key), address)).toMatchObject({ status: 401 });
  expect(await app.rows(user)).toEqual([]);
});

test('a GET is refused', async () => {
  const url = await app.functions.url(WEBHOOK);
  const response = await fetch(`${url}?m_status=success`);
  expect([response.status, await response.json()]).toMatchObject([
    405,
    { errorName: 'MethodNotAllowedException' },
  ]);
});

describe('createOrder', () => {
  test('the same Idempotency-Key gives the same form', async () => {
    const user = await app.stack.signIn();
    const key = { 'idempotency-key': 'key-1' };
    expect(await ordered(user, key)).toEqual(await ordered(user, key));
    expect(await ordered(user)).not.toEqual(await ordered(user, key));
  });

  test.each<[string, object]>([
    ['an amount beyond the most', { amount: 100_001, ...returns }],
    ['no address', { amount: 2500, success_url: returns.success_url }],
    ['a success address elsewhere', { amount: 2500, ...returns, success_url: 'https://evil.test' }],
    ['a fail address elsewhere', { amount: 2500, ...returns, fail_url: '//evil.test' }],
    [
      'an address that Payeer would cut off',
      { amount: 2500, ...returns, fail_url: `${APP_ORIGIN}/${'a'.repeat(255)}` },
    ],
  ])('%s is 400', async (_name, body) => {
    const user = await app.stack.signIn();
    expect((await app.call('payeer-createOrder', body, user)).status).toBe(400);
  });

  test('nobody signed in is 401', async () => {
    const answer = await app.call('payeer-createOrder', { amount: 2500, ...returns });
    expect(answer.status).toBe(401);
  });
});
