import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { AskedPayment } from '../../../../functions/src/gateway.ts';
import { receiptIdOf } from '../../../../functions/src/gateways/googleplay/purchases.ts';
import { memoryReceipts } from '../../../harness/receipts.ts';
import type { NewPurchase, Sale } from '../../../standins/googleplay/shop.ts';
import { Bench, owner } from './bench.ts';

const bench = new Bench();

function named(paymentId: string | null, ref: string | null = null): AskedPayment {
  return { orderId: null, ref, paymentId };
}

async function inquired({ orderId }: Sale, gateway = bench.gateway()): Promise<string[]> {
  const reported = await gateway.inquire?.(named(orderId));
  return (reported ?? []).map((one) => {
    if (one instanceof Unusable) return `${one.about ?? ''} ${one.message}`;
    return 'review' in one ? 'review' : `${one.id} ${one.kind} ${one.amountCents}`;
  });
}

/** Bought by user1, who has bought before. */
async function bought(given: Partial<NewPurchase> = {}): Promise<Sale> {
  bench.google.control.hold(true);
  await bench.receipts.claim('an earlier one', owner);
  return bench.buy({ quantity: 3, accountId: owner.accountToken, ...given });
}

async function credited(): Promise<Sale> {
  const sale = await bought();
  await bench.purchases().syncPurchase(sale.token, { owner, productId: null });
  return sale;
}

const payment = 'GPA.3300-1111-2222-00001 payment 1500';
const refund = (cents: number) => `GPA.3300-1111-2222-00001-refund-1 refund -${cents}`;

describe('an order is told as its notification tells it', () => {
  test.each<[string, () => Promise<Sale>, string[]]>([
    ['paid and credited', credited, [payment]],
    ['paid and never told of', bought, [payment]],
    [
      'refunded',
      async () => {
        const sale = await credited();
        return bench.google.control.void(sale.token);
      },
      [payment, refund(1500)],
    ],
    [
      'refunded in part, before its credit',
      async () => bench.google.control.void((await bought()).token, 1),
      [payment, refund(500)],
    ],
    [
      'refunded without being revoked',
      async () => bench.google.control.edit((await credited()).token, { orderState: 'REFUNDED' }),
      [payment, refund(1500)],
    ],
    [
      'of a purchase that Google has forgotten',
      async () => bench.google.control.edit((await credited()).token, { forgotten: true }),
      [payment],
    ],
    ['not paid yet', () => bought({ pending: true }), []],
    ['of an unknown buyer', async () => bench.buy(), []],
    [
      'refunded before its credit',
      async () => bench.google.control.void((await bought()).token),
      [],
    ],
  ])('%s', async (_, arrange, expected) => {
    const sale = await arrange();
    expect(await inquired(sale)).toEqual(expected);
    // Again: nothing is told twice, and nothing has changed.
    expect(await inquired(sale)).toEqual(expected);
    const { movements } = await bench
      .purchases()
      .syncPurchase(sale.token)
      .catch(() => {
        return { movements: [] };
      });
    const webhook = movements.map(({ id, kind, amountCents }) => `${id} ${kind} ${amountCents}`);
    if (webhook.length > 0) expect(webhook).toEqual(expected);
  });
});

test('each object is read once', async () => {
  const sale = await bought();
  await inquired(sale);
  const paths = bench.google.control.requests().map(({ path }) => path);
  expect(paths.filter((path) => path.includes('/orders/'))).toHaveLength(1);
  expect(paths.filter((path) => path.includes('/productsv2/'))).toHaveLength(1);
});

test('an order is found by its receipt', async () => {
  const { token } = await credited();
  const found = await bench.gateway().inquire?.(named(null, receiptIdOf(token)));
  expect(found).toMatchObject([{ kind: 'payment', amountCents: 1500 }]);
  expect(await bench.gateway().inquire?.(named(null, receiptIdOf('another')))).toEqual([]);
});

test.each([
  ['that Google does not know', named('GPA.0')],
  ['without an id', named(null)],
  ['whose id Google would not give', named('../orders')],
])('an order %s moves nothing', async (_, asked) => {
  expect(await bench.gateway().inquire?.(asked)).toEqual([]);
});

test('an order of another app moves nothing', async () => {
  const sale = await credited();
  bench.google.control.fault({ match: 'GET /androidpublisher', status: 400 });
  expect(await inquired(sale)).toEqual([]);
});

test('a refund by amount is for a person, beside what was credited', async () => {
  const sale = await credited();
  bench.google.control.edit(sale.token, { orderState: 'PARTIALLY_REFUNDED' });
  const message = 'The order was refunded in part, and the purchase shows no part.';
  expect(await inquired(sale)).toEqual([payment, `${sale.orderId ?? ''} ${message}`]);
});

test('a purchase that no row can be made of is thrown', async () => {
  await expect(inquired(await bought({ productId: 'unknown' }))).rejects.toThrow(Unusable);
});

test.each([
  ['429', { status: 429 }, Unavailable],
  ['503', { status: 503 }, Unavailable],
  ['a cut-off answer', { cutOff: true }, Unavailable],
  ['401', { status: 401 }, Misconfigured],
] as const)('%s', async (_, fault, error) => {
  const sale = await credited();
  bench.google.control.fault({ match: 'GET /androidpublisher', ...fault });
  await expect(inquired(sale)).rejects.toThrow(error);
});

test('for a report nothing is written and nothing is consumed', async () => {
  const sale = await bought();
  const book = memoryReceipts();
  await book.claim('an earlier one', owner);
  bench.receipts = book;
  const gateway = bench.gateway({ isReadOnly: true });
  expect(await inquired(sale, gateway)).toEqual([payment]);
  expect(await inquired(bench.buy(), gateway)).toEqual([]);
  expect(await book.find(receiptIdOf(sale.token))).toBeUndefined();
  expect(bench.waits()).toEqual([]);
  expect(await bench.unclaimed.of(owner.accountToken)).toEqual([]);
  expect(bench.google.control.sale(sale.token).consumed).toBe(false);
  await inquired(sale);
  expect(bench.waits()).toEqual(['finish']);
});

describe('a parked event', () => {
  const receiptId = 'a'.repeat(64);
  test.each([
    [
      'of a refund',
      { id: '1', type: 'voidedPurchase', receiptId, orderId: 'GPA.1' },
      named('GPA.1', receiptId),
    ],
    ['of a purchase', { id: '1', type: 'oneTimeProduct.1', receiptId }, named(null, receiptId)],
    [
      'of a refund without an order',
      { id: '1', type: 'refund', receiptId, orderId: null },
      named(null, receiptId),
    ],
    [
      'of a chargeback',
      { id: '1', type: 'pendingRefundReview', review: { orderId: 'GPA.1' } },
      undefined,
    ],
    ['that could not be read', { id: '1', type: 'unreadable', packageName: '' }, undefined],
    ['of another form', { receiptId: 7, orderId: '../x' }, undefined],
    ['that is no object', 'text', undefined],
  ])('%s', (_, event, subject) => {
    expect(bench.gateway().subjectOf?.(event)).toEqual(subject);
  });
});
