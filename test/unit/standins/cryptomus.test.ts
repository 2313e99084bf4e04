import { startCryptomus, type CryptomusStandin } from '../../standins/cryptomus/server.ts';
import { signatureOf } from '../../standins/cryptomus/signature.ts';
import { listen, type Listener } from '../../standins/http.ts';

const KEY = 'key-standin';

let cryptomus: CryptomusStandin;
let hook: Listener;
let received: Record<string, unknown>[] = [];
let answer = 200;

beforeAll(async () => {
  cryptomus = await startCryptomus({ merchantId: 'merchant', paymentKey: KEY });
  hook = await listen(({ body }) => {
    received.push(JSON.parse(body) as Record<string, unknown>);
    return { status: answer };
  });
});

afterAll(async () => {
  await cryptomus.stop();
  await hook.stop();
});

beforeEach(() => {
  cryptomus.control.reset();
  received = [];
  answer = 200;
});

async function ask(path: string, parameters: object, key = KEY) {
  const body = JSON.stringify(parameters);
  const response = await fetch(cryptomus.origin + path, {
    method: 'POST',
    headers: { merchant: 'merchant', sign: signatureOf(body, key) },
    body,
  });
  const { state, result } = (await response.json()) as { state: number; result: unknown };
  return { status: response.status, state, result };
}

function make(changes: object = {}) {
  return cryptomus.control.make({
    order_id: 'order1',
    amount: '15.00',
    currency: 'USD',
    url_callback: hook.origin,
    ...changes,
  });
}

async function statuses(): Promise<unknown[]> {
  await cryptomus.control.idle();
  return received.map(({ status, is_final, payment_amount_usd }) => [
    status,
    is_final,
    payment_amount_usd,
  ]);
}

test('only what the merchant signed is answered', async () => {
  const wanted = { amount: '15.00', currency: 'USD', order_id: 'order1' };
  expect(await ask('/v1/payment', wanted, 'guessed')).toMatchObject({ status: 401, state: 1 });
  expect(await ask('/v1/payment', wanted)).toMatchObject({ status: 200, state: 0 });
  expect(await ask('/v1/nothing', wanted)).toMatchObject({ status: 404, state: 1 });
});

test.each([
  { amount: 15 },
  { amount: '15,00' },
  { currency: undefined },
  { order_id: 'a b' },
  { url_return: 'x' },
  { url_success: `https://example.com/${'x'.repeat(255)}` },
  { lifetime: 299 },
])('no invoice of %j', async (changes) => {
  const wanted = { amount: '15.00', currency: 'USD', order_id: 'order1', ...changes };
  expect(await ask('/v1/payment', wanted)).toMatchObject({ status: 422, state: 1 });
  expect(cryptomus.control.invoices()).toEqual([]);
});

test('an order id that is known returns the old invoice, whatever is asked', async () => {
  const old = make();
  const wanted = { amount: '99.00', currency: 'USD', order_id: 'order1' };
  expect((await ask('/v1/payment', wanted)).result).toEqual(old);
  expect((await ask('/v1/payment/info', { order_id: 'order1' })).result).toEqual(old);
  expect((await ask('/v1/payment/info', { uuid: old.uuid })).result).toEqual(old);
  expect((await ask('/v1/payment/info', { uuid: 'x' })).status).toBe(422);
});

test('paid in two parts, in one, in too much, not at all', async () => {
  cryptomus.control.pay(make().uuid, { cents: 500 });
  cryptomus.control.pay(make().uuid, { cents: 1000 });
  cryptomus.control.pay(make({ order_id: 'order2', is_payment_multiple: false }).uuid, {
    cents: 1,
  });
  cryptomus.control.pay(make({ order_id: 'order3' }).uuid, { cents: 1501 });
  cryptomus.control.expire(make({ order_id: 'order4' }).uuid);
  expect(await statuses()).toEqual([
    ['confirm_check', false, '5.00'],
    ['confirm_check', false, '15.00'],
    ['paid', true, '15.00'],
    ['confirm_check', false, '0.01'],
    ['wrong_amount', true, '0.01'],
    ['confirm_check', false, '15.01'],
    ['paid_over', true, '15.01'],
    ['cancel', true, '0.00'],
  ]);
});

