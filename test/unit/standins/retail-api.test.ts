import { startRetailApi } from '../../standins/retail-api.ts';
import type { RetailApi } from '../../standins/retail-api.ts';

const API_KEY = 'retail-key-standin';
const PAYMENT = { transaction_id: 'stripe_pi_1', amount: 500, gateway: 'stripe' };

let api: RetailApi;

beforeAll(async () => {
  api = await startRetailApi({ apiKey: API_KEY, now: () => 1_790_000_000_500 });
});

beforeEach(() => {
  api.control.reset();
  api.control.addCustomer('user1');
});

afterAll(() => api.stop());

interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

async function call(
  path: string,
  body?: object,
  { key = API_KEY, timeoutMs = 5000 } = {},
): Promise<Answer> {
  const response = await fetch(`${api.url}/retail${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  const parsed: unknown = isJson ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body: parsed };
}

const transact = (body: object = PAYMENT, customer = 'user1') =>
  call(`/m/customer/${customer}/transaction`, body);

const hastily = (body: object = PAYMENT) =>
  call('/m/customer/user1/transaction', body, { timeoutMs: 100 });

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the contract', () => {
  test('a customer is created once', async () => {
    const create = () => call('/m/customer', { customer_id: 'user2' });
    await expect(create()).resolves.toMatchObject({ status: 200, body: { result: 'success' } });
    await expect(create()).resolves.toMatchObject({ status: 409 });
    await expect(call('/m/customer', { customer_id: 'tg:1' })).resolves.toMatchObject({
      status: 400,
      body: { errorName: 'InvalidRequestParamsException' },
    });
  });

  test('transactions move the balance and are listed newest first', async () => {
    await expect(transact()).resolves.toMatchObject({ status: 200, body: { result: 'success' } });
    await transact({ transaction_id: 'stripe_re_1', amount: -700 });

    await expect(call('/a/customer/user1/balance')).resolves.toMatchObject({
      body: { total: -200, reserved: 0 },
    });
    const created_at = 1_790_000_000;
    await expect(call('/a/customer/user1/transactions?page=1&limit=1')).resolves.toMatchObject({
      body: {
        transactions: [{ transaction_id: 'stripe_re_1', amount: -700, gateway: null, created_at }],
        page: 1,
        limit: 1,
        pages: 2,
        total: 2,
      },
    });
  });

  test('a repeated id is booked once, whichever way it is answered', async () => {
    await transact();
    await expect(transact()).resolves.toMatchObject({ status: 200 });
    api.control.configure({ repeats: 'conflict' });
    await expect(transact()).resolves.toMatchObject({
      status: 409,
      body: { errorName: 'TransactionAlreadyExistsException' },
    });
    await expect(transact({ ...PAYMENT, amount: 600 })).resolves.toMatchObject({
      status: 409,
      body: { errorName: 'TransactionMismatchException' },
    });
    expect(api.control.balances()).toEqual({ user1: 500 });
  });

  test('a deduction below zero can be refused', async () => {
    api.control.configure({ overdraft: 'refused' });
    await expect(transact({ ...PAYMENT, amount: -1 })).resolves.toMatchObject({
      status: 402,
      body: { errorName: 'PaymentRequiredException' },
    });
  });

  test.each([
    { transaction_id: 'has space' },
    { transaction_id: '' },
    { transaction_id: 'x'.repeat(129) },
    { amount: 0 },
    { amount: 1.5 },
    { amount: '500' },
    { amount: 10_000_001 },
    { gateway: 'a-b' },
  ])('%j is refused', async (change) => {
    await expect(transact({ ...PAYMENT, ...change })).resolves.toMatchObject({ status: 400 });
  });

  test('an unknown customer, a wrong key, an unknown path', async () => {
    await expect(transact(PAYMENT, 'user9')).resolves.toMatchObject({ status: 404 });
    await expect(transact(PAYMENT, 'a%2Fb')).resolves.toMatchObject({ status: 400 });
    await expect(call('/a/customer/user9/balance')).resolves.toMatchObject({ status: 404 });
    await expect(
      call('/m/customer', { customer_id: 'a' }, { key: 'other' }),
    ).resolves.toMatchObject({
      status: 401,
      body: { errorName: 'UnauthorizedException' },
    });
    await expect(call('/nothing')).resolves.toMatchObject({ status: 404 });
  });
});

describe('faults', () => {
  test('an answer can be ordered in place of the booking', async () => {
    api.control.next(
      { status: 429, headers: { 'x-ratelimit-reset': '1790000030' } },
      { status: 502, body: '<html>' },
      { status: 200, body: { result: 'maybe' } },
    );
    const limited = await transact();
    expect(limited).toMatchObject({ status: 429, body: { errorName: 'TooManyRequestsException' } });
    expect(limited.headers.get('x-ratelimit-reset')).toBe('1790000030');
    await expect(transact()).resolves.toMatchObject({ status: 502, body: '<html>' });
    await expect(transact()).resolves.toMatchObject({ status: 200, body: { result: 'maybe' } });
    expect(api.control.transactions()).toEqual([]);
  });

  test.each(['success', 'conflict'] as const)(
    'booked, the answer lost, repeated: one booking (repeats: %s)',
    async (repeats) => {
      api.control.configure({ repeats });
      api.control.next({ drop: true, apply: 'before' });
      await expect(transact()).rejects.toThrow('fetch failed');
      expect(api.control.balance('user1')).toBe(500);
      const { status } = await transact();
      expect(status).toBe(repeats === 'success' ? 200 : 409);
      expect(api.control.transactions('user1')).toHaveLength(1);
      expect(api.control.requests().map((request) => request.status)).toEqual([0, status]);
    },
  );

  test('booked and then an error; a call that cannot be booked leaves it to the next', async () => {
    api.control.next({ status: 500, apply: 'before' });
    await expect(transact(PAYMENT, 'user2')).resolves.toMatchObject({ status: 404 });
    await expect(transact()).resolves.toMatchObject({ status: 500 });
    expect(api.control.balance('user1')).toBe(500);
  });

  test('a late answer: the booking waits with it, or is done before', async () => {
    api.control.next({ delayMs: 500 }, { delayMs: 60_000, apply: 'before' });
    await expect(hastily()).rejects.toThrow('timeout');
    expect(api.control.balance('user1')).toBe(0);
    await expect(hastily({ ...PAYMENT, transaction_id: 'second' })).rejects.toThrow('timeout');
    expect(api.control.transactions()).toMatchObject([{ transactionId: 'second' }]);
    await until(() => api.control.balance('user1') === 1000);
  });

  test('what is still delayed at a reset is not booked later', async () => {
    api.control.next({ delayMs: 150 });
    const late = transact();
    await until(() => api.control.requests().length === 1);
    api.control.reset();
    api.control.addCustomer('user1');
    await expect(late).rejects.toThrow('fetch failed');
    expect(api.control.balance('user1')).toBe(0);
  });

  test('a row that always fails does not stop the others', async () => {
    api.control.addCustomer('user2');
    api.control.failFor('user2', 403);
    api.control.failFor('bad', 422);
    await expect(transact(PAYMENT, 'user2')).resolves.toMatchObject({ status: 403 });
    await expect(transact({ ...PAYMENT, transaction_id: 'bad' })).resolves.toMatchObject({
      status: 422,
    });
    await expect(transact()).resolves.toMatchObject({ status: 200 });
    api.control.failFor('bad');
    await expect(transact({ ...PAYMENT, transaction_id: 'bad' })).resolves.toMatchObject({
      status: 200,
    });
  });

  test('down and hanging last until they are switched off', async () => {
    api.control.down(true);
    await expect(transact()).resolves.toMatchObject({ status: 503 });
    await expect(call('/a/customer/user1/balance')).resolves.toMatchObject({ status: 503 });
    api.control.down(false);
    api.control.hang(true);
    await expect(hastily()).rejects.toThrow('timeout');
    api.control.hang(false);
    await expect(transact()).resolves.toMatchObject({ status: 200 });
  });
});

test('the log tells what was received and never the key', async () => {
  await transact();
  expect(api.control.requests()).toEqual([
    {
      at: 1_790_000_000_500,
      method: 'POST',
      path: '/api/v1/retail/m/customer/user1/transaction',
      customerId: 'user1',
      transactionId: 'stripe_pi_1',
      amountCents: 500,
      gateway: 'stripe',
      status: 200,
    },
  ]);
});
