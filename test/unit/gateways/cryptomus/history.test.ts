import { Misconfigured, Unavailable } from '../../../../functions/src/errors.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import { historyPages } from '../../../harness/history-pages.ts';
import { Bench, order, parkedFor, UUID } from './bench.ts';

const bench = new Bench();

const LIST = '/v1/payment/list';
const INFO = '/v1/payment/info';
const HOUR_MS = 3_600_000;

/** What is listed of the last hour. */
async function pages(until = new Date(), read: (readonly Reported[])[] = []) {
  const { history } = await bench.open(true);
  return historyPages(history, new Date(until.getTime() - HOUR_MS), until, read);
}

/** Orders with an invoice each; those with an odd number are paid. */
function makeMany(count: number): void {
  for (let made = 1; made <= count; made += 1) {
    const orderId = `many${made}`;
    bench.orders.set(orderId, { ...order, orderId });
    const { uuid } = bench.control.make({ order_id: orderId, amount: '12.50', currency: 'USD' });
    if (made % 2 === 1) bench.control.pay(uuid);
  }
}

/** What is answered in place of a page. */
function answer(items: unknown, paginate: unknown, times = 1): void {
  bench.control.fault({
    path: LIST,
    status: 200,
    body: { state: 0, result: { items, paginate } },
    times,
  });
}

test('what it says of itself', async () => {
  const { history } = await bench.open();
  expect(history).toMatchObject({
    kinds: ['payment', 'refund'],
    lagMs: 7 * 24 * HOUR_MS,
    everyMs: 6 * HOUR_MS,
  });
  expect(history?.reachMs).toBeGreaterThan(30 * 24 * HOUR_MS);
});

test('a payment and its refund are those of the webhook', async () => {
  bench.control.pay(UUID);
  const payment = await bench.movements('paid', { payment_amount_usd: '12.50' });
  expect(await pages()).toEqual([payment]);
  for (const movement of payment) bench.book(movement);
  bench.control.refund(UUID);
  bench.control.endRefund(UUID);
  const refund = await bench.movements('refund_paid');
  expect((await pages()).flat()).toMatchObject([{ id: UUID, amountCents: 1250 }, ...refund]);
});

test('the whole list in pages, each invoice from the list alone', async () => {
  makeMany(31);
  const found = await pages();
  expect(found.map(({ length }) => length)).toEqual([8, 7, 1]);
  const ids = found.flat().map((one) => ('orderId' in one ? one.orderId : one));
  expect(new Set(ids).size).toBe(16);
  expect(ids).toContain('many1');
  expect(bench.calls(LIST)).toBe(3);
  expect(bench.calls(INFO)).toBe(0);
});

test('an unpaid invoice costs no look at its order', async () => {
  const find = jest.spyOn(bench.orders, 'get');
  makeMany(4);
  await pages();
  expect(find.mock.calls).toEqual([['many3'], ['many1']]);
});

test('the span is wide enough for UTC and for UTC+3', async () => {
  const until = new Date('2026-01-02T03:00:00.500Z');
  await pages(until);
  expect(bench.control.requests().map(({ parameters }) => parameters)).toEqual([
    { date_from: '2026-01-02 02:00:00', date_to: '2026-01-02 06:00:01' },
  ]);
});

test('invoices of other times are not listed', async () => {
  bench.control.pay(UUID);
  bench.control.edit(UUID, { created_at: '2026-01-02T03:00:00+03:00' });
  expect((await pages()).flat()).toEqual([]);
  expect((await pages(new Date('2026-01-02T00:30:00Z'))).flat()).toMatchObject([{ id: UUID }]);
});

test.each([{ gateway: 'stripe' }, { mode: 'live' as const }, { gatewayRef: 'another invoice' }])(
  'an order of %j is not ours',
  async (changes) => {
    bench.control.pay(UUID);
    bench.orders.set(order.orderId, { ...order, ...changes });
    expect((await pages()).flat()).toEqual([]);
  },
);

