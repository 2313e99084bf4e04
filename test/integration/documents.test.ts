import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TooEarly, Unusable } from '../../functions/src/errors.ts';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import { Deletions } from '../../functions/src/deletion/deletions.ts';
import { CustomerLease } from '../../functions/src/retail/customer-lease.ts';
import { DuePayments, type SyncDecision } from '../../functions/src/ledger/due-payments.ts';
import { Ledger } from '../../functions/src/ledger/ledger.ts';
import { PendingPurchases } from '../../functions/src/stores/pending-purchases.ts';
import { Looks } from '../../functions/src/ledger/looks.ts';
import { ParkedEvents } from '../../functions/src/ledger/parked-events.ts';
import { UnresolvedEvents } from '../../functions/src/ledger/unresolved-events.ts';
import { UnclaimedPurchases } from '../../functions/src/stores/unclaimed-purchases.ts';
import { Receipts } from '../../functions/src/stores/receipts.ts';
import { RefundRequests } from '../../functions/src/ledger/refund-requests.ts';
import { OpenEvents } from '../../functions/src/ledger/open-events.ts';
import { Adjustments } from '../../functions/src/ledger/adjustments.ts';
import { AuditBook } from '../../functions/src/roles/audit-book.ts';
import { StaffBook } from '../../functions/src/roles/staff-book.ts';
import { Reviews } from '../../functions/src/orders/reviews.ts';
import { readSettings } from '../../functions/src/config/settings.ts';
import { OrderExpiry } from '../../functions/src/orders/expiry.ts';
import { Orders } from '../../functions/src/orders/orders.ts';
import { UnpaidOrders } from '../../functions/src/orders/unpaid-orders.ts';
import { setEnvironment } from '../harness/environment.ts';
import { paymentRow } from '../harness/payment-row.ts';

// A project of its own: what is in it was written here.
setEnvironment({ GCLOUD_PROJECT: `demo-documents-${randomUUID()}` });

const firestore = openFirestore();
const ledger = new Ledger(firestore);
const payments = new DuePayments(firestore);
const parked = new ParkedEvents(firestore);
const now = new Date();
const DAY_MS = 86_400_000;

const row = paymentRow({ occurredAt: now });

/** Every field of the rows that is indexed on purpose or exempt, by collection. */
const { fieldOverrides } = JSON.parse(readFileSync('firestore.indexes.json', 'utf8')) as {
  fieldOverrides: { collectionGroup: string; fieldPath: string }[];
};

async function decided(paymentId: string, decision: SyncDecision): Promise<void> {
  await ledger.record({ ...row, paymentId }, now, 0);
  const found = (await payments.page(new Date(), 10)).find((one) => one.paymentId === paymentId);
  if (found === undefined) throw new Error('it is not due');
  await payments.decide([{ row: found, decision }], now);
}

async function park(id: string, error: TooEarly | Unusable, releaseAt: Date | null) {
  const report = { gateway: 'stripe', event: { id, type: 'refund.created' } };
  const waiting = releaseAt === null ? null : { ...row, paymentId: `stripe_${id}` };
  await parked.park(report, error, waiting, now, releaseAt);
  const found = await firestore.collection('tn_parked_events').get();
  return found.docs.find((one) => one.get('event.id') === id)?.id ?? '';
}

