import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { openGateway } from '../../../../functions/src/gateways/anypay/gateway.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import type { Payment } from '../../../standins/anypay/ledger.ts';
import type { AnypayStandin } from '../../../standins/anypay/server.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { listen, type Listener } from '../../../standins/http.ts';
import { openFor, PAYMENT, startStandin } from './bench.ts';

/** The orders of this deployment. */
const OURS = Array.from({ length: 7 }, (_, index) => String(261023000012345 + index));
const [FIRST = '', SECOND = ''] = OURS;
/** The stand-in's payments are made at 09:01:30. */
const SINCE = new Date('2026-10-23T08:00:00Z');
const UNTIL = new Date('2026-10-23T09:02:00Z');

let anypay: AnypayStandin;

beforeAll(async () => {
  anypay = await startStandin('sha256');
});

beforeEach(() => {
  anypay.control.reset();
});

afterAll(() => anypay.stop());

async function pages(isReadOnly = false, orders = OURS): Promise<(readonly Reported[])[]> {
  const { history } = await openFor(orders, isReadOnly);
  const found: (readonly Reported[])[] = [];
  for await (const page of history?.list(SINCE, UNTIL) ?? []) found.push(page);
  return found;
}

async function list(isReadOnly = false, orders = OURS): Promise<Reported[]> {
  return (await pages(isReadOnly, orders)).flat();
}

/** A payment of an order; its id counts from 73000001 on, as the orders do. */
function pay(payId: string, change: Partial<Payment> = {}): void {
  const id = 73000001 + OURS.indexOf(payId);
  anypay.control.createForeignPayment(payId, 25, 'USD', String(id));
  anypay.control.pay(payId);
  anypay.control.edit(payId, change);
}

async function inquire(payId: string) {
  const gateway = await openFor(OURS);
  return gateway.inquire?.({ orderId: payId, ref: payId, paymentId: null });
}

/** What each of them is about. */
function idsOf(found: readonly Reported[]): (string | undefined)[] {
  return found.map((one) => {
    if (one instanceof Unusable) return one.about;
    return 'id' in one ? one.id : undefined;
  });
}

test('says what it shows, and how often it is worth a look', async () => {
  const { history } = await openFor(OURS);
  expect(history).toMatchObject({
    kinds: ['payment', 'refund'],
    lagMs: 3_600_000,
    everyMs: 3_600_000,
  });
});

test('nothing was paid', async () => {
  expect(await list()).toEqual([]);
  anypay.control.createForeignPayment(FIRST, 25);
  expect(await list()).toEqual([]);
  anypay.control.become(FIRST, 'expired');
  expect(await list()).toEqual([]);
});

test('orders are looked up where money may have moved', async () => {
  const asked: string[] = [];
  const orders = {
    find: async (payId: string) => {
      asked.push(payId);
      return undefined;
    },
  };
  const { history } = await openGateway({ orders });
  pay(FIRST);
  anypay.control.createForeignPayment(SECOND, 25);
  for await (const page of history?.list(SINCE, UNTIL) ?? []) expect(page).toEqual([]);
  expect(asked).toEqual([FIRST]);
});

test('a payment and a refund are what an inquiry finds', async () => {
  pay(FIRST);
  pay(SECOND);
  anypay.control.become(SECOND, 'refund');
  const found = await list();
  expect(idsOf(found)).toEqual(['73000001', '73000002', '73000002_refund']);
  expect(found[0]).toMatchObject(PAYMENT);
  expect(found).toEqual([...((await inquire(FIRST)) ?? []), ...((await inquire(SECOND)) ?? [])]);
});

test.each([1, 2, 3, 6, 7])('in parts of %d it is all found, each once', async (size) => {
  for (const payId of OURS) pay(payId);
  anypay.control.setPageSize(size);
  expect(idsOf(await list())).toEqual(OURS.map((_, index) => String(73000001 + index)));
  const offsets = anypay.control.requests().map(({ offset }) => Number(offset));
  expect(offsets).toEqual(Array.from({ length: Math.ceil(7 / size) }, (_, part) => part * size));
});

test('one call is enough for few payments', async () => {
  pay(FIRST);
  expect(await list()).toHaveLength(1);
  expect(anypay.control.requests()).toEqual([{ project_id: '14077', offset: '0' }]);
});

