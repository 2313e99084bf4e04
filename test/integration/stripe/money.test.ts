import { logFromNow } from '../../harness/log.ts';
import { inShort, intentOf, newUid, parkedOf, rowsOf } from '../../harness/world.ts';
import { Bench } from './bench.ts';

const bench = new Bench();

beforeEach(() => {
  bench.world.retail.control.reset();
});

async function confirmed(uid: string, amount?: number): Promise<string> {
  const id = intentOf(bench.world, uid, amount === undefined ? {} : { amount });
  bench.stripe.confirm(id);
  await bench.stripe.idle();
  return id;
}

/** Runs the schedule once everything parked about an id is due. */
async function release(id: string): Promise<void> {
  const found = await bench.world.firestore.collection('tn_parked_events').get();
  for (const document of found.docs.filter((one) => one.id.includes(id))) {
    await document.ref.update({ release_at: new Date(0) });
  }
  await bench.world.functions.runSchedule('sync-retryUnsynced');
}

function eventOf(objectId: string, type: string): string {
  const event = bench.stripe
    .events()
    .findLast((one) => one.type === type && (one.data.object as { id: string }).id === objectId);
  if (event === undefined) throw new Error(`no ${type} of ${objectId}`);
  return event.id;
}

test('a payment makes one row, synced, with everything said once', async () => {
  const uid = newUid();
  const id = await confirmed(uid);
  const [row, ...others] = await rowsOf(bench.world, uid);
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    payment_id: `stripe_${id}`,
    uid,
    amount: 1500,
    gateway: 'stripe',
    kind: 'payment',
    parent_id: null,
    order_id: 'order1',
    mode: 'test',
    is_synced: true,
    sync_attempts: 0,
  });
  expect(row).not.toHaveProperty('next_sync_at');
  expect(bench.world.retail.control.transactions(uid)).toMatchObject([
    { transactionId: `stripe_${id}`, amountCents: 1500, gateway: 'stripe' },
  ]);
});

