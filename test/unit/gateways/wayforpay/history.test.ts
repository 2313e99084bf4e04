import { Misconfigured, Unavailable } from '../../../../functions/src/errors.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { historyPages } from '../../../harness/history-pages.ts';
import { orderOf } from '../../../harness/orders.ts';
import { listen, type Listener, type Reply } from '../../../standins/http.ts';
import type { WayforpayStandin } from '../../../standins/wayforpay/server.ts';
import { open, openWith, ORDER, startStandin } from './bench.ts';

const DAY_MS = 24 * 3_600_000;

let wayforpay: WayforpayStandin;
let orders: Order[];
let front: Listener | undefined;

const order = orderOf({ orderId: ORDER, gateway: 'wayforpay', amountCents: 1250 });

beforeEach(async () => {
  orders = [order];
  wayforpay = await startStandin();
});

afterEach(async () => {
  await wayforpay.stop();
  await front?.stop();
  front = undefined;
});

/** What is listed of the last hour. */
async function pages(
  since = new Date(Date.now() - DAY_MS / 24),
  until = new Date(),
  read: (readonly Reported[])[] = [],
) {
  return historyPages((await openWith(...orders)).history, since, until, read);
}

function pay(orderId = ORDER, cents = 1250): void {
  wayforpay.control.createForeignOrder(orderId, cents);
  wayforpay.control.pay(orderId);
}

function asked(type: string): Record<string, unknown>[] {
  return wayforpay.control.requests().filter(({ transactionType }) => transactionType === type);
}

/**
 * Answers lists in place of the stand-in, which answers the rest.
 * @param broken an order whose status is answered with `brokenReply`.
 */
async function answerLists(
  reply: Reply,
  broken?: string,
  brokenReply: Reply = { status: 500 },
): Promise<void> {
  front = await listen(async ({ body }) => {
    if (body.includes('TRANSACTION_LIST')) return reply;
    if (broken !== undefined && body.includes(broken)) return brokenReply;
    const answer = await fetch(`${wayforpay.origin}/api`, { method: 'POST', body });
    return { status: answer.status, body: await answer.text() };
  });
  setEnvironment({ WAYFORPAY_API_URL: `${front.origin}/api` });
}

function listOf(transactionList: unknown, reasonCode = 1100): Reply {
  return { status: 200, body: { reason: 'Ok', reasonCode, transactionList } };
}

test('what it says of itself', async () => {
  expect((await open()).history).toMatchObject({
    kinds: ['payment', 'refund'],
    lagMs: 2 * DAY_MS,
    everyMs: DAY_MS / 4,
  });
  expect((await open()).history?.reachMs).toBeGreaterThan(31 * DAY_MS);
});

test('payments and refunds are those that are found by asking', async () => {
  pay();
  const gateway = await openWith(order);
  const ask = () => gateway.inquire?.({ orderId: ORDER, ref: null, paymentId: null });
  expect(await pages()).toEqual([await ask()]);
  wayforpay.control.refund(ORDER, 500);
  const [found] = await pages();
  expect(found).toMatchObject([{ amountCents: 1250 }, { id: `${ORDER}_refund_500` }]);
  expect(found).toEqual(await ask());
});

test('an order with many transactions is asked for once', async () => {
  pay();
  wayforpay.control.refund(ORDER, 500);
  wayforpay.control.refund(ORDER, 300);
  expect((await pages()).flat()).toHaveLength(2);
  expect(asked('CHECK_STATUS')).toHaveLength(1);
});

test('many orders come in pages of ten', async () => {
  for (let made = 0; made < 21; made += 1) {
    const orderId = `many${made}`;
    orders.push({ ...order, orderId });
    pay(orderId);
  }
  const found = await pages();
  expect(found.map(({ length }) => length)).toEqual([10, 10, 1]);
  const ids = found.flat().map((one) => ('id' in one ? one.id : one));
  expect(new Set(ids)).toEqual(new Set(orders.slice(1).map(({ orderId }) => orderId)));
});

test('what moved nothing, or is not ours, is not asked for', async () => {
  wayforpay.control.createForeignOrder(ORDER, 1250);
  for (const status of ['Created', 'Pending', 'Declined', 'Expired'] as const) {
    wayforpay.control.become(ORDER, status);
    expect(await pages()).toEqual([]);
  }
  pay('of-others');
  pay('live');
  orders.push({ ...order, orderId: 'live', mode: 'live' });
  expect((await pages()).flat()).toEqual([]);
  expect(asked('CHECK_STATUS')).toEqual([]);
});

