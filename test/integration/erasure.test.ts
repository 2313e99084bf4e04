import { randomUUID } from 'node:crypto';
import { CustomerDeletion, type DeletionDeps } from '../../functions/src/deletion/deletion.ts';
import { Conflict, Unavailable } from '../../functions/src/errors.ts';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import { ERASED } from '../../functions/src/ids.ts';
import { Deletions } from '../../functions/src/deletion/deletions.ts';
import { DuePayments } from '../../functions/src/ledger/due-payments.ts';
import { Erasure } from '../../functions/src/deletion/erasure.ts';
import { PendingPurchases } from '../../functions/src/stores/pending-purchases.ts';
import { Receipts } from '../../functions/src/stores/receipts.ts';
import { accountToken } from '../../functions/src/stores/account-token.ts';
import { setEnvironment } from '../harness/environment.ts';
import { logFromNow } from '../harness/log.ts';
import { newUid } from '../harness/world.ts';

// A project of its own: no other suite's deletions are due here.
setEnvironment({ GCLOUD_PROJECT: `demo-erasure-${randomUUID()}` });

const firestore = openFirestore();
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const KEPT_DAYS = 100;
const PAGE = 3;
const payments = firestore.collection('tn_payments');

let deletedUsers: string[];
let passedMs: number;

beforeEach(async () => {
  deletedUsers = [];
  passedMs = 0;
  for (const { ref } of (await firestore.collection('tn_deletions').get()).docs) await ref.delete();
});

afterAll(() => firestore.terminate());

const now = () => new Date(Date.now() + passedMs);

function deletionWith(deps: Partial<DeletionDeps> = {}): CustomerDeletion {
  return new CustomerDeletion({
    deletions: new Deletions(firestore),
    erasure: new Erasure(firestore, now, PAGE),
    deleteUser: async (uid) => void deletedUsers.push(uid),
    config: { keptDays: KEPT_DAYS },
    now,
    ...deps,
  });
}

/** Runs the schedule with time enough. */
const resume = (deletion = deletionWith()) => deletion.resume(new Date(now().getTime() + HOUR_MS));

async function rowsOf(uid: string, count: number, fields: object = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, () => `stripe_pi_${newUid()}`);
  for (const id of ids) {
    const row = { payment_id: id, uid, amount: 100, gateway: 'stripe', kind: 'payment' };
    const rest = { is_synced: true, created_at: new Date(), ...fields };
    await payments.doc(id).create({ ...row, ...rest });
  }
  return ids;
}

async function ordersOf(uid: string, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const order = { uid, amount: 100, created_at: new Date() };
    await firestore.collection('tn_orders').doc(newUid()).create(order);
  }
}

async function parkedOf(uid: string, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const row = { uid, amount: -100 };
    await firestore.collection('tn_parked_events').doc(newUid()).create({ row });
  }
}

/** How many documents of each collection hold the uid. */
async function holding(uid: string): Promise<Record<string, number>> {
  const count: Record<string, number> = {};
  for (const collection of await firestore.listCollections()) {
    const docs = (await collection.get()).docs.filter((one) =>
      JSON.stringify([one.id, one.data()]).includes(uid),
    );
    if (docs.length > 0) count[collection.id] = docs.length;
  }
  return count;
}

const tombstoneOf = async (uid: string) =>
  (await firestore.collection('tn_deletions').doc(uid).get()).data();

const ONLY_TOMBSTONE = { tn_deletions: 1 };

async function someone(): Promise<string> {
  const uid = newUid();
  await rowsOf(uid, 2);
  await ordersOf(uid, 2);
  await parkedOf(uid, 2);
  await firestore.collection('tn_customers').doc(uid).set({ at: 1 });
  return uid;
}

test.each([0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 1])(
  '%d documents of each kind, by pages',
  async (count) => {
    const [uid, other] = [newUid(), await someone()];
    await rowsOf(uid, count);
    await ordersOf(uid, count);
    await parkedOf(uid, count);
    await deletionWith().request(uid);
    expect(await holding(uid)).toEqual(ONLY_TOMBSTONE);
    const whole = { tn_payments: 2, tn_orders: 2, tn_parked_events: 2, tn_customers: 1 };
    expect(await holding(other)).toEqual(whole);
  },
);