test('the second payment of an order is marked, in whatever part it stands', async () => {
  for (const payId of OURS) pay(payId);
  anypay.control.createForeignPayment(FIRST, 25, 'USD', '73000099');
  anypay.control.pay(FIRST);
  anypay.control.setPageSize(2);
  const found = await list();
  const second = found.find((one) => 'id' in one && one.id === '73000099');
  expect(second).toMatchObject({ notice: expect.stringContaining('paid twice') as unknown });
  expect(found.filter((one) => 'notice' in one)).toHaveLength(1);
});

test('many orders come page by page, and none is lost between', async () => {
  const many = Array.from({ length: 45 }, (_, index) => String(300000000000000 + index));
  for (const payId of many) {
    anypay.control.createForeignPayment(payId, 25);
    anypay.control.pay(payId);
  }
  const found = await pages(false, many);
  expect(found.map((page) => page.length)).toEqual([20, 20, 5]);
  expect(found.flat().map((one) => 'orderId' in one && one.orderId)).toEqual(many);
});

test('payments of orders that are not ours are left out in silence', async () => {
  pay(FIRST);
  anypay.control.createForeignPayment('5', 25);
  anypay.control.pay('5');
  expect(idsOf(await list())).toEqual(['73000001']);
  expect(await list(false, [])).toEqual([]);
});

test('what cannot be booked stands beside the others, and says what it is about', async () => {
  const changes: Partial<Payment>[] = [
    {},
    { amount: null as never },
    { amount: 5 },
    { currency: 'RUB' },
    { status: 'partially-paid' },
    { status: 'chargeback' as never },
  ];
  changes.forEach((change, index) => {
    pay(OURS[index] ?? '', change);
  });
  const found = await list();
  expect(idsOf(found)).toEqual(changes.map((_, index) => String(73000001 + index)));
  expect(found.map((one) => one instanceof Unusable)).toEqual(changes.map((_, index) => index > 0));
});

describe('how far back', () => {
  const at = (time: string) => ({ date: time, pay_date: time });

  test.each([
    ['22.10.2026 23:00:01', 1],
    ['22.10.2026 22:59:59', 0],
  ])('a payment of %s, half a day before, is seen %d times', async (time, times) => {
    pay(FIRST, at(time));
    expect(await list()).toHaveLength(times);
  });

  test.each([
    ['22.09.2026 23:00:01', 2],
    ['22.09.2026 22:59:59', 0],
  ])('the refund of a payment of %s makes %d movements', async (time, movements) => {
    pay(FIRST, at(time));
    anypay.control.become(FIRST, 'refund');
    expect(await list()).toHaveLength(movements);
  });

  test.each([
    ['24.10.2026 00:01:59', 1],
    ['24.10.2026 00:02:00', 0],
  ])('a payment of %s, half a day after, is seen %d times', async (time, times) => {
    pay(FIRST, at(time));
    expect(await list()).toHaveLength(times);
    anypay.control.become(FIRST, 'refund');
    expect(await list()).toHaveLength(times * 2);
  });

  test('the time of the payment counts, not when it was begun', async () => {
    pay(FIRST, { date: '01.01.2026 00:00:00' });
    expect(await list()).toHaveLength(1);
  });

  test('a time that cannot be read hides nothing', async () => {
    pay(FIRST, at('yesterday'));
    pay(SECOND, { ...at(null as never), amount: null as never });
    expect(idsOf(await list())).toEqual(['73000001', '73000002']);
  });

  test('an old payment that cannot be read is not told again and again', async () => {
    pay(FIRST, { ...at('01.01.2026 00:00:00'), amount: null as never });
    expect(await list()).toEqual([]);
  });
});

test('a look that must change nothing finds the same', async () => {
  pay(FIRST);
  pay(SECOND);
  anypay.control.become(SECOND, 'refund');
  const before = [FIRST, SECOND].map((payId) => anypay.control.payments(payId));
  expect(await list(true)).toEqual(await list());
  expect([FIRST, SECOND].map((payId) => anypay.control.payments(payId))).toEqual(before);
});

test.each<[number, new (message: string) => Error]>([
  [101, Misconfigured],
  [104, Misconfigured],
  [105, Unavailable],
])('error %d of the API', async (code, error) => {
  anypay.control.refuse(code);
  await expect(list()).rejects.toThrow(error);
});

test.each([
  ['an error', { status: 500 }],
  ['too many requests', { status: 429 }],
  ['half an answer', { cutOff: true as const }],
])('%s is no empty list', async (_name, fault) => {
  pay(FIRST);
  anypay.control.fault({ match: 'GET /api', ...fault });
  await expect(list()).rejects.toThrow(Unavailable);
  expect(await list()).toHaveLength(1);
});

