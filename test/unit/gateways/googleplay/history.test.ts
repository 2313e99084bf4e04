import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { receiptIdOf } from '../../../../functions/src/gateways/googleplay/purchases.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import { Bench, owner } from './bench.ts';

/** Google's list of refunds, through the routine of an announced one. */

const bench = new Bench();

const DAY_MS = 24 * 60 * 60_000;

beforeEach(() => {
  bench.now = new Date();
});

/** Credited by the app's call; the refunds of it are not announced. */
async function credited(quantity = 1): Promise<string> {
  bench.google.control.hold(true);
  const { token } = bench.buy({ quantity, accountId: owner.accountToken });
  await bench.purchases().syncPurchase(token, { owner, productId: null });
  return token;
}

/** As `kind cents`, or the message of what cannot be read. */
function said(reported: readonly Reported[]): string[] {
  return reported.map((one) => {
    if (one instanceof Unusable) return `${one.about ?? ''} ${one.message}`;
    return 'review' in one ? 'review' : `${one.kind} ${one.amountCents}`;
  });
}

function asked(path: string): number {
  return bench.google.control.requests().filter((request) => request.path.includes(path)).length;
}

/** Google's list answers with this, whatever it is asked. */
function answerList(body: unknown): void {
  const genuine = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!address.includes('/voidedpurchases')) return genuine(input, init);
    if (typeof body !== 'string') return Response.json(body);
    return new Response(body, { headers: { 'content-type': 'application/json' } });
  };
  restore = () => (globalThis.fetch = genuine);
}

let restore: () => void = () => undefined;
afterEach(() => {
  restore();
});

test('every listed refund is told as its announcement tells it', async () => {
  const [whole, part] = [await credited(), await credited(3)];
  bench.google.control.void(whole);
  bench.google.control.void(part, 1);
  bench.google.control.void(part, 1);
  const [page] = await bench.listed();
  expect(said(page ?? [])).toEqual(['payment 500', 'refund -500', 'payment 1500', 'refund -1000']);
  for (const message of bench.google.control.held().slice(-3)) {
    const { body, authorization } = bench.google.control.pushed(message);
    const request = { method: 'POST', headers: { authorization }, body: Buffer.from(body) };
    const gateway = bench.gateway();
    const announced = await gateway.movements(await gateway.verify(request));
    expect(announced.length).toBe(2);
    expect(page).toEqual(expect.arrayContaining([...announced]));
  }
});

test('a refund of all of it needs no call, one of a part reads its purchase once', async () => {
  const [whole, part] = [await credited(), await credited(3)];
  bench.google.control.void(whole);
  bench.google.control.void(part, 1);
  bench.google.control.void(part, 1);
  bench.google.control.setPageSize(1);
  const before = asked('/productsv2/');
  expect((await bench.listed()).map(said)).toEqual([
    ['payment 500', 'refund -500'],
    ['payment 1500', 'refund -1000'],
    [],
  ]);
  expect(asked('/voidedpurchases')).toBe(3);
  expect(asked('/productsv2/') - before).toBe(1);
});

test('the rest of a purchase, listed on a later page, is taken too', async () => {
  const token = await credited(3);
  bench.google.control.void(token, 1);
  bench.google.control.void(token);
  bench.google.control.edit(token, { refundableQuantity: 2, state: 'PURCHASED' });
  bench.google.control.setPageSize(1);
  expect((await bench.listed()).map(said)).toEqual([
    ['payment 1500', 'refund -500'],
    ['payment 1500', 'refund -500', 'refund -1000'],
  ]);
});

test('a refund of an uncredited purchase moves nothing, and bars its credit', async () => {
  const { token } = bench.buy();
  bench.google.control.void(token);
  expect((await bench.listed()).flat()).toEqual([]);
  expect(await bench.synced(token, bench.purchases())).toEqual(['refunded']);
});

test('an earlier start than Google takes is the earliest; an end to come is left out', async () => {
  bench.google.control.void(await credited());
  const { history } = bench.gateway();
  const pages = [];
  const soon = new Date(Date.now() + DAY_MS);
  for await (const page of history?.list(new Date(0), soon) ?? []) pages.push(...page);
  expect(pages).toHaveLength(2);
  expect(await bench.listed(new Date(Date.now() + 1000))).toEqual([[]]);
});

test('an entry that cannot be read is named, without its token, beside the others', async () => {
  const token = await credited();
  answerList({
    voidedPurchases: [
      { orderId: 'GPA.1' },
      { purchaseToken: 'x', voidedTimeMillis: '1' },
      { purchaseToken: token },
      null,
    ],
  });
  const [page] = await bench.listed();
  expect(said(page ?? [])).toEqual([
    'payment 500',
    'refund -500',
    'GPA.1 A refund that Google lists cannot be read.',
    expect.stringMatching(/^[0-9a-f]{32} A refund that Google lists cannot be read\.$/),
    expect.stringMatching(/^[0-9a-f]{32} A refund that Google lists cannot be read\.$/),
  ]);
});