test('rows in use are passed by, page after page, and what lies behind them is erased', async () => {
  const uid = newUid();
  const first = await rowsOf(uid, PAGE, { created_at: new Date(1) });
  await rowsOf(uid, 2 * PAGE, { is_synced: false, next_sync_at: now() });
  await rowsOf(uid, 1);
  await deletionWith().request(uid);
  expect(await holding(uid)).toEqual({ tn_deletions: 1, tn_payments: 2 * PAGE });
  expect((await payments.doc(first[0] ?? '').get()).get('uid')).toBe(ERASED);
});

test('a row that was given up is erased as it is: nobody pushes it any more', async () => {
  const uid = newUid();
  const fault = { outcome: 'rejected', status: 400, error_name: null };
  const [id = ''] = await rowsOf(uid, 1, { is_synced: false, sync_error: fault });
  await deletionWith().request(uid);
  expect((await payments.doc(id).get()).data()).toMatchObject({
    uid: ERASED,
    is_synced: false,
    sync_error: fault,
  });
});

describe('interrupted at any step, the schedule brings it to its end', () => {
  const fails = async () => {
    throw new Unavailable('injected');
  };
  const steps: Record<string, (uid: string) => Promise<unknown>> = {
    'before the user is deleted': async (uid) =>
      expect(deletionWith({ deleteUser: fails }).request(uid)).rejects.toThrow(Unavailable),
    'before anything is erased': (uid) => deletionWith({ erasure: { erase: fails } }).request(uid),
    'in the middle of the erasure': (uid) => {
      let pages = 0;
      // The time is up after the first page.
      const clock = () => new Date(Date.now() + (pages++ > 1 ? HOUR_MS : 0));
      return deletionWith({ erasure: new Erasure(firestore, clock, 1) }).request(uid);
    },
    'before it is written down how far it came': (uid) => {
      const deletions = new Deletions(firestore);
      return deletionWith({
        deletions: Object.assign(deletions, { schedule: fails }),
      }).request(uid);
    },
  };

  test.each(Object.keys(steps))('%s', async (step) => {
    const uid = await someone();
    await steps[step]?.(uid);
    expect(await tombstoneOf(uid)).toMatchObject({ erased_at: null });

    // Not due yet: whoever was interrupted may still be at work.
    await resume();
    expect(await tombstoneOf(uid)).toMatchObject({ erased_at: null });
    passedMs = HOUR_MS;
    await resume();
    expect(await holding(uid)).toEqual(ONLY_TOMBSTONE);
    expect(await tombstoneOf(uid)).not.toMatchObject({ erased_at: null });
    expect(deletedUsers).toContain(uid);
  });

  test.each(Object.keys(steps))('%s: or the call, repeated', async (step) => {
    const uid = await someone();
    await steps[step]?.(uid);
    await deletionWith().request(uid);
    expect(await holding(uid)).toEqual(ONLY_TOMBSTONE);
    expect(await tombstoneOf(uid)).not.toMatchObject({ erased_at: null });
    expect(deletedUsers).toContain(uid);
  });
});

test('what cannot be written down is not begun', async () => {
  const uid = await someone();
  const before = await holding(uid);
  const deletions = new Deletions(firestore);
  const request = async () => {
    throw new Unavailable('injected');
  };
  const parts = { deletions: Object.assign(deletions, { request }) };
  await expect(deletionWith(parts).request(uid)).rejects.toThrow(Unavailable);
  expect(deletedUsers).toEqual([]);
  expect(await holding(uid)).toEqual(before);
});

test('deletions that always fail hold up no other, and are tried again in the next run', async () => {
  const deletions = firestore.collection('tn_deletions');
  // As many as are read at a time, and due for longer.
  const poison = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const uid = newUid();
      await deletions.doc(uid).create({ next_run_at: new Date(0) });
      return uid;
    }),
  );
  const uid = await someone();
  await deletions.doc(uid).create({ next_run_at: new Date(1) });
  const deleteUser = async (one: string) => {
    if (poison.includes(one)) throw new Unavailable('injected');
  };
  await deletionWith({ deleteUser }).resume(new Date(Date.now() + 20_000));
  expect(await holding(uid)).toEqual(ONLY_TOMBSTONE);
  expect(await tombstoneOf(poison[0] ?? '')).toHaveProperty('erased_at', null);
  passedMs = HOUR_MS;
  await resume();
  expect(deletedUsers.toSorted()).toEqual(poison.toSorted());
});

