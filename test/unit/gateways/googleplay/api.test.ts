import {
  Malformed,
  Misconfigured,
  NotFound,
  Unavailable,
  Unusable,
} from '../../../../functions/src/errors.ts';
import {
  readConfig,
  type GooglePlayConfig,
} from '../../../../functions/src/gateways/googleplay/config.ts';
import { GooglePlayApi } from '../../../../functions/src/gateways/googleplay/api.ts';
import { newKey } from '../../../standins/googleplay/keys.ts';
import type { ApiFault } from '../../../standins/faults.ts';
import { Bench } from './bench.ts';

const bench = new Bench();

function api(config: Partial<GooglePlayConfig> = {}): GooglePlayApi {
  return new GooglePlayApi({ ...readConfig(), ...config });
}

function buy(quantity = 1): string {
  return bench.google.control.buy({ productId: 'credits_500', quantity }).token;
}

test('a purchase is read with a token that is asked for once', async () => {
  const token = buy(2);
  const play = api();
  const read = await play.readPurchase(token);
  await play.readPurchase(token);
  expect(read).toEqual({
    state: 'purchased',
    googleOrderId: 'GPA.3300-1111-2222-00001',
    productId: 'credits_500',
    quantity: 2,
    voidedQuantity: 0,
    isTest: true,
    isConsumed: false,
    accountToken: null,
    completedAt: expect.any(Date) as Date,
  });
  const asked = bench.google.control.requests().map(({ path }) => path);
  expect(asked.filter((path) => path === '/token')).toHaveLength(1);
});

test('a purchase is consumed', async () => {
  const token = buy();
  await api().consume('credits_500', token);
  expect(bench.google.control.sale(token).consumed).toBe(true);
  expect((await api().readPurchase(token)).isConsumed).toBe(true);
});

test.each([
  ['400', { status: 400 }, Malformed],
  ['401', { status: 401 }, Misconfigured],
  ['403', { status: 403 }, Misconfigured],
  ['404', { status: 404 }, NotFound],
  ['410', { status: 410 }, NotFound],
  ['409', { status: 409 }, Unavailable],
  ['429', { status: 429 }, Unavailable],
  ['500', { status: 500 }, Unavailable],
  ['503', { status: 503 }, Unavailable],
  ['a broken connection', { drop: true }, Unavailable],
  ['a cut-off answer', { cutOff: true }, Unavailable],
] as const)('%s, and asks no second time', async (_, fault: ApiFault, error) => {
  const token = buy();
  bench.google.control.fault({ match: 'GET /androidpublisher', ...fault });
  await expect(api().readPurchase(token)).rejects.toThrow(error);
  const { length } = bench.google.control
    .requests()
    .filter(({ path }) => path.startsWith('/androidpublisher'));
  expect(length).toBe(1);
});

test.each([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
  'quotaExceeded',
  'concurrentLimitExceeded',
])('a 403 for %s is no missing permission: repeating helps', async (code) => {
  const token = buy();
  bench.google.control.fault({ match: 'GET /androidpublisher', status: 403, code });
  await expect(api().readPurchase(token)).rejects.toThrow(Unavailable);
});

test.each([
  ['its status', { status: 'RESOURCE_EXHAUSTED' }],
  ['its details', { details: [{ '@type': 'x' }, { reason: 'RATE_LIMIT_EXCEEDED' }] }],
])('a 403 for a used-up quota is known by %s, too', async (_, named) => {
  const genuine = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!address.includes('/purchases/')) return genuine(input, init);
    return Response.json({ error: { code: 403, message: 'no', ...named } }, { status: 403 });
  };
  const read = api().readPurchase(buy());
  await expect(read.finally(() => (globalThis.fetch = genuine))).rejects.toThrow(Unavailable);
});

test.each(['permissionDenied', 'accessNotConfigured'])(
  'a 403 for %s is a missing permission',
  async (code) => {
    const token = buy();
    bench.google.control.fault({ match: 'GET /androidpublisher', status: 403, code });
    await expect(api().readPurchase(token)).rejects.toThrow(Misconfigured);
  },
);

test.each([
  ['400', { status: 400 }, Misconfigured],
  ['401', { status: 401 }, Misconfigured],
  ['429', { status: 429 }, Unavailable],
  ['500', { status: 500 }, Unavailable],
  ['a broken connection', { drop: true }, Unavailable],
] as const)('%s when asking for a token', async (_, fault: ApiFault, error) => {
  const token = buy();
  bench.google.control.fault({ match: 'POST /token', times: 9, ...fault });
  await expect(api().readPurchase(token)).rejects.toThrow(error);
});

test('a key that Google does not know is refused', async () => {
  const key = { ...readConfig().key, privateKey: newKey().privateKey };
  await expect(api({ key }).readPurchase(buy())).rejects.toThrow(Misconfigured);
});

test('a purchase of another app is none of ours', async () => {
  const other = api({ packageName: 'com.example.other' });
  await expect(other.readPurchase(buy())).rejects.toThrow(Malformed);
});

test.each([
  ['a state nobody knows', { state: 'UNSPECIFIED' }],
  ['no quantity that can be', { quantity: 0 }],
  ['half a quantity', { quantity: 1.5 }],
  ['more to refund than was bought', { refundableQuantity: 4 }],
  ['an order id that is none', { orderId: '../GPA' }],
  ['a time that is none', { completedAt: 'yesterday' }],
])('an answer with %s is for a person', async (_, patch) => {
  const token = buy();
  bench.google.control.edit(token, patch as object);
  await expect(api().readPurchase(token)).rejects.toThrow(Unusable);
});

test('the order says whether it was paid', async () => {
  const { token, orderId } = bench.google.control.buy({
    productId: 'credits_500',
    total: { nanos: 990_000_000, currencyCode: 'EUR' },
  });
  const order = { purchaseToken: token, state: 'PROCESSED', isPaid: true };
  expect(await api().readOrder(orderId ?? '')).toEqual(order);
  bench.google.control.edit(token, { total: { currencyCode: 'EUR' } });
  expect(await api().readOrder(orderId ?? '')).toEqual({ ...order, isPaid: false });
});

describe('the list of refunds', () => {
  const since = () => new Date(Date.now() - 29 * 24 * 60 * 60_000);

  async function listed(from = since(), until?: Date) {
    const pages = [];
    for await (const page of api().listVoids(from, until)) pages.push(page);
    return pages;
  }

  test('has no refund when nothing was refunded', async () => {
    expect((await listed()).flat()).toEqual([]);
  });

  test('is read page by page, with the refunds of parts', async () => {
    const [one, three] = [buy(), buy(3)];
    bench.google.control.void(three, 1);
    bench.google.control.void(one);
    bench.google.control.void(three);
    bench.google.control.setPageSize(2);
    const rest = {
      googleOrderId: expect.stringMatching(/^GPA/) as string,
      voidedAt: expect.any(Date) as Date,
    };
    expect(await listed()).toEqual([
      [
        { token: three, isWhole: false, ...rest },
        { token: one, isWhole: true, ...rest },
      ],
      [{ token: three, isWhole: true, ...rest }],
    ]);
  });

  test('is asked for a span of time', async () => {
    bench.google.control.void(buy());
    const soon = new Date(Date.now() + 60_000);
    expect((await listed(soon)).flat()).toHaveLength(0);
    expect((await listed(since(), new Date(Date.now() - 60_000))).flat()).toHaveLength(0);
    expect((await listed()).flat()).toHaveLength(1);
    // Google refuses an end that has not come.
    await expect(listed(since(), soon)).rejects.toThrow(Misconfigured);
  });
});
