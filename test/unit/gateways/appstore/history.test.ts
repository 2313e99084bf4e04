import { Misconfigured, Unavailable } from '../../../../functions/src/errors.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { liveConfig } from './bench.ts';
import { said, StoreBench } from './store-bench.ts';

/** Apple's list of the notifications that it has made, through the routine of the webhook. */

const bench = new StoreBench();

const HISTORY = '/inApps/v1/notifications/history';
const DAY_MS = 24 * 60 * 60_000;

/** The list of a span, page by page; by default all that Apple lists. */
async function listed(since = new Date(0), gateway = bench.gateway(), until = soon()) {
  const pages: (readonly Reported[])[] = [];
  for await (const page of gateway.history?.list(since, until) ?? []) pages.push(page);
  return pages;
}

/** The stand-in signs no two things in one millisecond, so it may be ahead. */
function soon(): Date {
  return new Date(Date.now() + 60_000);
}

test('each notification is told as the webhook tells it', async () => {
  const [fresh, refunded, reversed] = [
    await bench.bought(),
    await bench.credited(),
    await bench.credited(),
  ];
  bench.store.notify('ONE_TIME_CHARGE', fresh);
  bench.store.refund(refunded, 33_333);
  bench.store.refund(reversed);
  bench.store.reverseRefund(reversed);
  const [page] = await listed();
  expect(said(page)).toEqual([
    'payment 499',
    'payment 499',
    'refund -166',
    'payment 499',
    'refund -499',
    'refund_reversed 499',
  ]);
  for (const notification of bench.store.notifications()) {
    const told = await bench.webhook(notification);
    expect(told.length).toBeGreaterThan(0);
    expect(page).toEqual(expect.arrayContaining([...told]));
  }
});

test('what moves no money, or is not ours, is left out; Apple is not told of consumption', async () => {
  const subscription = await bench.bought({ type: 'Auto-Renewable Subscription' });
  const credited = await bench.credited();
  bench.store.notify('TEST');
  bench.store.notify('DID_RENEW', subscription);
  bench.store.notify('REFUND', subscription);
  bench.store.notify('ONE_TIME_CHARGE', await bench.bought({ price: 0 }));
  expect((await listed()).flat()).toEqual([]);
  bench.store.notify('CONSUMPTION_REQUEST', credited);
  expect((await listed()).flat()).toEqual([]);
  expect(bench.asked().filter((one) => one.startsWith('PUT'))).toEqual([]);
});

test('is read page by page', async () => {
  for (let number = 0; number < 5; number += 1) {
    bench.store.notify('ONE_TIME_CHARGE', await bench.bought());
  }
  bench.store.setPageSize(2);
  const pages = await listed();
  expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
  expect(bench.asked()).toEqual(Array(3).fill(`POST ${HISTORY}`));
});

test('an earlier start than Apple takes is the earliest', async () => {
  bench.store.notify('ONE_TIME_CHARGE', await bench.bought());
  await listed(new Date(0));
  const { startDate } = bench.store.requests()[0]?.body as { startDate: number };
  const reachMs = bench.gateway().history?.reachMs ?? 0;
  expect(reachMs).toBe(30 * DAY_MS - 60 * 60_000);
  expect(Math.abs(Date.now() - reachMs - startDate)).toBeLessThan(10_000);
  expect(bench.gateway({ config: liveConfig }).history?.reachMs).toBe(180 * DAY_MS - 60 * 60_000);
  expect(await listed(soon(), undefined, new Date(Date.now() + 120_000))).toEqual([[]]);
});