test('a document that a person has made by hand asks for a deletion, too', async () => {
  const uid = await someone();
  await firestore
    .collection('tn_deletions')
    .doc(uid)
    .create({ next_run_at: new Date(0) });
  await resume();
  expect(await holding(uid)).toEqual(ONLY_TOMBSTONE);
  expect(deletedUsers).toEqual([uid]);
});

test('the schedule stops when its time is up, and goes on in the next run', async () => {
  const uid = await someone();
  await firestore
    .collection('tn_deletions')
    .doc(uid)
    .set({ next_run_at: new Date(0) });
  await deletionWith().resume(new Date(now().getTime() - 1));
  expect(deletedUsers).toEqual([]);
  await resume();
  expect(await holding(uid)).toEqual(ONLY_TOMBSTONE);
});

describe('what arrives later under the uid', () => {
  test('is erased day by day, until the uid is forgotten', async () => {
    const uid = await someone();
    await deletionWith().request(uid);
    const erasedAt = (await tombstoneOf(uid))?.['erased_at'] as FirebaseFirestore.Timestamp;
    for (const day of [1, 50, KEPT_DAYS - 1]) {
      await rowsOf(uid, 1);
      await ordersOf(uid, 1);
      await firestore.collection('tn_customers').doc(uid).set({ at: 1 });
      passedMs = day * DAY_MS + HOUR_MS;
      await resume();
      expect(await holding(uid)).toEqual(ONLY_TOMBSTONE);
    }
    // So that whoever deletes the customer elsewhere learns that there is news.
    const again = (await tombstoneOf(uid))?.['erased_at'] as FirebaseFirestore.Timestamp;
    expect(again.toMillis() - erasedAt.toMillis()).toBeGreaterThan((KEPT_DAYS - 2) * DAY_MS);
    // One whom the same uid was given to meanwhile is not deleted again.
    expect(deletedUsers).toEqual([uid]);
    passedMs = KEPT_DAYS * DAY_MS + 2 * HOUR_MS;
    await resume();
    expect(await holding(uid)).toEqual({});
  });

  test('the uid is not forgotten while anything is left', async () => {
    const uid = newUid();
    await deletionWith().request(uid);
    passedMs = KEPT_DAYS * DAY_MS + HOUR_MS;
    await parkedOf(uid, 1);
    const overtaken = async () => ({ erased: 0, left: 1, isThrough: true });
    await resume(deletionWith({ erasure: { erase: overtaken } }));
    expect(await holding(uid)).toEqual({ tn_deletions: 1, tn_parked_events: 1 });
    passedMs += HOUR_MS;
    await resume();
    expect(await holding(uid)).toEqual({});
  });
});

test('a row that the Retail API refuses for a month is given up: it keeps no uid for that', async () => {
  const uid = newUid();
  const fault = { outcome: 'refused_funds', status: 402, error_name: null };
  const [id = ''] = await rowsOf(uid, 1, {
    is_synced: false,
    sync_error: fault,
    next_sync_at: now(),
  });
  await deletionWith().request(uid);
  passedMs = 29 * DAY_MS;
  await resume();
  expect((await payments.doc(id).get()).get('uid')).toBe(uid);
  passedMs = 31 * DAY_MS;
  await resume();
  const row = (await payments.doc(id).get()).data();
  expect(row).toMatchObject({ uid: ERASED, is_synced: false, amount: 100 });
  expect(row).toMatchObject({ sync_error: { outcome: 'account_deleted' } });
  expect(row).not.toHaveProperty('next_sync_at');
});

test('a row that came a month after the deletion is given its time all the same', async () => {
  const uid = newUid();
  const requestedAt = new Date(Date.now() - 40 * DAY_MS);
  const tombstone = { requested_at: requestedAt, next_run_at: new Date(0) };
  await firestore.collection('tn_deletions').doc(uid).create(tombstone);
  await rowsOf(uid, 1, { is_synced: false, next_sync_at: now() });
  await resume();
  expect(await holding(uid)).toEqual({ tn_deletions: 1, tn_payments: 1 });
});

