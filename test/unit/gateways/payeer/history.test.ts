import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { listen, type Listener } from '../../../standins/http.ts';
import { SHOP } from './bench.ts';
import { FIRST, Look, movementOf, OURS, SECOND } from './look.ts';

let look: Look;

beforeAll(async () => {
  look = await Look.start('same');
});

beforeEach(() => {
  look.reset();
  setEnvironment({ PAYEER_API_BOOKS: 'true' });
});

afterAll(() => look.stop());

/** The action of every call, in short. */
function calls(): (string | undefined)[] {
  return look.payeer.control
    .requests()
    .map(
      ({ action, referenceId, append }) => referenceId ?? (append ? `${action ?? ''} on` : action),
    );
}

function aboutOf(found: readonly Reported[]): (string | undefined)[] {
  return found.map((one) => (one instanceof Unusable ? one.about : undefined));
}

function lastOf(orderId: string) {
  const last = look.payeer.control.payments(orderId).at(-1);
  if (last === undefined) throw new Error(`${orderId} was not paid`);
  return last;
}

test('says what it shows, and how often it is worth a look', async () => {
  const { history } = await look.open();
  expect(history).toMatchObject({
    kinds: ['payment'],
    lagMs: 24 * 3_600_000,
    everyMs: 6 * 3_600_000,
  });
});

test('nothing was paid', async () => {
  expect(await look.list()).toEqual([]);
  await look.begin(FIRST);
  look.payeer.control.fail(FIRST);
  expect(await look.list()).toEqual([]);
  expect(calls()).not.toContain(FIRST);
});

test('payments are what an inquiry and a notification make of them', async () => {
  await look.pay(FIRST);
  const told = await look.tell();
  await look.pay(SECOND);
  const found = await look.list();
  expect(found).toEqual([...told, movementOf(SECOND, lastOf(SECOND).transactionId)]);
  expect(found[1]).toEqual((await look.inquire(SECOND))?.[0]);
  expect(await look.tell()).toEqual([found[1]]);
});

test('without PAYEER_API_BOOKS a payment that has no row is kept for a person', async () => {
  setEnvironment({ PAYEER_API_BOOKS: 'false' });
  await look.pay(FIRST);
  const told = await look.tell();
  await look.pay(SECOND);
  expect(await look.list()).toEqual([...told, expect.any(Unusable)]);
});

test('an order that was paid twice is asked about once', async () => {
  await look.pay(FIRST);
  look.payeer.control.pay(FIRST);
  expect(await look.list()).toHaveLength(2);
  expect(calls().filter((call) => call === FIRST)).toHaveLength(1);
});

test.each([1, 2, 3, 7])('in pages of %d it is all found, each once', async (size) => {
  for (const orderId of OURS) await look.pay(orderId);
  look.payeer.control.setPageSize(size);
  const found = await look.list();
  expect(found).toEqual(OURS.map((id) => movementOf(id, lastOf(id).transactionId)));
  expect(calls().filter((call) => OURS.includes(call ?? ''))).toEqual(OURS);
});

test('the span is told as clocks in Moscow show it, and kept to', async () => {
  await look.pay(FIRST);
  await look.list();
  expect(look.payeer.control.requests()[0]).toEqual({
    action: 'history',
    type: 'incoming',
    sort: 'asc',
    count: '1000',
    from: '2026-02-03 14:00:00',
    to: '2026-02-03 15:00:00',
  });
  expect(await look.list({}, new Date('2026-02-03T11:05:31Z'))).toHaveLength(1);
  expect(await look.list({}, new Date('2026-02-03T11:05:32Z'))).toEqual([]);
});

test.each<[string, Record<string, unknown>]>([
  ['of another shop', { shopId: '5' }],
  ['of another shop, told in one place', { shopId: null, shop: { id: '5', orderid: FIRST } }],
  ['a transfer', { type: 'transfer' }],
  ['not complete', { status: 'processing' }],
  ['canceled', { status: 'canceled' }],
  ['of an order that is not ours', { shopOrderId: '5' }],
])('a transaction that is %s is left out in silence', async (_name, transaction) => {
  await look.pay(FIRST);
  look.payeer.control.edit(FIRST, { transaction });
  await look.pay(SECOND);
  expect(await look.list()).toEqual([movementOf(SECOND, lastOf(SECOND).transactionId)]);
  expect(calls()).not.toContain(FIRST);
});

test('the shop and the order may be told in one place', async () => {
  await look.pay(FIRST);
  const shop = { id: Number(SHOP), orderid: FIRST };
  look.payeer.control.edit(FIRST, { transaction: { shopId: null, shopOrderId: null, shop } });
  expect(await look.list()).toHaveLength(1);
});

test.each<[string, Record<string, unknown>]>([
  ['names no order', { shopOrderId: null, shop: null }],
  ['names no shop and no order', { shopId: {}, shopOrderId: [], shop: [] }],
  ['has no kind, and names no order', { type: null, shopOrderId: null, shop: null }],
])('a transaction that %s is kept, beside the others', async (_name, transaction) => {
  await look.pay(FIRST);
  look.payeer.control.edit(FIRST, { transaction });
  await look.pay(SECOND);
  const found = await look.list();
  expect(aboutOf(found)).toEqual([lastOf(FIRST).profitId, undefined]);
  expect(found[1]).toMatchObject({ orderId: SECOND });
});