beforeAll(async () => {
  const settings = readSettings({ PAYMENTS_MODE: 'test' });
  const orders = new Orders(firestore, settings, () => new Date());
  const request = { uid: 'ann', amountCents: 1500, gateway: 'stripe' };
  await orders.place({ ...request, idempotencyKey: undefined });
  const yearsLater = new Date(now.getTime() + 1_097 * DAY_MS);
  await new OrderExpiry(firestore, () => yearsLater).run(yearsLater);
  await orders.bind(await orders.place({ ...request, idempotencyKey: 'key' }), 'pi_1');
  const failing = await orders.place({ ...request, idempotencyKey: 'failing' });
  await orders.handOver(failing, () => Promise.reject(new Error('down')), String).catch(() => null);
  const unpaid = new UnpaidOrders(firestore);
  for (const one of (await unpaid.due('stripe', yearsLater, 9)).unpaid) {
    const held = await unpaid.startBooking(one);
    if (held !== undefined) await unpaid.markUnpaid(held, now);
  }

  const fault = { outcome: 'rejected', status: 400, error_name: 'SomeException' };
  await ledger.record(row, now, 60_000);
  await ledger.record({ ...row, paymentId: 'stripe_pi_reviewer', isReviewer: true }, now, 60_000);
  await ledger.record(
    { ...row, paymentId: 'stripe_re_1-failed', kind: 'refund_failed', parentId: 'stripe_re_1' },
    now,
    60_000,
  );
  const refund = { kind: 'refund', parentId: row.paymentId, amountCents: -100 } as const;
  await ledger.record({ ...row, ...refund, paymentId: 'stripe_re_2' }, now, 60_000);
  await decided('stripe_pi_synced', { kind: 'synced', as: 'applied' });
  await decided('stripe_pi_failed', {
    kind: 'failed',
    retryAt: new Date(),
    fault,
    mayBeApplied: true,
  });
  await decided('stripe_pi_stopped', { kind: 'failed', retryAt: null, fault, mayBeApplied: false });

  const owner = { uid: 'ann', accountToken: 'token' };
  const product = { productId: 'credits_500', quantity: 1 };
  const sold = {
    owner,
    movementId: 'r1',
    amountCents: 500,
    mode: 'test',
    occurredAt: now,
  } as const;
  const receipts = new Receipts(firestore, 'store');
  await receipts.revoke('tombstone', { part: 1, whole: 1, asOf: now, occurredAt: now });
  await receipts.credit('sold', { ...sold, ...product });
  const open = new PendingPurchases(firestore, 'store');
  const sale = { receiptId: 'sold', uid: 'ann', token: 'token', orderId: null, openedAt: now };
  await open.open({ ...sale, awaits: 'finish' }, now);
  await open.open({ ...sale, awaits: 'refund' }, now);
  for (const one of await open.due(now, 9)) await open.postpone(one, now);
  const reported = { receiptId: 'r2', accountToken: 'token', proof: 'proof', reportedAt: now };
  await new UnclaimedPurchases(firestore, 'store').keep(reported);
  await new CustomerLease(firestore).lease('ann', now, now);
  const review = { review: 'opened', orderId: 'order1', uid: 'ann' } as const;
  await new Reviews(firestore).note(review, 'stripe', now);

  await park('evt_unusable', new Unusable('no'), null);
  await park('evt_waiting', new TooEarly('no'), now);
  await parked.resolve(await park('evt_released', new TooEarly('no'), now), ['stripe_pi_1'], now);
  await parked.postpone(await park('evt_postponed', new TooEarly('no'), now), now);
  await parked.giveUp(await park('evt_given_up', new TooEarly('no'), now), now);

  await new UnresolvedEvents(firestore).postpone(
    await park('evt_asked', new Unusable('no'), null),
    now,
  );
  const looks = new Looks(firestore);
  const look = await looks.read('stripe', { until: now, spanMs: DAY_MS });
  await looks.move('stripe', look, now, DAY_MS);

  await new StaffBook(firestore).put('staff', 'support', now);
  const audit = new AuditBook(firestore);
  const act = { act: 'resolve a parked event', target: 'id', reason: 'settled', at: now };
  const line = await audit.begin({ staffUid: 'staff', staffEmail: 'staff@example.com', ...act });
  await audit.end(line, { state: 'done', outcome: 'resolved' }, now);
  const settled = await park('evt_settled', new Unusable('no'), null);
  await new OpenEvents(firestore).resolve(settled, 'settled', line, now);

  const adjustments = new Adjustments(firestore, () => Promise.resolve(false));
  const asked = {
    uid: 'ann',
    amountCents: 500,
    reason: 'lost',
    mode: 'test',
    madeBy: 'staff',
    madeByEmail: 'staff@example.com',
  } as const;
  const turn = { now, leaseMs: 60_000 };
  for (const id of ['waiting', 'approved', 'declined']) {
    await adjustments.request({ ...asked, id }, 100, turn);
  }
  await adjustments.approve(
    'approved',
    { uid: 'second', mode: 'test' },
    () => Promise.resolve(),
    turn,
  );
  await adjustments.decline('declined', 'second', 'not ours', now);

  const move = { ...asked, uid: 'bob', paymentId: 'stripe_pi_reviewer' };
  await adjustments.move(move, 10_000, turn);
  const late = { paymentId: 'stripe_re_3', parentId: 'stripe_pi_reviewer', amountCents: -1 };
  await ledger.record({ ...row, kind: 'refund', ...late }, now, 60_000);

  const requests = new RefundRequests(firestore);
  const sums = { amountCents: 1, refundedCents: 0 };
  const wanted = { paymentId: row.paymentId, gateway: 'stripe', ...sums, line, callUntil: now };
  await requests.note(await requests.begin(wanted.paymentId, () => wanted, now), {}, now);

  const deletions = new Deletions(firestore);
  await deletions.schedule(await deletions.request('ann', now, now), now);
});