test('one that cannot be read is named beside the others', async () => {
  const [first, broken, last] = [
    await bench.bought(),
    await bench.bought({ productId: 'unknown' }),
    await bench.bought(),
  ];
  const payloads = [first, broken, last].map((id) => bench.store.notify('ONE_TIME_CHARGE', id));
  const unsigned = bench.store.forged({ notificationType: 'REFUND' });
  const without = bench.store.notify('REFUND');
  const items = [...payloads, without].map(({ body }) => JSON.parse(body) as object);
  const notificationHistory = [...items, { signedPayload: unsigned }, { signedPayload: 7 }, null];
  bench.answer(HISTORY, { notificationHistory, hasMore: false });
  const [page] = await listed();
  const found = said(page);
  expect(found.slice(0, 3)).toEqual([
    'payment 499',
    'payment 499',
    expect.stringMatching(new RegExp(`^sandbox-${broken} `)),
  ]);
  expect(found.slice(3)).toEqual([
    `${without.id} The notification carries no purchase.`,
    expect.stringMatching(/^[0-9a-f]{32} Apple did not sign it/),
    expect.stringMatching(/^[0-9a-f]{32} A notification that Apple lists is not there\.$/),
    expect.stringMatching(/^[0-9a-f]{32} A notification that Apple lists is not there\.$/),
  ]);
  expect(found.join()).not.toContain(unsigned);
});

describe('no list is taken for an empty one', () => {
  test.each([
    { status: 429 },
    { status: 500 },
    { status: 404 },
    { status: 400 },
    { sends: 'nothing' as const },
    { status: 200, sends: 'half' as const },
  ])('%p', async (fault) => {
    bench.store.fault(fault);
    await expect(listed()).rejects.toThrow(Unavailable);
  });

  test.each([
    ['broken JSON', '{"notificationHistory": [{"signedPayload'],
    ['no word on further pages', { notificationHistory: [] }],
    ['another form', { notificationHistory: 'none', hasMore: false }],
    ['further pages and no cursor', { notificationHistory: [], hasMore: true }],
  ])('%s', async (_, body) => {
    bench.answer(HISTORY, body);
    await expect(listed()).rejects.toThrow(Unavailable);
  });

  test('a cursor that comes again', async () => {
    bench.answer(HISTORY, { notificationHistory: [], hasMore: true, paginationToken: 'a' });
    await expect(listed()).rejects.toThrow(Unavailable);
  });

  test('a second page that does not come, after the first one', async () => {
    for (const id of [await bench.bought(), await bench.bought()])
      bench.store.notify('ONE_TIME_CHARGE', id);
    bench.store.setPageSize(1);
    const pages = bench.gateway().history?.list(new Date(0), soon())[Symbol.asyncIterator]();
    expect(said((await pages?.next())?.value as Reported[])).toEqual(['payment 499']);
    bench.store.fault({ status: 503 });
    await expect(pages?.next()).rejects.toThrow(Unavailable);
  });

  test('a refused key', async () => {
    setEnvironment({ APPSTORE_ISSUER_ID: 'another' });
    await expect(listed()).rejects.toThrow(Misconfigured);
  });
});

test('books that do not answer end the list, after the notifications before', async () => {
  const [first, second] = [await bench.bought(), await bench.bought()];
  for (const id of [first, second]) bench.store.notify('ONE_TIME_CHARGE', id);
  const { receipts } = bench;
  const find: typeof receipts.find = async (id) => {
    if (id === `sandbox-${second}`) throw new Unavailable('Firestore did not answer.');
    return receipts.find(id);
  };
  const gateway = bench.gateway({ receipts: { ...receipts, find } });
  const pages = gateway.history?.list(new Date(0), soon())[Symbol.asyncIterator]();
  expect(said((await pages?.next())?.value as Reported[])).toEqual(['payment 499']);
  await expect(pages?.next()).rejects.toThrow('Firestore did not answer.');
});

test('for a report nothing is written', async () => {
  const [fresh, refunded] = [await bench.bought(), await bench.credited()];
  bench.store.notify('ONE_TIME_CHARGE', fresh);
  bench.store.refund(refunded);
  const gateway = bench.gateway({ isReadOnly: true });
  const expected = ['payment 499', 'payment 499', 'refund -499'];
  expect(said((await listed(undefined, gateway)).flat())).toEqual(expected);
  expect(said((await listed(undefined, gateway)).flat())).toEqual(expected);
  expect(await bench.receipts.find(`sandbox-${fresh}`)).toBeUndefined();
  expect((await bench.receipts.find(`sandbox-${refunded}`))?.movements).toHaveLength(1);
});