test('the same event a hundred times, twenty at once: one row, one transaction', async () => {
  const uid = newUid();
  bench.stripe.hold(true);
  const id = intentOf(bench.world, uid);
  bench.stripe.confirm(id);
  for (let round = 0; round < 5; round += 1) {
    const [event] = bench.stripe
      .events()
      .filter(({ type }) => type === 'payment_intent.amount_capturable_updated')
      .slice(-1);
    const sent = await bench.stripe.redeliver(event?.id ?? '', { copies: 20, parallel: true });
    expect(sent.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
  }
  bench.stripe.discard();
  bench.stripe.hold(false);
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500']);
  expect(bench.world.retail.control.balance(uid)).toBe(1500);
});

test('every event of a history, thrice, backwards and at once: the same rows', async () => {
  const uid = newUid();
  bench.stripe.hold(true);
  const id = intentOf(bench.world, uid);
  bench.stripe.confirm(id, { review: true });
  bench.stripe.approveReview(id);
  bench.stripe.captureFromDashboard(id);
  bench.stripe.refund(id, 500);
  bench.stripe.refund(id, 400, { status: 'pending' });
  const dispute = bench.stripe.dispute(id, { amount: 600 });
  bench.stripe.withdrawDispute(dispute.id);
  bench.stripe.reinstateDispute(dispute.id, 300);
  await bench.stripe.release({ order: 'reverse', copies: 3, parallel: true });
  bench.stripe.hold(false);
  const rows = await rowsOf(bench.world, uid);
  expect(inShort(rows).toSorted()).toEqual([
    'dispute -600',
    'dispute_reversed 300',
    'payment 1500',
    'refund -400',
    'refund -500',
  ]);
  const sum = rows.reduce((cents, row) => cents + Number(row['amount']), 0);
  expect(bench.world.retail.control.balance(uid)).toBe(sum);
});

test('a refund that fails gives back what it took, whichever is told first', async () => {
  const uid = newUid();
  const id = await confirmed(uid);
  const refund = bench.stripe.refund(id, 500);
  await bench.stripe.idle();
  bench.stripe.failRefund(refund.id);
  await bench.stripe.idle();
  expect(inShort(await rowsOf(bench.world, uid))).toEqual([
    'payment 1500',
    'refund -500',
    'refund_failed 500',
  ]);
  expect(bench.world.retail.control.balance(uid)).toBe(1500);
});

test('a refund that failed before we heard of it takes nothing and gives nothing back', async () => {
  const uid = newUid();
  const id = await confirmed(uid);
  bench.stripe.hold(true);
  const refund = bench.stripe.refund(id, 500);
  const told = bench.stripe.held();
  bench.stripe.failRefund(refund.id);
  const logged = logFromNow();
  await bench.stripe.release();
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500']);
  expect(await parkedOf(bench.world, refund.id)).toEqual([]);
  expect(logged().filter((line) => line.includes('ERROR'))).toEqual([]);

  // A handler that has read the refund while it was pending comes late.
  bench.stripe.edit(refund.id, { status: 'pending' });
  await bench.stripe.redeliver(told.at(-1)?.id ?? '');
  bench.stripe.hold(false);
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500']);
  expect(bench.world.retail.control.balance(uid)).toBe(1500);
});

test('a dispute that was lost and won beside a refund waits, and is booked as a pair', async () => {
  const uid = newUid();
  const id = await confirmed(uid);
  bench.stripe.refund(id, 500);
  await bench.stripe.idle();
  bench.stripe.hold(true);
  const dispute = bench.stripe.dispute(id, { amount: 1500 });
  bench.stripe.withdrawDispute(dispute.id);
  const { balance_transactions: moved } = bench.stripe.reinstateDispute(dispute.id);
  await bench.stripe.release({ order: 'reverse' });
  bench.stripe.hold(false);
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500', 'refund -500']);
  for (const transaction of moved) {
    expect(await parkedOf(bench.world, transaction.id)).toMatchObject([{ reason: 'conflict' }]);
  }
  // Whichever of the two is tried first.
  for (let run = 0; run < 2; run += 1) {
    for (const transaction of moved) await release(transaction.id);
  }
  expect(inShort(await rowsOf(bench.world, uid))).toEqual([
    'payment 1500',
    'refund -500',
    'dispute -1500',
    'dispute_reversed 1500',
  ]);
  expect(bench.world.retail.control.balance(uid)).toBe(1000);
});

test('an operator captures a part in the dashboard: that part is credited', async () => {
  const uid = newUid();
  bench.stripe.hold(true);
  const id = intentOf(bench.world, uid);
  bench.stripe.confirm(id);
  bench.stripe.captureFromDashboard(id, 900);
  await bench.stripe.release({ order: 'reverse' });
  bench.stripe.hold(false);
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 900']);
});

test('a review refused: nothing is credited, and the hold is given back', async () => {
  const uid = newUid();
  const id = intentOf(bench.world, uid);
  bench.stripe.confirm(id, { review: true });
  await bench.stripe.idle();
  bench.stripe.closeReview(id, 'refunded_as_fraud');
  await bench.stripe.idle();
  expect(await rowsOf(bench.world, uid)).toEqual([]);
  expect(bench.stripe.object(id)).toMatchObject({ status: 'canceled' });
});

test('two captures at once, one refused by Stripe: one row', async () => {
  const uid = newUid();
  bench.stripe.fault({
    match: 'POST /v1/payment_intents/:id/capture',
    status: 409,
    code: 'lock_timeout',
    times: 2,
  });
  bench.stripe.hold(true);
  const id = intentOf(bench.world, uid);
  bench.stripe.confirm(id);
  await bench.stripe.release({ copies: 4, parallel: true });
  bench.stripe.hold(false);
  await bench.stripe.redeliver(eventOf(id, 'payment_intent.amount_capturable_updated'));
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500']);
});

test('killed between capture and row: the repeated event writes it', async () => {
  const uid = newUid();
  bench.stripe.hold(true);
  const id = intentOf(bench.world, uid);
  bench.stripe.confirm(id);
  bench.stripe.captureFromDashboard(id);
  bench.stripe.discard();
  bench.stripe.hold(false);
  await bench.stripe.redeliver(eventOf(id, 'payment_intent.amount_capturable_updated'));
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500']);
});
