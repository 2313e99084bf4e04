import { RetailApi } from '../../../functions/src/retail/retail-api.ts';
import type { RetailConfig } from '../../../functions/src/retail/config.ts';
import { send } from '../../../functions/src/send.ts';
import { fixedClock, retailConfig } from '../../harness/retail.ts';
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

function client(changes: Partial<RetailConfig> = {}): RetailApi {
  return new RetailApi(
    retailConfig(standIn.url, changes),
    send,
    fixedClock(() => now),
  );
}

const push = (
  api: RetailApi,
  changes: Partial<Parameters<RetailApi['push']>[0]> = {},
  signal = AbortSignal.timeout(60_000),
) => api.push({ ...transaction, ...changes }, { sendBy: new Date(now.getTime() + 60_000), signal });

const transaction = {
  paymentId: 'stripe_pi_1',
  uid: 'user1',
  amountCents: 1500,
  gateway: 'stripe',
  mode: 'test',
} as const;

const paths = () =>
  standIn.control.requests().map(({ path }) => path.replace('/api/v1/retail', ''));

test('a customer that is not there is created, once, and the transaction repeated once', async () => {
  expect(await push(client())).toMatchObject({ kind: 'applied', status: 200 });
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
  [409, {}, 'ambiguous'],
  [409, '', 'ambiguous'],
  [409, '<html>Conflict</html>', 'ambiguous'],
  [409, { message: 'another request is in progress' }, 'ambiguous'],
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
  expect(await push(client())).toMatchObject({ kind, status });
  expect(standIn.control.requests()).toHaveLength(1);
});

test('an error keeps its name, and only one that looks like a name', async () => {
  standIn.control.addCustomer('user1');
  standIn.control.next({ status: 400, body: { errorName: 'SomeException' } });
  expect(await push(client())).toMatchObject({ errorName: 'SomeException' });
  standIn.control.next({ status: 400, body: { errorName: '<html> some page' } });
  expect(await push(client())).toMatchObject({ errorName: '' });
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
  expect(await push(client())).toMatchObject({ kind: 'throttled', retryAt });
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
  expect(await push(client({ timeoutMs: 200 }))).toMatchObject({
    kind: 'retryable',
    status: null,
  });
});

test('the caller may end the wait', async () => {
  standIn.control.hang(true);
  const started = performance.now();
  const outcome = await push(client({ timeoutMs: 60_000 }), {}, AbortSignal.timeout(100));
  expect(outcome.kind).toBe('retryable');
  expect(performance.now() - started).toBeLessThan(30_000);
});

test.each(['success', 'conflict'] as const)(
  'applied and the reply lost, then again: one effect (repeats answered with %s)',
  async (repeats) => {
    standIn.control.configure({ repeats });
    standIn.control.addCustomer('user1');
    standIn.control.next({ apply: 'before', drop: true });
    expect((await push(client())).kind).toBe('retryable');
    const again = await push(client(), { mayBeApplied: true });
    expect(['applied', 'duplicate']).toContain(again.kind);
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
  ['no mode', { mode: undefined }],
])('%s: malformed, without a call', async (_name, change) => {
  const outcome = await push(client(), change);
  expect(outcome).toMatchObject({ kind: 'malformed', status: null });
  expect(standIn.control.requests()).toEqual([]);
});

test('an address that is not the Retail API: nothing is rejected for it', async () => {
  const outcome = await push(client({ url: `${standIn.url}/elsewhere` }));
  expect(outcome).toMatchObject({ kind: 'misconfigured', status: 404 });
});

test('the gateway is named only where that is configured', async () => {
  await push(client({ sendGateway: false }));
  expect(standIn.control.transactions()).toMatchObject([{ gateway: null }]);
});

test.each([
  ['an empty body', ''],
  ['a page of a proxy', '<html>Conflict</html>'],
  ['no name of an error', {}],
])('409 with %s after a try with an unknown end: the transaction is there', async (_name, body) => {
  standIn.control.addCustomer('user1');
  standIn.control.next({ status: 409, body });
  expect(await push(client(), { mayBeApplied: true })).toMatchObject({ kind: 'duplicate' });
});

test('409 that speaks of a request under way is no proof of a transaction, whatever came before', async () => {
  standIn.control.addCustomer('user1');
  standIn.control.next({ status: 409, body: { message: 'another request is in progress' } });
  expect(await push(client(), { mayBeApplied: true })).toMatchObject({ kind: 'ambiguous' });
});

test('two first payments of a new customer: who finds it just created goes on', async () => {
  standIn.control.nextOf('create', { apply: 'before', status: 409, body: '' });
  expect(await push(client())).toMatchObject({ kind: 'applied' });
  expect(standIn.control.balance('user1')).toBe(1500);
});

test('a transaction of another mode never leaves', async () => {
  expect(await push(client({ mode: 'live' }))).toMatchObject({ kind: 'other_mode', status: null });
  expect(standIn.control.requests()).toEqual([]);
});

test('a transaction whose turn does not come in time is not sent', async () => {
  standIn.control.addCustomer('user1');
  const api = client({ callsPerSecond: 1 });
  await push(api);
  const late = { sendBy: new Date(now.getTime() + 500) };
  const outcome = await api.push({ ...transaction, paymentId: 'stripe_pi_2' }, late);
  expect(outcome).toMatchObject({ kind: 'unsent', status: null });
  expect(standIn.control.transactions()).toHaveLength(1);
});

describe('whether the API works', () => {
  test.each([
    ['it creates a customer', () => undefined, true],
    [
      'it says that it has one of that name',
      () => {
        standIn.control.addCustomer('user1');
      },
      true,
    ],
    [
      'it answers 409 without a name, and tells a balance',
      () => {
        standIn.control.addCustomer('user1');
        standIn.control.nextOf('create', { status: 409, body: '' });
      },
      true,
    ],
    [
      'it answers everything with a page',
      () => {
        standIn.control.nextOf('create', { status: 409, body: '<html>' });
        standIn.control.nextOf('balance', { status: 409, body: '<html>' });
      },
      false,
    ],
    [
      'it is down',
      () => {
        standIn.control.down(true);
      },
      false,
    ],
  ])('%s: %s', async (_name, arrange, isUp) => {
    arrange();
    expect(await client().isUp('user1')).toBe(isUp);
  });
});