test('an invoice that no order of ours has made is left out', async () => {
  bench.control.pay(UUID);
  for (const order_id of ['order2', null]) {
    bench.control.edit(UUID, { order_id: order_id as string });
    expect((await pages()).flat()).toEqual([]);
  }
  bench.control.edit(UUID, { order_id: 'order2', amount: null as unknown as string });
  expect((await pages()).flat()).toEqual([]);
  expect(bench.calls(INFO)).toBe(0);
});

describe('an invoice that cannot be read does not hide the others', () => {
  beforeEach(() => {
    makeMany(1);
    bench.control.pay(UUID);
  });

  test.each([
    [{ amount: '12.51' }, UUID],
    [{ amount: null }, UUID],
    [{ payment_status: 7, amount: null }, UUID],
    [{ order_id: 7 }, UUID],
    [{ uuid: 'x' }, 'order1'],
    [{ uuid: 'x', order_id: 7 }, undefined],
  ])('%j', async (patch, about) => {
    bench.control.edit(UUID, patch as object);
    const found = (await pages()).flat();
    expect(found).toHaveLength(2);
    expect(found).toContainEqual(expect.objectContaining({ orderId: 'many1' }));
    expect(found).toContainEqual(expect.objectContaining({ name: 'Unusable', about }));
  });

  test('too much was paid for it', async () => {
    bench.control.pay(UUID, { cents: 500 });
    const found = (await pages()).flat();
    expect(found).toHaveLength(3);
    expect(found).toContainEqual(expect.objectContaining({ id: UUID, amountCents: 1250 }));
    expect(found).toContainEqual(parkedFor('More was paid'));
  });
});

test('an invoice that the list shows in part is asked for by itself', async () => {
  bench.control.pay(UUID);
  const [item] = bench.control.invoices();
  answer([{ ...item, payment_status: undefined }], { nextCursor: null });
  expect((await pages()).flat()).toMatchObject([{ id: UUID }]);
  answer([{ ...item, payment_status: undefined }], { nextCursor: null });
  bench.control.fault({ path: INFO, status: 422 });
  expect((await pages()).flat()).toEqual([]);
  answer([{ ...item, payment_status: undefined }], { nextCursor: null });
  bench.control.fault({ path: INFO, status: 500 });
  await expect(pages()).rejects.toThrow(Unavailable);
});

test('an invoice on two pages is read once', async () => {
  bench.control.pay(UUID);
  const items = bench.control.invoices();
  answer([...items, ...items], { nextCursor: 'a' });
  answer(items, { nextCursor: null });
  expect((await pages()).map(({ length }) => length)).toEqual([1, 0]);
});

test('a list that begins anew ends, after its pages', async () => {
  bench.control.pay(UUID);
  const items = bench.control.invoices();
  for (const nextCursor of ['a', 'b', 'a']) answer(items, { nextCursor });
  const found: (readonly Reported[])[] = [];
  await expect(pages(new Date(), found)).rejects.toThrow(Unavailable);
  expect(found.map(({ length }) => length)).toEqual([1, 0, 0]);
  expect(bench.control.requests().map(({ cursor }) => cursor)).toEqual([undefined, 'a', 'b']);
});

describe('half a page is no page', () => {
  test.each([
    [undefined, { nextCursor: null }],
    [{}, { nextCursor: null }],
    [[], undefined],
    [[], {}],
    [[], { nextCursor: 7 }],
    [[], { nextCursor: '' }],
  ])('%j %j', async (items, paginate) => {
    answer(items, paginate);
    await expect(pages()).rejects.toThrow(Unavailable);
  });

  test.each([
    { status: 429 },
    { status: 500 },
    { status: 200, body: '{"state":0,"result":{"items":[' },
    { drop: true },
    { cutOff: true },
  ] as const)('%j', async (fault) => {
    makeMany(16);
    bench.control.fault({ path: LIST, ...fault });
    await expect(pages()).rejects.toThrow(Unavailable);
  });
});

test('a merchant that may not list is a matter of configuration', async () => {
  bench.control.fault({ path: LIST, status: 403 });
  await expect(pages()).rejects.toThrow(Misconfigured);
  bench.control.fault({ path: LIST, status: 401 });
  await expect(pages()).rejects.toThrow(Misconfigured);
});