describe('an API that answers something else', () => {
  let api: Listener;
  let answers: unknown[];
  let calls: number;
  /** The call that is answered with an error of this status. */
  let failing: { readonly call: number; readonly status: number } | undefined;

  beforeAll(async () => {
    api = await listen(() => {
      calls += 1;
      if (calls > 50) throw new Error('asked without end');
      if (failing?.call === calls) return { status: failing.status, body: { error: 'ordered' } };
      return { status: 200, body: answers[Math.min(calls, answers.length) - 1] };
    });
    setEnvironment({ ANYPAY_API_URL: `${api.origin}/api` });
  });

  beforeEach(() => {
    calls = 0;
    failing = undefined;
  });

  afterAll(async () => {
    setEnvironment({ ANYPAY_API_URL: `${anypay.origin}/api` });
    await api.stop();
  });

  const entry = (index: number, change: object = {}) => ({
    transaction_id: 73000001 + index,
    pay_id: Number(OURS[index]),
    status: 'paid',
    amount: 25,
    currency: 'USD',
    pay_date: '23.10.2026 12:01:30',
    ...change,
  });
  const part = (total: unknown, ...payments: unknown[]) => ({ result: { total, payments } });

  test.each<[string, unknown]>([
    ['no total', { result: { payments: [] } }],
    ['a total that is a text', part('many', entry(0))],
    ['no list', { result: { total: 0 } }],
    ['a list that is a text', { result: { total: 0, payments: 'none' } }],
    ['entries that name no order', part(1, entry(0, { pay_id: null }))],
    ['a page', '<html>'],
    ['half of it', '{"result":{"total":1,"paym'],
  ])('%s is no answer', async (_name, answer) => {
    answers = [answer];
    await expect(list()).rejects.toThrow(Unavailable);
  });

  test.each([429, 500])('%d in the second part: the first is not taken for all', async (status) => {
    answers = [part(2, entry(0)), part(2, entry(1))];
    failing = { call: 2, status };
    await expect(list()).rejects.toThrow(Unavailable);
    calls = 0;
    failing = undefined;
    expect(await list()).toHaveLength(2);
  });

  test('the same part again and again is not all', async () => {
    answers = [part(4, entry(0), entry(1))];
    await expect(list()).rejects.toThrow(Unavailable);
    expect(calls).toBe(2);
  });

  test('an unreadable entry again and again is not all, either', async () => {
    answers = [part(4, entry(0, { transaction_id: 'x' }))];
    await expect(list()).rejects.toThrow(Unavailable);
    expect(calls).toBe(2);
  });

  test('an end before the total is not all', async () => {
    answers = [part(4, entry(0), entry(1)), { result: { total: 4, payments: null } }];
    await expect(list()).rejects.toThrow(Unavailable);
  });

  test('a part of entries that name no order hides no other', async () => {
    const nameless = entry(2, { pay_id: null });
    answers = [part(3, entry(0), entry(1)), part(3, nameless)];
    expect(await list()).toHaveLength(2);
    calls = 0;
    answers = [part(3, nameless), part(3, entry(0), entry(1))];
    expect(await list()).toHaveLength(2);
    calls = 0;
    answers = [part(3, nameless)];
    await expect(list()).rejects.toThrow(Unavailable);
    expect(calls).toBeLessThan(5);
  });

  test('a full list whose offset is ignored is all', async () => {
    const others = Array.from({ length: 999 }, (_, index) => ({
      ...entry(0),
      transaction_id: 90000000 + index,
      pay_id: 1000 + index,
    }));
    answers = [part(1000, entry(0), ...others)];
    expect(idsOf(await list())).toEqual(['73000001']);
    expect(calls).toBe(2);
  });

  test('a payment that is made meanwhile moves the others, and each is told once', async () => {
    answers = [part(3, entry(2), entry(1)), part(4, entry(1), entry(0))];
    expect(idsOf(await list())).toEqual(['73000003', '73000002', '73000001']);
  });

  test('an entry of this order without a readable id is named by the order', async () => {
    answers = [part(2, entry(0, { transaction_id: null }), entry(1))];
    const found = await list();
    expect(found.map((one) => one instanceof Unusable)).toEqual([true, false]);
    expect(idsOf(found)).toEqual([FIRST, '73000002']);
  });
});
