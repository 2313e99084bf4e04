import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { StackClient, type User } from '../../scripts/stack/client.ts';
import { hostedUrl, origin, ports } from '../../scripts/stack/values.ts';
import { existing } from '../harness/existing.ts';

/** The addresses that gateways and apps are given, through the official Hosting emulator. */

jest.setTimeout(120_000);

const client = new StackClient(String(process.env['FIRESTORE_EMULATOR_HOST']));
afterAll(() => client.close());

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Calls a function through Hosting as an app does. */
async function call(name: string, init: RequestInit, user?: User): Promise<Answered> {
  const headers = {
    'content-type': 'application/json',
    ...(user && { authorization: `Bearer ${user.token}` }),
  };
  const response = await fetch(hostedUrl(name), { ...init, headers });
  const { status } = response;
  const body = (await response.json()) as Record<string, unknown>;
  return { status, headers: response.headers, body };
}

/** Sends an event through Hosting as a gateway does. */
async function report(gateway: string, body: string, headers: Record<string, string>) {
  const url = hostedUrl(`${gateway}-handleWebhookEvents`);
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

async function orderByStripe(user: User): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ amount: 1500 });
  const { status, body: answer } = await call(
    'stripe-getPaymentIntent',
    { method: 'POST', body },
    user,
  );
  expect(status).toBe(200);
  return answer;
}

test('Stripe: an order, its signed event and its payment, each under /api', async () => {
  const user = await client.signIn();
  const { id, order_id: orderId } = await orderByStripe(user);
  await client.stripe.hold(true);
  await client.stripe.confirm(String(id));
  const events = await client.stripe.events();
  await client.stripe.discard();
  await client.stripe.hold(false);
  const event = existing(
    events.findLast(({ type }) => type === 'payment_intent.amount_capturable_updated'),
  );
  const { body, header } = await client.stripe.signed(JSON.stringify(event, null, 2));
  const headers = { 'content-type': 'application/json', 'stripe-signature': header };
  expect(await report('stripe', `${body} `, headers)).toMatchObject({ status: 401 });
  expect(await report('stripe', body, headers)).toMatchObject({ status: 200 });

  const paid = await call(`app-getPayment?order_id=${String(orderId)}`, { method: 'GET' }, user);
  expect(paid).toMatchObject({ status: 200, body: { status: 'paid' } });
  expect(paid.headers.get('cache-control')).toBe('no-store');
});

test('WayForPay: the bytes of an event in a form’s clothes arrive as they were signed', async () => {
  const user = await client.signIn();
  const returns = { url_return: 'http://localhost:3000/a', url_success: 'http://localhost:3000/b' };
  await client.call('wayforpay-createPayment', { amount: 1250, ...returns }, user);
  await client.wayforpay.hold(true);
  await client.wayforpay.pay(await client.lastOrder(user));
  const { body, contentType } = existing((await client.wayforpay.notices()).at(-1));
  await client.wayforpay.discard();
  await client.wayforpay.hold(false);
  expect(contentType).toBe('application/x-www-form-urlencoded');
  const answer = await report('wayforpay', body, { 'content-type': contentType });
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([200, { status: 'accept' }]);
  expect(await client.rows(user)).toMatchObject([{ kind: 'payment', amount: 1250 }]);
});

test('PayPal: the headers that are signed arrive', async () => {
  const { body, headers } = await client.paypal.signed({ id: 'WH-1', event_type: 'OTHER' });
  expect(await report('paypal', body, headers)).toMatchObject({ status: 200 });
  const changed = body.replace('OTHER', 'OTHEL');
  expect(await report('paypal', changed, headers)).toMatchObject({ status: 401 });
});

test('a page of another origin is told that it may call', async () => {
  const response = await fetch(hostedUrl('app-getBalance'), {
    method: 'OPTIONS',
    headers: {
      origin: 'http://localhost:3000',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  });
  expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
});

test('answers about money are kept by no cache, refusals included; the public keys may be', async () => {
  const user = await client.signIn();
  const cacheOf = async (name: string, who?: User) =>
    (await call(name, { method: 'GET' }, who)).headers.get('cache-control');
  expect(await cacheOf('app-getBalance', user)).toBe('no-store');
  expect(await cacheOf('app-getBalance')).toBe('no-store');
  expect(await cacheOf('app-getPayment?order_id=unknown', user)).toBe('no-store');
  expect(await cacheOf('app-getTransactions?page=2&limit=5', user)).toBe('no-store');
  expect(await cacheOf('stripe-handleWebhookEvents')).toBe('no-store');
  expect(await cacheOf('app-getPublicKeys')).toBe('public, max-age=300');
  const keys = await fetch(hostedUrl('app-getPublicKeys'), {
    headers: { origin: 'http://localhost:3000' },
  });
  expect(keys.headers.get('vary')).toContain('Origin');
});

test('an account is deleted through Hosting, too', async () => {
  const user = await client.signIn();
  const { status } = await call('app-deleteCustomer', { method: 'DELETE' }, user);
  expect(status).toBe(200);
});

test.each([
  ['/'],
  ['/api'],
  ['/api/stripeWebhook'],
  ['/api/store/payments/wayforpay/webhook'],
  ['/api/stripe-handleWebhookEvents/more'],
  ['/api/staff-find'],
  ['/api/stripe-reconcile'],
  ['/api/payeer-handleWebhookEvents'],
  ['/api/anypay-handleWebhookEvents'],
])('%s is not found, whatever is sent', async (path) => {
  expect([await statusOf('GET', path), await statusOf('POST', path)]).toEqual([404, 404]);
});

/** Not by `fetch`, whose answers the suite compares with those that the functions document. */
async function statusOf(method: string, path: string): Promise<number | undefined> {
  const sent = request(`${origin(ports.hosting)}${path}`, { method });
  sent.end(method === 'POST' ? 'm_status=success' : undefined);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}
