import type { DocumentData } from 'firebase-admin/firestore';
import { ERASED } from '../../../functions/src/ids.ts';
import { parkedOf } from '../../harness/world.ts';
import { Bench, LATE_MONEY } from './bench.ts';

jest.setTimeout(120_000);

const bench = new Bench();

const OWNERLESS = {
  uid: ERASED,
  is_synced: false,
  sync_error: { outcome: 'account_deleted', status: null, error_name: null },
};

/** A row that nobody will ever push. */
function expectOwnerless(row: DocumentData | undefined, fields: object): void {
  expect(row).toMatchObject({ ...OWNERLESS, ...fields });
  expect(row).not.toHaveProperty('next_sync_at');
}

describe('what is told after the deletion', () => {
  test('everything again: nothing changes, nobody is called', async () => {
    const user = await bench.signIn();
    const intentId = await bench.stripeIntent(user);
    bench.stripe.refund(intentId, 500);
    await bench.stripe.idle();
    const order = await bench.wayforpayOrder(user);
    bench.wayforpay.refund(order, 250);
    await bench.wayforpay.idle();
    await bench.deleteCustomer(user);
    const stored = await bench.holding(intentId);
    const requests = bench.pushesTo(user);

    for (const { id } of bench.stripe.events())
      await bench.stripe.redeliver(id, { copies: 2, parallel: true });
    for (const { id } of bench.wayforpay.notices()) await bench.wayforpay.redeliver(id);

    expect(await bench.holding(intentId)).toEqual(stored);
    expect(await bench.corrections(`wayforpay_${order}`)).toHaveLength(1);
    expect(bench.pushesTo(user)).toBe(requests);
    expect(await parkedOf(bench.world, intentId)).toEqual([]);
    expect(await bench.paths(user)).toEqual([bench.tombstoneOf(user).path]);
  });

  test('a refund and a chargeback are booked for nobody, and pushed to nobody', async () => {
    const user = await bench.signIn();
    const intentId = await bench.stripeIntent(user);
    const order = await bench.wayforpayOrder(user);
    await bench.deleteCustomer(user);
    const requests = bench.pushesTo(user);

    bench.stripe.refund(intentId, 500);
    const dispute = bench.stripe.dispute(intentId, { amount: 1000 });
    bench.stripe.withdrawDispute(dispute.id);
    await bench.stripe.idle();
    bench.wayforpay.refund(order, 250);
    await bench.wayforpay.idle();
    bench.wayforpay.refund(order, 300);
    await bench.wayforpay.idle();

    const [refund, chargeback] = await bench.corrections(`stripe_${intentId}`);
    const ofStripe = [refund, chargeback].toSorted((a, b) => Number(a?.['kind'] < b?.['kind']));
    expectOwnerless(ofStripe[0], { kind: 'refund', amount: -500 });
    expectOwnerless(ofStripe[1], { kind: 'dispute', amount: -1000 });
    const ofWayforpay = await bench.corrections(`wayforpay_${order}`);
    expect(ofWayforpay.map(({ amount }) => Number(amount)).toSorted()).toEqual([-250, -300]);
    for (const row of ofWayforpay) expectOwnerless(row, { kind: 'refund' });
    await bench.world.functions.runSchedule('sync-retryUnsynced');
    expect(bench.pushesTo(user)).toBe(requests);
    const warnings = bench.linesOf('a correction of a deleted account is not pushed');
    expect(warnings.map((line) => line['severity'])).toEqual(Array<string>(4).fill('WARNING'));
    expect(await bench.paths(user)).toEqual([bench.tombstoneOf(user).path]);
  });

  test('a payment of an erased order is booked for nobody, and a person is told to pay it back', async () => {
    const user = await bench.signIn();
    const order = await bench.wayforpayOrder(user, { pay: false });
    await bench.deleteCustomer(user);
    const requests = bench.pushesTo(user);
    bench.wayforpay.pay(order);
    await bench.wayforpay.idle();
    expectOwnerless(await bench.payment(`wayforpay_${order}`), { kind: 'payment', amount: 1250 });
    expect(bench.linesOf(LATE_MONEY)).toMatchObject([
      { severity: 'ERROR', payment_id: `wayforpay_${order}` },
    ]);
    // Once more, for whoever was not told because the process died after the row.
    await bench.wayforpay.redeliver(bench.wayforpay.notices().at(-1)?.id ?? '');
    expect(bench.linesOf(LATE_MONEY)).toHaveLength(2);
    bench.wayforpay.refund(order);
    await bench.wayforpay.idle();
    const [refund] = await bench.corrections(`wayforpay_${order}`);
    expectOwnerless(refund, { kind: 'refund', amount: -1250 });
    expect(bench.pushesTo(user)).toBe(requests);
  });

  test('a payment whose gateway still says the uid is erased by the schedule, with the same word', async () => {
    const user = await bench.signIn();
    const intentId = await bench.stripeIntent(user, { pay: false });
    await bench.deleteCustomer(user);
    bench.stripe.confirm(intentId);
    await bench.stripe.idle();
    expect(await bench.payment(`stripe_${intentId}`)).toMatchObject({
      uid: user.uid,
      is_synced: true,
    });

    await bench.eraseCustomers(user);
    expect(await bench.payment(`stripe_${intentId}`)).toMatchObject({ uid: ERASED, amount: 1500 });
    expect(bench.linesOf(LATE_MONEY)).toMatchObject([{ payment_id: `stripe_${intentId}` }]);
    bench.stripe.refund(intentId, 1500);
    await bench.stripe.idle();
    const [refund] = await bench.corrections(`stripe_${intentId}`);
    expectOwnerless(refund, { amount: -1500 });
    await bench.eraseCustomers(user);
    expect(bench.linesOf(LATE_MONEY)).toHaveLength(1);
    expect(await bench.paths(user)).toEqual([bench.tombstoneOf(user).path]);
  });

  test('a parked correction is released under whoever has its payment by then', async () => {
    const user = await bench.signIn();
    const intentId = await bench.stripeIntent(user);
    const refund = bench.stripe.refund(intentId, 500);
    await bench.stripe.idle();
    const dispute = bench.stripe.dispute(intentId, { amount: 1500 });
    const { balance_transactions: moved } = bench.stripe.withdrawDispute(dispute.id);
    await bench.stripe.idle();
    const transaction = moved[0]?.id ?? '';
    expect((await parkedOf(bench.world, transaction))[0]).toMatchObject({ row: { uid: user.uid } });
    await bench.deleteCustomer(user);
    const requests = bench.pushesTo(user);

    // Now there is room for the dispute.
    bench.stripe.failRefund(refund.id);
    await bench.stripe.idle();
    const parked = await bench.world.firestore.collection('tn_parked_events').get();
    for (const { id, ref } of parked.docs) {
      if (id.includes(transaction)) await ref.update({ release_at: new Date(0) });
    }
    await bench.world.functions.runSchedule('sync-retryUnsynced');
    expectOwnerless(await bench.payment(`stripe_${refund.id}-failed`), { amount: 500 });
    expectOwnerless(await bench.payment(`stripe_${transaction}`), { amount: -1500 });
    expect(bench.pushesTo(user)).toBe(requests);
    expect(await bench.paths(user)).toEqual([bench.tombstoneOf(user).path]);
  });
});