test('a payment of the history that its order does not show is kept for a person', async () => {
  await look.pay(FIRST);
  look.payeer.control.edit(FIRST, { details: { processed: null, processed_ts: null } });
  expect(aboutOf(await look.list())).toEqual([lastOf(FIRST).profitId]);
});

test('orders that are not ours are not asked about', async () => {
  await look.pay(FIRST);
  expect(await look.list({ orders: [] })).toEqual([]);
  expect(await look.list({ mode: 'live' })).toEqual([]);
  expect(calls()).not.toContain(FIRST);
});

test('a look that must change nothing finds the same', async () => {
  await look.pay(FIRST);
  expect(await look.list({ isReadOnly: true })).toEqual(await look.list());
});

test.each([
  ['an error', { status: 500 }],
  ['too many requests', { status: 429 }],
  ['half an answer', { cutOff: true as const }],
])('%s is no empty history', async (_name, fault) => {
  await look.pay(FIRST);
  look.payeer.control.fault({ match: 'POST /ajax', ...fault });
  await expect(look.list()).rejects.toThrow(Unavailable);
  expect(await look.list()).toHaveLength(1);
});

test('what was said before Payeer failed is complete', async () => {
  for (const orderId of [FIRST, SECOND]) await look.pay(orderId);
  const { history } = await look.open();
  const found: Reported[] = [];
  const listing = async () => {
    const [since, until] = [new Date('2026-02-03T11:00:00Z'), new Date('2026-02-03T12:00:00Z')];
    for await (const page of history?.list(since, until) ?? []) {
      found.push(...page);
      look.payeer.control.fault({ match: 'POST /ajax', status: 429 });
    }
  };
  await expect(listing()).rejects.toThrow(Unavailable);
  expect(found).toEqual([movementOf(FIRST, lastOf(FIRST).transactionId)]);
});

describe('an API that answers something else', () => {
  let api: Listener;
  let answers: unknown[];
  let asked: URLSearchParams[];

  beforeAll(async () => {
    api = await listen((call) => {
      asked.push(new URLSearchParams(call.body));
      if (asked.length > 20) throw new Error('asked without end');
      return { status: 200, body: answers[Math.min(asked.length, answers.length) - 1] };
    });
    setEnvironment({ PAYEER_API_URL: `${api.origin}/ajax/api/api.php` });
  });

  beforeEach(() => {
    asked = [];
  });

  afterAll(async () => {
    setEnvironment({ PAYEER_API_URL: `${look.payeer.origin}/ajax/api/api.php` });
    await api.stop();
  });

  const good = { auth_error: '0', errors: [] };

  test.each<[string, unknown]>([
    ['a page', '<html>'],
    ['half of it', '{"auth_error":"0","errors":[],"hist'],
    ['nothing', ''],
    ['no word on errors', { auth_error: '0', history: {} }],
    ['no word on the user', { errors: [], history: {} }],
    ['no history', good],
    ['a history that is a text', { ...good, history: 'none' }],
    ['an error', { ...good, errors: ['invalid format'], history: {} }],
    ['an error that is a text', { ...good, errors: 'try again', history: {} }],
  ])('%s is no answer', async (_name, answer) => {
    answers = [answer];
    await expect(look.list()).rejects.toThrow(Unavailable);
    expect(asked).toHaveLength(1);
  });

  test.each([[[]], [{}], [false], [null], [''], ['0'], [0], ['false']])(
    'the errors %j are none',
    async (errors) => {
      answers = [{ auth_error: 0, errors, history: [] }];
      expect(await look.list()).toEqual([]);
    },
  );

  test.each(['1', 1, '2'])('auth_error %j is a refusal', async (auth_error) => {
    answers = [{ auth_error, errors: ['IP 1.2.3.4 does not satisfy the security settings'] }];
    await expect(look.list()).rejects.toThrow(Misconfigured);
  });

  test.each<[string, unknown]>([
    ['success and no list', { ...good, success: true }],
    ['no success and no list', { ...good, success: false }],
    ['an empty list', { ...good, success: true, items: [] }],
    ['null', { ...good, success: true, items: null }],
  ])('%s for an order: it was not paid', async (_name, answer) => {
    answers = [answer];
    expect(await look.inquire(FIRST)).toEqual([]);
  });

  const transfer = (id: number) => ({ id, type: 'transfer', status: 'success' });
  const full = Array.from({ length: 1000 }, (_, index) => transfer(index + 1));

  test('the same full page again and again is not all', async () => {
    answers = [{ ...good, history: full }];
    await expect(look.list()).rejects.toThrow(Unavailable);
    expect(asked).toHaveLength(2);
  });

  test('the same short page again is the end', async () => {
    answers = [{ ...good, history: [transfer(1), transfer(2)] }];
    expect(await look.list()).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  test('unreadable entries again and again are the end, too', async () => {
    answers = [{ ...good, history: [7, { id: {}, type: 'sci', status: 'success' }] }];
    expect(aboutOf(await look.list())).toEqual(['history', 'history']);
    expect(asked).toHaveLength(2);
  });

  test('a page goes on after the greatest id, whatever its order', async () => {
    answers = [
      { ...good, history: [transfer(9), transfer(11), transfer(10)] },
      { ...good, history: {} },
    ];
    await look.list();
    expect(asked.map((form) => form.get('append'))).toEqual([null, '11']);
  });
});
