import {
  AccountOnHold,
  Misconfigured,
  TooManyRequests,
  Unavailable,
} from '../../../functions/src/errors.ts';
import { RetailApi } from '../../../functions/src/retail/retail-api.ts';
import { send } from '../../../functions/src/send.ts';
import { fixedClock, retailConfig } from '../../harness/retail.ts';
import { listen, type Call, type Listener, type Reply } from '../../standins/http.ts';

let server: Listener;
let answers: Reply[];
let calls: Call[];

beforeAll(async () => {
  server = await listen((call) => {
    calls.push(call);
    return answers.shift() ?? { status: 500 };
  });
});

beforeEach(() => {
  answers = [];
  calls = [];
});

afterAll(() => server.stop());

const now = new Date('2026-03-01T10:00:00Z');

function api(changes: Parameters<typeof retailConfig>[1] = {}): RetailApi {
  const config = retailConfig(`${server.origin}/api/v1`, changes);
  return new RetailApi(
    config,
    send,
    fixedClock(() => now),
  );
}

const balance = (...given: Reply[]) => {
  answers = given;
  return api().balance('ann');
};

const create = (...given: Reply[]) => {
  answers = given;
  return api().createCustomer('ann');
};

test('a balance is asked for with the key, at the address of the account', async () => {
  expect(await balance({ status: 200, body: { total: 5, reserved: 2, more: 1 } })).toEqual({
    total: 5,
    reserved: 2,
  });
  expect(calls).toMatchObject([
    {
      method: 'GET',
      path: '/api/v1/retail/a/customer/ann/balance',
      headers: { 'x-api-key': 'retail-standin', accept: 'application/json' },
    },
  ]);
  expect(calls[0]?.headers).not.toHaveProperty('content-type');
});

test('an account that is not there has no balance', async () => {
  expect(await balance({ status: 404 })).toBeUndefined();
});

test.each<[string, unknown]>([
  ['no total', { reserved: 0 }],
  ['no reserved', { total: 1 }],
  ['a fraction', { total: 1.5, reserved: 0 }],
  ['a text', { total: '1', reserved: 0 }],
  ['a page', '<html>'],
])('a balance with %s is none', async (_name, body) => {
  await expect(balance({ status: 200, body })).rejects.toThrow(
    new Unavailable('The Retail API told no balance.'),
  );
});

test.each<[Reply, new (...given: never[]) => Error]>([
  [{ status: 403 }, AccountOnHold],
  [{ status: 401 }, Misconfigured],
  [{ status: 429 }, TooManyRequests],
  [{ status: 500 }, Unavailable],
  [{ status: 200, sends: 'nothing' }, Unavailable],
  [{ status: 200, body: { total: 1, reserved: 0 }, sends: 'half' }, Unavailable],
])('%j', async (reply, error) => {
  await expect(balance(reply)).rejects.toThrow(error);
});

test('a customer is created by its uid', async () => {
  expect(await create({ status: 201 })).toBe(true);
  expect(calls).toMatchObject([
    {
      method: 'POST',
      path: '/api/v1/retail/m/customer',
      headers: { 'content-type': 'application/json' },
      body: '{"customer_id":"ann"}',
    },
  ]);
  expect(await create({ status: 409 })).toBe(false);
});

test.each<[Reply, new (...given: never[]) => Error]>([
  [{ status: 404 }, Misconfigured],
  [{ status: 401 }, Misconfigured],
  [{ status: 403 }, AccountOnHold],
  [{ status: 500 }, Unavailable],
  [{ status: 200, sends: 'nothing' }, Unavailable],
])('a customer is not created after %j', async (reply, error) => {
  await expect(create(reply)).rejects.toThrow(error);
});

test('a question whose turn does not come within a call’s time is not made', async () => {
  answers = [{ status: 429, headers: { 'retry-after': '50' } }];
  const client = api({ timeoutMs: 20_000 });
  await expect(client.balance('ann')).rejects.toThrow(TooManyRequests);
  await expect(client.balance('ann')).rejects.toMatchObject({
    resetAt: new Date(now.getTime() + 50_000),
  });
  expect(calls).toHaveLength(1);
});

describe('the creation of a customer during a push', () => {
  const transaction = {
    paymentId: 'stripe_pi_1',
    uid: 'ann',
    amountCents: 1500,
    gateway: 'stripe',
    mode: 'test',
  } as const;
  const push = (...given: Reply[]) => {
    answers = [{ status: 404 }, ...given];
    return api().push(transaction, { sendBy: new Date(now.getTime() + 60_000) });
  };
  const success = { status: 200, body: { result: 'success' } };

  test.each<[string, Reply[], string]>([
    ['succeeds', [{ status: 201 }, success], 'applied'],
    ['finds it there', [{ status: 409 }, success], 'applied'],
    ['finds no such address', [{ status: 404 }], 'misconfigured'],
    ['is refused', [{ status: 400, body: { errorName: 'BadException' } }], 'rejected'],
    ['is throttled', [{ status: 429 }], 'throttled'],
    ['fails', [{ status: 500 }], 'retryable'],
    ['is not answered: no transaction was sent', [{ status: 200, sends: 'nothing' }], 'unsent'],
    [
      'succeeds, and the account is still not there',
      [{ status: 201 }, { status: 404 }],
      'rejected',
    ],
  ])('%s', async (_name, replies, kind) => {
    expect(await push(...replies)).toMatchObject({ kind });
    expect(calls).toHaveLength(1 + replies.length);
  });
});

test('the pace and the number of calls are as configured', () => {
  const client = api({ callsPerSecond: 7, concurrency: 3 });
  expect([client.callsPerSecond, client.concurrency]).toEqual([7, 3]);
});
