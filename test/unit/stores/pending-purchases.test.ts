import { PendingPurchases } from '../../../functions/src/stores/pending-purchases.ts';
import { logFromNow } from '../../harness/log.ts';
import { told, useOwnFirestore } from '../../harness/own-firestore.ts';

const own = useOwnFirestore();
const books = (gateway = 'somestore') => new PendingPurchases(own().firestore, gateway);

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute));

const purchase = {
  awaits: 'refund',
  receiptId: 'r1',
  uid: 'ann',
  token: 'token-1',
  orderId: 'GPA.1',
  openedAt: at(0),
} as const;

/** The one purchase that is due, as the schedule reads it. */
async function read() {
  const [found, ...others] = await books().due(at(59), 9);
  expect(others).toEqual([]);
  if (found === undefined) throw new Error('nothing is due');
  return found;
}

describe('a refund is announced between reading and writing', () => {
  /** What the schedule has read, and the announcement that came after. */
  async function announcedSince() {
    await books().open(purchase, at(1));
    const known = await read();
    await books().open({ ...purchase, openedAt: at(5) }, at(6));
    return known;
  }

  test('the wait for it is not postponed', async () => {
    await books().postpone(await announcedSince(), at(50));
    expect(await read()).toMatchObject({ openedAt: at(5), attempts: 0 });
    expect(await books().due(at(6), 9)).toHaveLength(1);
  });

  test('the wait for it is not ended', async () => {
    await books().close(await announcedSince());
    expect(await read()).toMatchObject({ openedAt: at(5) });
  });
});

test('a wait is postponed, and counts its looks', async () => {
  await books().open(purchase, at(1));
  const known = await read();
  expect(known).toMatchObject({ ...purchase, attempts: 0 });
  await books().postpone(known, at(50));
  expect(await books().due(at(49), 9)).toEqual([]);
  expect(await read()).toMatchObject({ ...purchase, attempts: 1 });
  await books().close(await read());
  expect(await own().all('tn_open_purchases')).toEqual([]);
});

test('without a version a wait ends, whatever has changed', async () => {
  await books().open(purchase, at(1));
  await books().open(purchase, at(2));
  await books().close({ awaits: 'refund', receiptId: 'r1' });
  expect(await own().all('tn_open_purchases')).toEqual([]);
  await books().close({ awaits: 'refund', receiptId: 'r1' });
});

test('a purchase to finish that is opened again stays as it was; one may wait for both', async () => {
  const finish = { ...purchase, awaits: 'finish' } as const;
  await books().open(finish, at(1));
  await books().open({ ...finish, uid: 'bob' }, at(40));
  await books().open(purchase, at(50));
  const due = await books().due(at(59), 9);
  expect(due.map(({ awaits, uid }) => [awaits, uid])).toEqual([
    ['finish', 'ann'],
    ['refund', 'ann'],
  ]);
  expect(await books().due(at(1), 9)).toHaveLength(1);
});

test('a purchase of another store is not due here', async () => {
  await books('otherstore').open(purchase, at(1));
  expect(await books().due(at(59), 9)).toEqual([]);
});

test('purchases that cannot be read are told, set aside, and hide no other', async () => {
  for (const [index, receiptId] of ['r1', 'r2', 'r3'].entries()) {
    await books().open({ ...purchase, receiptId }, at(index));
  }
  const broken = ['r1', 'r2'].map((id) => `somestore_${id}_refund`);
  for (const id of broken) {
    await own().doc(`tn_open_purchases/${id}`).update({ purchase_token: 7 });
  }
  const logged = logFromNow();
  // A page of two is all broken: the next page is read at once.
  expect((await books().due(at(59), 2)).map(({ receiptId }) => receiptId)).toEqual(['r3']);
  expect(told(logged())).toEqual(Array(2).fill('ERROR an open purchase cannot be read'));
  const names = logged().map((line) => (JSON.parse(line) as Record<string, unknown>)['parked_id']);
  expect(names.toSorted()).toEqual(broken);
  expect(await books().due(at(59), 9)).toHaveLength(1);
});