interface Listed {
  readonly items: readonly { readonly order_id: string }[];
  readonly paginate: { readonly nextCursor: string | null };
}

test('invoices are listed by the time they were made, newest first, fifteen a page', async () => {
  for (let made = 1; made <= 31; made += 1) make({ order_id: `order${made}` });
  const pages: string[][] = [];
  let query = '';
  do {
    const { items, paginate } = (await ask(`/v1/payment/list${query}`, {})).result as Listed;
    pages.push(items.map(({ order_id }) => order_id));
    query = paginate.nextCursor === null ? '' : `?cursor=${paginate.nextCursor}`;
    // An invoice that is made meanwhile moves no page.
    if (pages.length === 1) make({ order_id: 'late' });
  } while (query !== '');
  expect(pages.map(({ length }) => length)).toEqual([15, 15, 1]);
  expect([pages[0]?.[0], pages[2]?.[0]]).toEqual(['order31', 'order1']);
  expect(await ask('/v1/payment/list?cursor=guessed', {})).toMatchObject({ status: 422, state: 1 });
});

test('a list has the invoices of a span of time in Moscow', async () => {
  const { uuid } = make();
  cryptomus.control.edit(uuid, { created_at: '2026-01-02T03:04:05+03:00' });
  const count = async (span: object) => {
    const { status, result } = await ask('/v1/payment/list', span);
    return status === 200 ? (result as Listed).items.length : status;
  };
  expect(await count({ date_from: '2026-01-02 3:04:05', date_to: '2026-01-02 03:04:05' })).toBe(1);
  expect(await count({ date_from: '2026-01-02 03:04:06' })).toBe(0);
  expect(await count({ date_to: '2026-01-02 03:04:04' })).toBe(0);
  expect(await count({ date_from: '2026-01-02T03:04:05Z' })).toBe(422);
});

test('a refund is asked for, runs, and ends', async () => {
  const { uuid } = make();
  const wanted = { uuid, address: 'TBuyer', is_subtract: true };
  await expect(ask('/v1/payment/refund', { uuid })).resolves.toMatchObject({ status: 422 });
  cryptomus.control.pay(uuid);
  await cryptomus.control.idle();
  received = [];
  expect(await ask('/v1/payment/refund', wanted)).toMatchObject({ state: 0, result: [] });
  cryptomus.control.endRefund(uuid, 'refund_fail');
  cryptomus.control.refund(uuid);
  cryptomus.control.endRefund(uuid);
  const told = (await statuses()).map((one) => (one as unknown[])[0]);
  expect(told).toEqual(['refund_process', 'refund_fail', 'refund_process', 'refund_paid']);
});

test('sent again only when something was reported, and ten times at most', async () => {
  const { uuid } = make();
  expect((await ask('/v2/payment/resend', { uuid })).status).toBe(422);
  cryptomus.control.pay(uuid);
  for (let times = 0; times < 10; times += 1) {
    expect((await ask('/v2/payment/resend', { uuid })).status).toBe(200);
  }
  expect((await ask('/v1/payment/resend', { uuid })).status).toBe(422);
  expect(await statuses()).toHaveLength(12);
});

test('a test notification changes no invoice', async () => {
  const { uuid } = make();
  const wanted = { url_callback: hook.origin, currency: 'USDT', network: 'tron', status: 'paid' };
  expect((await ask('/v1/test-webhook/payment', { ...wanted, uuid })).status).toBe(200);
  expect(await statuses()).toEqual([['paid', true, '15.00']]);
  expect(cryptomus.control.invoices()[0]?.status).toBe('check');
});

test('notifications can be held, repeated, turned around and dropped', async () => {
  cryptomus.control.hold(true);
  cryptomus.control.pay(make().uuid);
  expect(cryptomus.control.held().map(({ status }) => status)).toEqual(['confirm_check', 'paid']);
  answer = 503;
  const sent = await cryptomus.control.release({ order: 'reverse', copies: 2 });
  expect(sent.map((one) => [one.type, one.status])).toEqual([
    ['paid', 503],
    ['paid', 503],
    ['confirm_check', 503],
    ['confirm_check', 503],
  ]);
  cryptomus.control.pay(make({ order_id: 'order2' }).uuid);
  cryptomus.control.discard();
  expect(await cryptomus.control.release()).toEqual([]);
});