test('erasures and a sweep at once: no update of either is lost', async () => {
  const uid = newUid();
  const ids = await rowsOf(uid, 12, { is_synced: false, next_sync_at: new Date(0) });
  const due = new DuePayments(firestore);
  const sweep = async () => {
    const page = (await due.page(now(), 100)).filter((row) => row.uid === uid);
    const claimed = await due.claim(page, new Date(now().getTime() + HOUR_MS));
    await due.decide(
      claimed.map((row) => ({ row, decision: { synced: true } })),
      now(),
    );
    return claimed.length;
  };
  const deletion = deletionWith();
  const [, claimed] = await Promise.all([
    deletion.request(uid),
    sweep(),
    deletion.request(uid),
    deletion.request(uid),
  ]);
  expect(claimed).toBe(12);
  await deletion.request(uid);
  expect(await holding(uid)).toEqual(ONLY_TOMBSTONE);
  for (const id of ids) {
    const row = (await payments.doc(id).get()).data();
    expect(row).toMatchObject({ uid: ERASED, is_synced: true, amount: 100 });
    expect(row).not.toHaveProperty('next_sync_at');
  }
});

test('a document that changes between reading and erasing keeps its change, and is erased later', async () => {
  const uid = newUid();
  const [id = ''] = await rowsOf(uid, 1);
  const query = Object.getPrototypeOf(payments.limit(1)) as FirebaseFirestore.Query;
  jest.spyOn(query, 'get').mockImplementationOnce(async function (this: typeof query) {
    const page = await this.get();
    await payments.doc(id).update({ note: 'of a person' });
    return page;
  });
  const logged = logFromNow();
  await deletionWith().request(uid);
  expect((await payments.doc(id).get()).data()).toMatchObject({ uid, note: 'of a person' });
  expect(await tombstoneOf(uid)).toMatchObject({ erased_at: null });
  expect(logged().join()).not.toContain('unexpected');
  await deletionWith().request(uid);
  expect((await payments.doc(id).get()).data()).toMatchObject({ uid: ERASED, note: 'of a person' });
});

test.each(['', 'a/b', 'a b', 'x'.repeat(129)])(
  'a uid that names no document (%j) leaves no trace: its user is deleted',
  async (uid) => {
    await deletionWith().request(uid);
    expect(deletedUsers).toEqual([uid]);
    expect((await firestore.collection('tn_deletions').get()).empty).toBe(true);
  },
);

test('what was sold in a store stays sold: to nobody, for nobody else, refundable', async () => {
  const [uid, other] = [newUid(), newUid()];
  const receipts = new Receipts(firestore, 'appstore');
  const open = new PendingPurchases(firestore, 'appstore');
  const id = newUid();
  const sale = {
    productId: 'coins',
    quantity: 1,
    movementId: id,
    amountCents: 499,
    mode: 'test' as const,
    occurredAt: now(),
  };
  const owner = { uid, accountToken: accountToken(uid) };
  await receipts.credit(id, { ...sale, owner });
  const purchase = { receiptId: id, awaits: 'finish' } as const;
  const bought = { uid, token: 'token-standin', orderId: null, openedAt: now() };
  await open.open({ ...purchase, ...bought }, now());
  await deletionWith().request(uid);
  // The store still has to hear that it was delivered.
  expect(await holding(uid)).toEqual({ tn_deletions: 1, tn_open_purchases: 1 });
  expect(await holding(owner.accountToken)).toEqual({});

  const thief = { uid: other, accountToken: accountToken(other) };
  await expect(receipts.credit(id, { ...sale, owner: thief })).rejects.toThrow(Conflict);
  const revocation = { part: 1, whole: 1, asOf: now(), occurredAt: now() };
  const { movements } = await receipts.revoke(id, revocation);
  expect(movements.map(({ uid: whose, amountCents }) => [whose, amountCents])).toEqual([
    [ERASED, 499],
    [ERASED, -499],
  ]);

  await open.close(purchase);
  passedMs = HOUR_MS;
  await resume();
  expect(await holding(uid)).toEqual(ONLY_TOMBSTONE);
});