test('a purchase that no row can be made of does not hide the others', async () => {
  const { token, orderId } = bench.buy({
    productId: 'unknown',
    quantity: 2,
    accountId: owner.accountToken,
  });
  bench.google.control.void(token, 1);
  const other = await credited(3);
  bench.google.control.void(other, 1);
  const [page] = await bench.listed();
  expect(said(page ?? []).toSorted()).toEqual([
    expect.stringContaining(`${orderId ?? ''} `),
    'payment 1500',
    'refund -500',
  ]);
});

describe('a refund of a part that Google lists and does not show', () => {
  async function unseen(ageMs: number): Promise<string[]> {
    const token = await credited(3);
    const { orderId } = bench.google.control.sale(token);
    const at = String(Date.now() - ageMs);
    const entry = { purchaseToken: token, orderId, voidedQuantity: 1, voidedTimeMillis: at };
    answerList({ voidedPurchases: [entry] });
    return said((await bench.listed()).flat());
  }

  test('is left out for a day', async () => {
    expect(await unseen(DAY_MS - 60_000)).toEqual([]);
  });

  test('is for a person then', async () => {
    expect(await unseen(DAY_MS + 60_000)).toEqual([
      expect.stringMatching(/^GPA\S+ Google lists a refund of a part and does not show it\.$/),
    ]);
  });

  test('of a purchase that was never credited is left out', async () => {
    const voidedPurchases = [{ purchaseToken: 'token-000000000001', voidedQuantity: 1 }];
    answerList({ voidedPurchases });
    expect((await bench.listed()).flat()).toEqual([]);
  });
});

describe('no list is taken for an empty one', () => {
  const match = 'GET /androidpublisher/v3/applications/:id/purchases/voidedpurchases';

  test.each([
    ['429', { status: 429 }, Unavailable],
    ['503', { status: 503 }, Unavailable],
    ['a broken connection', { drop: true }, Unavailable],
    ['a cut-off answer', { cutOff: true }, Unavailable],
    ['another app', { status: 404 }, Misconfigured],
    ['401', { status: 401 }, Misconfigured],
  ] as const)('%s', async (_, fault, error) => {
    bench.google.control.fault({ match, ...fault });
    await expect(bench.listed()).rejects.toThrow(error);
  });

  test.each([
    ['broken JSON', '{"voidedPurchases": [{"purchaseToken'],
    ['another form', { voidedPurchases: 'none' }],
    ['half a cursor', { tokenPagination: { nextPageToken: 7 } }],
  ])('%s', async (_, body) => {
    answerList(body);
    await expect(bench.listed()).rejects.toThrow(Unavailable);
  });

  test('a cursor that comes again', async () => {
    answerList({ tokenPagination: { nextPageToken: 'a' } });
    await expect(bench.listed()).rejects.toThrow(Unavailable);
  });

  test('a cursor that Google has forgotten', async () => {
    bench.google.control.void(await credited());
    bench.google.control.void(await credited());
    bench.google.control.setPageSize(1);
    const pages = bench.gateway().history?.list(new Date(0), bench.now)[Symbol.asyncIterator]();
    expect((await pages?.next())?.value).toHaveLength(2);
    bench.google.control.fault({ match, status: 400 });
    await expect(pages?.next()).rejects.toThrow(Unavailable);
  });
});

test('a purchase that Google does not give ends the list, after the refunds that were read', async () => {
  // More than are read at once: the one that needs no call is last in the list, and is taken first.
  for (let parts = 0; parts < 6; parts += 1) bench.google.control.void(await credited(3), 1);
  bench.google.control.void(await credited());
  const match = 'GET /androidpublisher/v3/applications/:id/purchases/productsv2';
  bench.google.control.fault({ match, status: 503, times: 9 });
  const pages = bench.gateway().history?.list(new Date(0), bench.now)[Symbol.asyncIterator]();
  expect(said((await pages?.next())?.value as Reported[])).toEqual(['payment 500', 'refund -500']);
  await expect(pages?.next()).rejects.toThrow(Unavailable);
});

test('for a report nothing is written', async () => {
  const token = await credited();
  const { token: uncredited } = bench.buy({ quantity: 2 });
  bench.google.control.void(token);
  bench.google.control.void(uncredited);
  bench.pending.clear();
  const gateway = bench.gateway({ isReadOnly: true });
  const expected = [['payment 500', 'refund -500']];
  expect((await bench.listed(undefined, gateway)).map(said)).toEqual(expected);
  expect((await bench.listed(undefined, gateway)).map(said)).toEqual(expected);
  expect((await bench.receipts.find(receiptIdOf(token)))?.movements).toHaveLength(1);
  expect(await bench.receipts.find(receiptIdOf(uncredited))).toBeUndefined();
  expect(bench.waits()).toEqual([]);
});
