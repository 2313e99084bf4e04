import { Conflict } from '../../../functions/src/errors.ts';
import { ERASED } from '../../../functions/src/ids.ts';
import { DuePayments } from '../../../functions/src/ledger/due-payments.ts';
import { PendingPurchases } from '../../../functions/src/stores/pending-purchases.ts';
import { Receipts } from '../../../functions/src/stores/receipts.ts';
import { accountToken } from '../../../functions/src/stores/account-token.ts';
import { logFromNow } from '../../harness/log.ts';
import { newUid } from '../../harness/world.ts';
import { DAY_MS, ErasureBench, HOUR_MS, ONLY_TOMBSTONE, PAGE } from './erasure-bench.ts';

const bench = new ErasureBench();

test.each([0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 1])(
  '%d documents of each kind, by pages',
  async (count) => {
    const [uid, other] = [newUid(), await bench.someone()];
    await bench.rowsOf(uid, count);
    await bench.ordersOf(uid, count);
    await bench.parkedOf(uid, count);
    await bench.deletionWith().request(uid);
    expect(await bench.holding(uid)).toEqual(ONLY_TOMBSTONE);
    const whole = { tn_payments: 2, tn_orders: 2, tn_parked_events: 2, tn_customers: 1 };
    expect(await bench.holding(other)).toEqual(whole);
  },
);

test('rows in use are passed by, page after page, and what lies behind them is erased', async () => {
  const uid = newUid();
  const first = await bench.rowsOf(uid, PAGE, { created_at: new Date(1) });
  await bench.rowsOf(uid, 2 * PAGE, { is_synced: false, next_sync_at: bench.now() });
  await bench.rowsOf(uid, 1);
  await bench.deletionWith().request(uid);
  expect(await bench.holding(uid)).toEqual({ tn_deletions: 1, tn_payments: 2 * PAGE });
  expect((await bench.payments.doc(first[0] ?? '').get()).get('uid')).toBe(ERASED);
});

test('a row that was given up is erased as it is: nobody pushes it any more', async () => {
  const uid = newUid();
  const fault = { outcome: 'rejected', status: 400, error_name: null };
  const [id = ''] = await bench.rowsOf(uid, 1, { is_synced: false, sync_error: fault });
  await bench.deletionWith().request(uid);
  expect((await bench.payments.doc(id).get()).data()).toMatchObject({
    uid: ERASED,
    is_synced: false,
    sync_error: fault,
  });
});

test('a row that the Retail API refuses for a month is given up: it keeps no uid for that', async () => {
  const uid = newUid();
  const fault = { outcome: 'refused_funds', status: 402, error_name: null };
  const [id = ''] = await bench.rowsOf(uid, 1, {
    is_synced: false,
    sync_error: fault,
    next_sync_at: bench.now(),
  });
  await bench.deletionWith().request(uid);
  bench.passedMs = 29 * DAY_MS;
  await bench.resume();
  expect((await bench.payments.doc(id).get()).get('uid')).toBe(uid);
  bench.passedMs = 31 * DAY_MS;
  await bench.resume();
  const row = (await bench.payments.doc(id).get()).data();
  expect(row).toMatchObject({ uid: ERASED, is_synced: false, amount: 100 });
  expect(row).toMatchObject({ sync_error: { outcome: 'account_deleted' } });
  expect(row).not.toHaveProperty('next_sync_at');
});

test('a row that came a month after the deletion is given its time all the same', async () => {
  const uid = newUid();
  const requestedAt = new Date(Date.now() - 40 * DAY_MS);
  const tombstone = { requested_at: requestedAt, next_run_at: new Date(0) };
  await bench.tombstones.doc(uid).create(tombstone);
  await bench.rowsOf(uid, 1, { is_synced: false, next_sync_at: bench.now() });
  await bench.resume();
  expect(await bench.holding(uid)).toEqual({ tn_deletions: 1, tn_payments: 1 });
});

