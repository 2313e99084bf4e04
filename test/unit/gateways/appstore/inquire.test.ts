import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { accountToken } from '../../../../functions/src/stores/account-token.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { liveConfig } from './bench.ts';
import { said, StoreBench } from './store-bench.ts';

const bench = new StoreBench();

const INFO = '/inApps/v1/transactions/';

function named(paymentId: string | null) {
  return { orderId: null, ref: null, paymentId };
}

async function inquired(id: string, gateway = bench.gateway()) {
  return (await gateway.inquire?.(named(`sandbox-${id}`))) ?? [];
}

describe('a purchase is told as its notification tells it', () => {
  test('never told of', async () => {
    const id = await bench.bought();
    const found = await inquired(id);
    expect(said(found)).toEqual(['payment 499']);
    expect(found).toEqual(await bench.webhook(bench.store.notify('ONE_TIME_CHARGE', id)));
    expect(await inquired(id)).toEqual(found);
  });

  test.each([
    ['all of it', 100_000, -499],
    ['a part of it', 33_333, -166],
  ])('refunded, %s', async (_, percentage, cents) => {
    const id = await bench.credited();
    bench.store.refund(id, percentage);
    const found = await inquired(id);
    expect(said(found)).toEqual(['payment 499', `refund ${cents}`]);
    const [refund] = bench.store.notifications();
    expect(found).toEqual(refund && (await bench.webhook(refund)));
    expect(await inquired(id)).toEqual(found);
  });

  test('refunded in part before its credit', async () => {
    const id = await bench.bought();
    bench.store.refund(id, 33_333);
    expect(said(await inquired(id))).toEqual(['payment 499', 'refund -166']);
  });

  test('with a refund that Apple took back, unheard', async () => {
    const id = await bench.credited();
    bench.store.refund(id);
    await inquired(id);
    bench.store.reverseRefund(id);
    const found = await inquired(id);
    expect(said(found)).toEqual(['payment 499', 'refund -499', 'refund_reversed 499']);
    const reversal = bench.store.notifications().at(-1);
    expect(found).toEqual(reversal && (await bench.webhook(reversal)));
  });

  test('refunded before its credit: nothing, and it is barred', async () => {
    const appAccountToken = accountToken('user2');
    const bought = bench.store.buy({ productId: 'credits_499', appAccountToken });
    bench.store.refund(bought.transactionId);
    expect(await inquired(bought.transactionId)).toEqual([]);
    const receipt = await bench.receipts.find(`sandbox-${bought.transactionId}`);
    expect(receipt?.revocation).toMatchObject({ part: 100_000 });
    expect(await bench.unclaimed.of(appAccountToken)).toEqual([]);
  });
});

describe('nothing is told', () => {
  test('of a purchase of an unknown buyer, which is kept', async () => {
    const appAccountToken = accountToken('user2');
    const bought = bench.store.buy({ productId: 'credits_499', appAccountToken });
    expect(await inquired(bought.transactionId)).toEqual([]);
    expect(await bench.unclaimed.of(appAccountToken)).toHaveLength(1);
  });

  test('of one for which nothing was paid', async () => {
    expect(await inquired(await bench.bought({ price: 0 }))).toEqual([]);
  });

  test('of a subscription', async () => {
    const type = 'Auto-Renewable Subscription';
    expect(await inquired(await bench.bought({ type }))).toEqual([]);
  });

  test('of one that Apple does not know', async () => {
    expect(await inquired('410000000000017')).toEqual([]);
    expect(bench.asked()).toEqual([`GET ${INFO}410000000000017`]);
  });

  test.each([
    ['no id', null],
    ['the id of another environment', '410000000000017'],
    ['an id that leads elsewhere', 'sandbox-../notifications/test'],
  ])('of %s, and Apple is not asked', async (_, id) => {
    expect(await bench.gateway().inquire?.(named(id))).toEqual([]);
    expect(bench.asked()).toEqual([]);
  });

  test('of a reviewer’s purchase on a live deployment, whose key is for the other store', async () => {
    const gateway = bench.gateway({ config: liveConfig });
    expect(await inquired(await bench.credited(), gateway)).toEqual([]);
    expect(bench.asked()).toEqual([]);
  });

  test('of another purchase than the one asked for', async () => {
    const [id, other] = [await bench.credited(), await bench.credited()];
    bench.answer(INFO, { signedTransactionInfo: bench.store.signedTransaction(other) });
    expect(await inquired(id)).toEqual([]);
  });
});