test('a long time is asked for in days, and each order once', async () => {
  pay();
  const until = new Date(Math.ceil(Date.now() / 1000) * 1000);
  const since = new Date(until.getTime() - 2.5 * DAY_MS);
  expect((await pages(since, until)).flat()).toHaveLength(1);
  const spans = asked('TRANSACTION_LIST').map(({ dateBegin, dateEnd }) => [dateBegin, dateEnd]);
  const [start, day] = [since.getTime() / 1000, DAY_MS / 1000];
  expect(spans).toEqual([
    [start, start + day],
    [start + day, start + 2 * day],
    [start + 2 * day, start + 2.5 * day],
  ]);
});

test('a part of a second is not left out', async () => {
  await pages(new Date(1_500), new Date(2_500));
  expect(asked('TRANSACTION_LIST')).toMatchObject([{ dateBegin: 1, dateEnd: 3 }]);
});

test('an order at the border of two days is asked for once', async () => {
  pay();
  await answerLists(listOf([{ orderReference: ORDER, transactionStatus: 'Approved' }]));
  const found = await pages(new Date(Date.now() - 2 * DAY_MS));
  expect(found.map(({ length }) => length)).toEqual([1]);
});

describe('an entry that cannot be read does not hide the others', () => {
  test.each([[{}], [{ orderReference: null }], [{ orderReference: '' }], ['x'], [null]])(
    '%j',
    async (entry) => {
      pay();
      await answerLists(listOf([entry, { orderReference: ORDER }]));
      expect((await pages()).flat()).toMatchObject([{ name: 'Unusable' }, { id: ORDER }]);
    },
  );

  test.each([undefined, null, 7, 'Chargeback', 'constructor'])(
    'the status %j is looked up',
    async (transactionStatus) => {
      pay();
      await answerLists(listOf([{ orderReference: ORDER, transactionStatus }]));
      expect((await pages()).flat()).toMatchObject([{ id: ORDER }]);
    },
  );

  test('an order that is paid with another amount', async () => {
    pay(ORDER, 1251);
    pay('order2');
    orders.push({ ...order, orderId: 'order2' });
    expect((await pages()).flat()).toMatchObject([
      { name: 'Unusable', about: ORDER },
      { id: 'order2' },
    ]);
  });

  test('an order that WayForPay lists and does not know', async () => {
    await answerLists(listOf([{ orderReference: ORDER }]));
    expect((await pages()).flat()).toEqual([]);
    expect(asked('CHECK_STATUS')).toHaveLength(1);
  });
});

describe('half a list is no list', () => {
  test.each([
    listOf(undefined),
    listOf({}),
    listOf('x'),
    listOf([], 1131),
    { status: 200, body: { transactionList: [] } },
    { status: 200, body: '{"reasonCode":1100,"transactionList":[' },
    { status: 200, body: '' },
  ])('%j', async (reply) => {
    await answerLists(reply);
    await expect(pages()).rejects.toThrow(Unavailable);
  });

  test.each([{ status: 429 }, { status: 500 }, { drop: true }, { cutOff: true }] as const)(
    '%j',
    async (fault) => {
      pay();
      wayforpay.control.fault({ match: 'POST /api', ...fault });
      await expect(pages()).rejects.toThrow(Unavailable);
    },
  );
});

test('when an order cannot be asked for, the pages before it are whole', async () => {
  for (let made = 0; made < 11; made += 1) {
    orders.push({ ...order, orderId: `many${made}` });
    pay(`many${made}`);
  }
  const listed = orders.slice(1).map(({ orderId }) => ({ orderReference: orderId }));
  await answerLists(listOf(listed), 'many10');
  const found: (readonly Reported[])[] = [];
  await expect(pages(undefined, undefined, found)).rejects.toThrow(Unavailable);
  expect(found.map(({ length }) => length)).toEqual([10]);
});

test('an order whose status is not signed ends the list after all others', async () => {
  orders.push({ ...order, orderId: 'odd' });
  pay();
  const listed = ['odd', ORDER].map((orderReference) => ({ orderReference }));
  await answerLists(listOf(listed), 'odd', { status: 200, body: { reasonCode: 1109 } });
  const found: (readonly Reported[])[] = [];
  await expect(pages(undefined, undefined, found)).rejects.toThrow(Unavailable);
  expect(found.flat()).toMatchObject([{ id: ORDER }]);
});

test.each([1113, 1117, 1118, 1121])('the refusal %i is ours to fix', async (reasonCode) => {
  await answerLists({ status: 200, body: { reason: 'No', reasonCode } });
  await expect(pages()).rejects.toThrow(Misconfigured);
});

test('a list may be far larger than other answers', async () => {
  pay();
  const entry = { orderReference: 'of-others', reason: 'x'.repeat(500) };
  await answerLists(listOf([...Array<object>(3_000).fill(entry), { orderReference: ORDER }]));
  expect((await pages()).flat()).toMatchObject([{ id: ORDER }]);
});