test('erasures and a sweep at once: no update of either is lost', async () => {
  const uid = newUid();
  const ids = await bench.rowsOf(uid, 12, { is_synced: false, next_sync_at: new Date(0) });
  const due = new DuePayments(bench.firestore);
  const sweep = async () => {
    const page = (await due.page(bench.now(), 100)).filter((row) => row.uid === uid);
    const claimed = await due.claim(page, new Date(bench.now().getTime() + HOUR_MS));
    await due.decide(
      claimed.map((row) => ({
        row,
        decision: { kind: 'synced' as const, as: 'applied' as const },
      })),
      bench.now(),
    );
    return claimed.length;
  };
  const deletion = bench.deletionWith();
  const [, claimed] = await Promise.all([
    deletion.request(uid),
    sweep(),
    deletion.request(uid),
    deletion.request(uid),
  ]);
  expect(claimed).toBe(12);
  await deletion.request(uid);
  expect(await bench.holding(uid)).toEqual(ONLY_TOMBSTONE);
  for (const id of ids) {
    const row = (await bench.payments.doc(id).get()).data();
    expect(row).toMatchObject({ uid: ERASED, is_synced: true, amount: 100 });
    expect(row).not.toHaveProperty('next_sync_at');
  }
});

test('a document that changes between reading and erasing keeps its change, and is erased later', async () => {
  const uid = newUid();
  const [id = ''] = await bench.rowsOf(uid, 1);
  const query = Object.getPrototypeOf(bench.payments.limit(1)) as FirebaseFirestore.Query;
  jest.spyOn(query, 'get').mockImplementationOnce(async function (this: typeof query) {
    const page = await this.get();
    await bench.payments.doc(id).update({ note: 'of a person' });
    return page;
  });
  const logged = logFromNow();
  await bench.deletionWith().request(uid);
  expect((await bench.payments.doc(id).get()).data()).toMatchObject({ uid, note: 'of a person' });
  expect(await bench.tombstoneOf(uid)).toMatchObject({ erased_at: null });
  expect(logged().join()).not.toContain('unexpected');
  await bench.deletionWith().request(uid);
  expect((await bench.payments.doc(id).get()).data()).toMatchObject({
    uid: ERASED,
    note: 'of a person',
  });
});

test.each(['', 'a/b', 'a b', 'x'.repeat(129)])(
  'a uid that names no document (%j) leaves no trace: its user is deleted',
  async (uid) => {
    await bench.deletionWith().request(uid);
    expect(bench.deletedUsers).toEqual([uid]);
    expect((await bench.tombstones.get()).docs).toEqual([]);
  },
);

test('what was sold in a store stays sold: to nobody, for nobody else, refundable', async () => {
  const [uid, other] = [newUid(), newUid()];
  const receipts = new Receipts(bench.firestore, 'appstore');
  const open = new PendingPurchases(bench.firestore, 'appstore');
  const id = newUid();
  const sale = {
    productId: 'coins',
    quantity: 1,
    movementId: id,
    amountCents: 499,
    mode: 'test' as const,
    occurredAt: bench.now(),
  };
  const owner = { uid, accountToken: accountToken(uid) };
  await receipts.credit(id, { ...sale, owner });
  const purchase = { receiptId: id, awaits: 'finish' } as const;
  const bought = { uid, token: 'token-standin', orderId: null, openedAt: bench.now() };
  await open.open({ ...purchase, ...bought }, bench.now());
  await bench.deletionWith().request(uid);
  // The store still has to hear that it was delivered.
  expect(await bench.holding(uid)).toEqual({ tn_deletions: 1, tn_open_purchases: 1 });
  expect(await bench.holding(owner.accountToken)).toEqual({});

  const thief = { uid: other, accountToken: accountToken(other) };
  await expect(receipts.credit(id, { ...sale, owner: thief })).rejects.toThrow(Conflict);
  const revocation = { part: 1, whole: 1, asOf: bench.now(), occurredAt: bench.now() };
  const { movements } = await receipts.revoke(id, revocation);
  expect(movements.map(({ uid: whose, amountCents }) => [whose, amountCents])).toEqual([
    [ERASED, 499],
    [ERASED, -499],
  ]);

  await open.close(purchase);
  bench.passedMs = HOUR_MS;
  await bench.resume();
  expect(await bench.holding(uid)).toEqual(ONLY_TOMBSTONE);
});
