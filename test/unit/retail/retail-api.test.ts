import { RetailApi } from '../../../functions/src/retail/retail-api.ts';
import { startRetailApi, type RetailApi as StandIn } from '../../standins/retail-api.ts';

const now = new Date('2026-11-01T10:00:00Z');
let standIn: StandIn;

beforeAll(async () => {
  standIn = await startRetailApi({ apiKey: 'retail-standin' });
});

afterAll(() => standIn.stop());

beforeEach(() => {
  standIn.control.reset();
});

function client(changes: object = {}): RetailApi {
  const config = {
    apiKey: 'retail-standin',
    url: standIn.url,
    timeoutMs: 20_000,
    sendGateway: true,
    concurrency: 4,
    ...changes,
  };
  return new RetailApi(config, fetch, () => now);
}

const transaction = {
  paymentId: 'stripe_pi_1',
  uid: 'user1',
  amountCents: 1500,
  gateway: 'stripe',
};

const paths = () =>
  standIn.control.requests().map(({ path }) => path.replace('/api/v1/retail', ''));

test('a customer that is not there is created, once, and the transaction repeated once', async () => {
  expect(await client().push(transaction)).toMatchObject({ kind: 'applied', status: 200 });
  expect(paths()).toEqual([
    '/m/customer/user1/transaction',
    '/m/customer',
    '/m/customer/user1/transaction',
  ]);
  expect(standIn.control.transactions()).toMatchObject([
    { transactionId: 'stripe_pi_1', amountCents: 1500, gateway: 'stripe' },
  ]);
});

test.each([
  [200, { result: 'success' }, 'applied'],
  [201, { result: 'success', more: 1 }, 'applied'],
  [200, { result: 'pending' }, 'retryable'],
  [200, 'not JSON', 'retryable'],
  [200, '', 'retryable'],
  [200, [], 'retryable'],
  [409, {}, 'duplicate'],
  [409, '', 'duplicate'],
  [409, { errorName: 'DuplicateTransactionException' }, 'duplicate'],
  [409, { errorName: 'TransactionAlreadyExistsException' }, 'duplicate'],
  [409, { errorName: 'TransactionMismatchException' }, 'rejected'],
  [400, { errorName: 'InvalidRequestParamsException' }, 'rejected'],
  [410, {}, 'rejected'],
  [422, {}, 'rejected'],
  [401, {}, 'misconfigured'],
  [402, {}, 'refused_funds'],
  [403, {}, 'on_hold'],
  [408, {}, 'retryable'],
  [429, {}, 'throttled'],
  [500, 'oops', 'retryable'],
  [503, { errorName: 7 }, 'retryable'],
  [302, '', 'misconfigured'],
  [409, { errorName: 'CustomerDoesNotExistException' }, 'rejected'],
  [409, { errorName: 'Customer Locked' }, 'rejected'],
  [409, { errorName: 7 }, 'rejected'],
  [418, {}, 'rejected'],
] as const)('%s %j: %s', async (status, body, kind) => {
  standIn.control.addCustomer('user1');
  standIn.control.next({ status, body });
  expect(await client().push(transaction)).toMatchObject({ kind, status });
  expect(standIn.control.requests()).toHaveLength(1);
});

test('an error keeps its name, and only one that looks like a name', async () => {
  standIn.control.addCustomer('user1');
  standIn.control.next({ status: 400, body: { errorName: 'SomeException' } });
  expect(await client().push(transaction)).toMatchObject({ errorName: 'SomeException' });
  standIn.control.next({ status: 400, body: { errorName: '<html> some page' } });
  expect(await client().push(transaction)).toMatchObject({ errorName: '' });
});

test.each([
  [{ 'x-ratelimit-reset': '1793530800' }, new Date(1_793_530_800_000)],
  [{ 'x-ratelimit-reset': '1793530800000' }, new Date(now.getTime() + 6 * 60 * 60_000)],
  [{ 'x-ratelimit-reset': '1' }, null],
  [{ 'retry-after': '9e99' }, new Date(now.getTime() + 6 * 60 * 60_000)],
  [{ 'retry-after': '90' }, new Date(now.getTime() + 90_000)],
  [{ 'retry-after': 'soon' }, null],
  [{}, null],
] as const)('throttled with %j: again at %s', async (headers, retryAt) => {
  standIn.control.addCustomer('user1');
  standIn.control.next({ status: 429, headers });
  expect(await client().push(transaction)).toMatchObject({ kind: 'throttled', retryAt });
});

test.each([
  [
    'a hanging API',
    () => {
      standIn.control.hang(true);
    },
  ],
  [
    'a dropped connection',
    () => {
      standIn.control.next({ drop: true });
    },
  ],
])('%s: nobody knows, so again with the same id', async (_name, arrange) => {
  standIn.control.addCustomer('user1');
  arrange();
  expect(await client({ timeoutMs: 200 }).push(transaction)).toMatchObject({
    kind: 'retryable',
    status: null,
  });
});

test('the caller may end the wait', async () => {
  standIn.control.hang(true);
  const started = performance.now();
  const outcome = await client({ timeoutMs: 60_000 }).push(transaction, AbortSignal.timeout(100));
  expect(outcome.kind).toBe('retryable');
  expect(performance.now() - started).toBeLessThan(30_000);
});

test.each(['success', 'conflict'] as const)(
  'applied and the reply lost, then again: one effect (repeats answered with %s)',
  async (repeats) => {
    standIn.control.configure({ repeats });
    standIn.control.addCustomer('user1');
    standIn.control.next({ apply: 'before', drop: true });
    expect((await client().push(transaction)).kind).toBe('retryable');
    expect(['applied', 'duplicate']).toContain((await client().push(transaction)).kind);
    expect(standIn.control.balance('user1')).toBe(1500);
  },
);

test.each([
  ['a uid with a colon', { uid: 'tg:123' }],
  ['a uid with a hyphen', { uid: 'a-b' }],
  ['an empty uid', { uid: '' }],
  ['a payment id with a slash', { paymentId: 'a/b' }],
  ['a payment id of 129 characters', { paymentId: 'p'.repeat(129) }],
  ['no cents', { amountCents: 0 }],
  ['a fraction', { amountCents: 1.5 }],
  ['not a number', { amountCents: Number.NaN }],
  ['more than the API takes', { amountCents: 10_000_001 }],
])('%s: rejected without a call', async (_name, change) => {
  const outcome = await client().push({ ...transaction, ...change });
  expect(outcome).toMatchObject({ kind: 'rejected', status: null });
  expect(standIn.control.requests()).toEqual([]);
});

test('an address that is not the Retail API: nothing is rejected for it', async () => {
  const outcome = await client({ url: `${standIn.url}/elsewhere` }).push(transaction);
  expect(outcome).toMatchObject({ kind: 'misconfigured', status: 404 });
});

test('the gateway is named only where that is configured', async () => {
  await client({ sendGateway: false }).push(transaction);
  expect(standIn.control.transactions()).toMatchObject([{ gateway: null }]);
});
