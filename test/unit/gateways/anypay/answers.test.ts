import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { AnypayApi } from '../../../../functions/src/gateways/anypay/api.ts';
import { readConfig } from '../../../../functions/src/gateways/anypay/config.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { listen, type Call, type Listener } from '../../../standins/http.ts';
import { API_ID, API_KEY, notice, open, ORDER, PAID, PAYMENT, PROJECT, SECRET } from './bench.ts';

/** An API of AnyPay that answers whatever it is told to, other than the stand-in. */
let api: Listener;
let answer: { status?: number; body: unknown };
let asked: Call | undefined;

beforeAll(async () => {
  api = await listen((call) => {
    asked = call;
    return { status: 200, ...answer };
  });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    ANYPAY_PROJECT_ID: PROJECT,
    ANYPAY_SIGN_TYPE: 'sha256',
    ANYPAY_SECRET_KEY: SECRET,
    ANYPAY_API_ID: API_ID,
    ANYPAY_API_KEY: API_KEY,
    ANYPAY_API_URL: `${api.origin}/api`,
  });
});

afterAll(() => api.stop());

const paid = {
  transaction_id: 73000001,
  pay_id: ORDER,
  status: 'paid',
  amount: 25,
  currency: 'USD',
  pay_date: '23.10.2026 12:01:30',
};

/** Answers a list of payments. */
function list(...payments: unknown[]): void {
  answer = { body: { result: { payments } } };
}

const payments = () => new AnypayApi(readConfig()).listPayments(ORDER);

async function movements(status = 'paid') {
  const gateway = await open();
  const event = await gateway.verify(notice('sha256', { ...PAID, status }));
  return gateway.movements(event);
}

test('a payment of the same amount that is of another order is not booked', async () => {
  list({ ...paid, transaction_id: 73000009, pay_id: '5' }, paid);
  expect(await movements()).toEqual([expect.objectContaining(PAYMENT)]);
  list({ ...paid, transaction_id: 73000009, pay_id: '5' });
  await expect(movements()).rejects.toThrow(Unavailable);
});

const READ = {
  transactionId: '73000001',
  status: 'paid',
  amountCents: 2500,
  currency: 'USD',
  paidAt: new Date('2026-10-23T09:01:30Z'),
};

test('an entry of another order that cannot be read holds nothing up', async () => {
  list({ pay_id: '5', amount: null }, null, 7, paid);
  expect(await payments()).toEqual([READ]);
});

test('the number of the order may be written as a number', async () => {
  list({ ...paid, pay_id: Number(ORDER) });
  expect(await payments()).toEqual([READ]);
});

test.each([
  { transaction_id: 'x1' },
  { transaction_id: '7'.repeat(21) },
  { transaction_id: null },
  { status: null },
  { amount: null },
  { currency: null },
])('an entry of this order with %j stands there as an error, beside the others', async (change) => {
  list({ ...paid, ...change }, paid);
  const [odd, good, ...others] = await payments();
  expect(odd).toBeInstanceOf(Unusable);
  expect(good).toMatchObject({ transactionId: '73000001' });
  expect(others).toEqual([]);
  expect(await movements()).toEqual([expect.objectContaining(PAYMENT), expect.any(Unusable)]);
});

test('an unreadable entry alone is parked, and not told again for ever', async () => {
  list({ ...paid, amount: null });
  expect(await movements()).toEqual([expect.any(Unusable)]);
});

test.each<[string, unknown]>([
  ['an order without payments', { result: { payments: null } }],
  ['an order with PHP’s empty array', { result: { payments: [] } }],
])('%s has none', async (_name, body) => {
  answer = { body };
  expect(await payments()).toEqual([]);
});

test.each<[string, unknown]>([
  ['no list', { result: {} }],
  ['a list that is a text', { result: { payments: 'none' } }],
  ['no result', {}],
  ['a page', '<html>'],
  ['nothing', ''],
  ['an error without a code', { error: { message: 'no' } }],
])('%s is no answer', async (_name, body) => {
  answer = { body };
  await expect(payments()).rejects.toThrow(new Unavailable('AnyPay did not answer.'));
});

test('a refusal of our key says which variables', async () => {
  answer = { body: { error: { code: '102' } } };
  await expect(payments()).rejects.toThrow(
    new Misconfigured(
      "AnyPay's API refuses ANYPAY_API_ID or ANYPAY_API_KEY (102): set both from the page of the API.",
    ),
  );
});

test('a time that cannot be read is the time of the look', async () => {
  list({ ...paid, pay_date: 'yesterday' });
  expect(await movements()).toEqual([{ ...PAYMENT, occurredAt: new Date('2026-10-23T09:02:00Z') }]);
});

test('the question names the project and the order', async () => {
  list(paid);
  await payments();
  expect(asked?.path).toBe(`/api/payments/${API_ID}`);
  expect(Object.fromEntries(asked?.query ?? [])).toEqual({
    project_id: PROJECT,
    pay_id: ORDER,
    sign: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
  });
});

test('the notification reports what the API does not show: told again, unless the API is further', async () => {
  list({ ...paid, status: 'waiting' });
  await expect(movements('paid')).rejects.toThrow(Unavailable);
  await expect(movements('refund')).rejects.toThrow(Unavailable);
  list(paid);
  await expect(movements('refund')).rejects.toThrow(Unavailable);
  list({ ...paid, status: 'refund' });
  const refund = {
    id: '73000001_refund',
    kind: 'refund',
    amountCents: -2500,
    parentId: '73000001',
  };
  for (const status of ['paid', 'refund']) {
    expect(await movements(status)).toEqual([
      expect.objectContaining(PAYMENT),
      expect.objectContaining(refund),
    ]);
  }
});

test('the second payment of an order is marked for a person, and only that', async () => {
  list(
    paid,
    { ...paid, transaction_id: 73000002, status: 'refund' },
    { ...paid, transaction_id: 73000003 },
  );
  const notices = (await movements()).map((one) => ('notice' in one ? one.notice : undefined));
  const marked = 'an order was paid twice: the second may be paid back';
  expect(notices).toEqual([undefined, marked, undefined, marked]);
});