test('an event’s purchase is found by its receipt', async () => {
  const id = await bench.credited();
  const gateway = bench.gateway();
  expect(
    gateway.subjectOf?.({ id: '1', type: 'REFUND', receiptId: `sandbox-${id}`, productId: 'p' }),
  ).toEqual(named(`sandbox-${id}`));
  expect(gateway.subjectOf?.({ id: '1', type: 'REFUND', receiptId: '410000000000017' })).toEqual(
    named('410000000000017'),
  );
  for (const event of [
    { id: '1', type: 'REFUND' },
    { receiptId: '../x' },
    { receiptId: 7 },
    'x',
    null,
  ])
    expect(gateway.subjectOf?.(event)).toBeUndefined();
});

test.each([
  ['the catalogue lacks', { productId: 'unknown' }, /./],
  ['of an unknown kind', { type: 'Other' }, /type of the purchased product/],
])('a purchase that %s is for a person', async (_, given, message) => {
  const found = inquired(await bench.bought(given));
  await expect(found).rejects.toThrow(Unusable);
  await expect(found).rejects.toThrow(message);
});

test('a purchase that Apple did not sign is for a person', async () => {
  const id = await bench.credited();
  bench.answer(INFO, { signedTransactionInfo: bench.store.forged({ transactionId: id }) });
  await expect(inquired(id)).rejects.toThrow(Unusable);
});

test.each([{ status: 429 }, { status: 500 }, { status: 404 }, { sends: 'nothing' as const }])(
  '%p is no answer',
  async (fault) => {
    const id = await bench.credited();
    bench.store.fault(fault);
    await expect(inquired(id)).rejects.toThrow(Unavailable);
  },
);

test.each([
  ['broken JSON', '{"signedTransactionInfo": "ey'],
  ['no purchase', {}],
])('%s is half an answer', async (_, body) => {
  const id = await bench.credited();
  bench.answer(INFO, body);
  await expect(inquired(id)).rejects.toThrow(Unavailable);
});

test('a key that Apple refuses is named', async () => {
  setEnvironment({ APPSTORE_KEY_ID: 'ANOTHER' });
  await expect(inquired(await bench.credited())).rejects.toThrow(Misconfigured);
});

test('without a key there is no API to ask; without consent there is', () => {
  setEnvironment({ APPSTORE_CONSUMPTION_CONSENT: 'false' });
  expect(Object.keys(bench.gateway())).toEqual(expect.arrayContaining(['inquire', 'history']));
  setEnvironment({ APPSTORE_PRIVATE_KEY: 'none' });
  expect(Object.keys(bench.gateway()).sort()).toEqual([
    'movements',
    'refunds',
    'subjectOf',
    'trace',
    'verify',
  ]);
});

test('for a report nothing is written', async () => {
  const [id, refunded] = [await bench.bought(), await bench.credited()];
  const appAccountToken = accountToken('user2');
  const { transactionId: unknown } = bench.store.buy({ productId: 'credits_499', appAccountToken });
  bench.store.refund(refunded);
  const gateway = bench.gateway({ isReadOnly: true });
  expect(said(await inquired(id, gateway))).toEqual(['payment 499']);
  expect(said(await inquired(refunded, gateway))).toEqual(['payment 499', 'refund -499']);
  expect(await inquired(unknown, gateway)).toEqual([]);
  expect(await bench.receipts.find(`sandbox-${id}`)).toBeUndefined();
  expect((await bench.receipts.find(`sandbox-${refunded}`))?.movements).toHaveLength(1);
  expect(await bench.unclaimed.of(appAccountToken)).toEqual([]);
});