test('a parked event expires once it is resolved, and never while it waits or needs a person', async () => {
  const { docs } = await firestore.collection('tn_parked_events').get();
  const expiring = docs.filter((one) => one.get('expires_at') !== undefined);
  expect(expiring.map((one) => one.get('event.id') as string).toSorted()).toEqual([
    'evt_released',
    'evt_settled',
  ]);
  const expiresAt = expiring[0]?.get('expires_at') as FirebaseFirestore.Timestamp;
  expect(expiresAt.toMillis() - now.getTime()).toBe(180 * DAY_MS);
});

test('a review expires half a year after it was opened', async () => {
  const [review] = (await firestore.collection('tn_reviews').get()).docs;
  const expiresAt = review?.get('expires_at') as FirebaseFirestore.Timestamp;
  expect(expiresAt.toMillis() - now.getTime()).toBe(180 * DAY_MS);
});

test.each([
  'tn_payments',
  'tn_receipts',
  'tn_voided_refunds',
  'tn_audit',
  'tn_adjustments',
  'tn_refund_requests',
])('no document of %s expires', async (name) => {
  const { docs } = await firestore.collection(name).get();
  expect(docs.length).toBeGreaterThan(0);
  expect(docs.filter((one) => one.get('expires_at') !== undefined)).toEqual([]);
});

// An index that no query uses costs a write, and one on a time also limits how many a second.
test.each([
  ['tn_orders', 3],
  ['tn_payments', 10],
  ['tn_adjustments', 4],
  ['tn_voided_refunds', 1],
  ['tn_payment_locks', 2],
  ['tn_refund_requests', 1],
  ['tn_parked_events', 7],
  ['tn_looks', 1],
  ['tn_receipts', 2],
  ['tn_open_purchases', 2],
  ['tn_unclaimed_purchases', 1],
  ['tn_deletions', 1],
  ['tn_customers', 1],
  ['tn_reviews', 1],
  ['tn_staff', 1],
  ['tn_audit', 1],
])('every field of %s says how it is indexed, and no other', async (name, count) => {
  const { docs } = await firestore.collection(name).get();
  expect(docs).toHaveLength(count);
  const written = new Set(docs.flatMap((one) => Object.keys(one.data())));
  const listed = fieldOverrides.filter(({ collectionGroup }) => collectionGroup === name);
  // A field within a map is listed besides the map.
  const fields = new Set(listed.map(({ fieldPath }) => fieldPath.replace(/\..*/, '')));
  expect([...fields].toSorted()).toEqual([...written].toSorted());
});
