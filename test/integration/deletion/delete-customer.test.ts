import { ERASED } from '../../../functions/src/ids.ts';
import { functionUrl } from '../../../scripts/stack/values.ts';
import { parkedOf, rowsOf } from '../../harness/world.ts';
import { Bench, DELETED, LATE_MONEY, REFUSED } from './bench.ts';

jest.setTimeout(120_000);

const bench = new Bench();

/** A dispute of all of a payment that was refunded in part: it is parked, with its row. */
async function parkedDispute(intentId: string): Promise<string> {
  const dispute = bench.stripe.dispute(intentId, { amount: 1500 });
  const { balance_transactions: moved } = bench.stripe.withdrawDispute(dispute.id);
  await bench.stripe.idle();
  return moved[0]?.id ?? '';
}

test('an account with money, refunds and parked events: what names the user goes, the sums stay', async () => {
  const [user, other] = [await bench.signIn(), await bench.signIn()];
  const intentId = await bench.stripeIntent(user);
  bench.stripe.refund(intentId, 500);
  await bench.stripe.idle();
  const disputeId = await parkedDispute(intentId);
  const order = await bench.wayforpayOrder(user);
  bench.wayforpay.refund(order, 250);
  await bench.wayforpay.idle();
  await bench.stripeIntent(user, { pay: false });
  await bench.world.firestore
    .collection('tn_customers')
    .doc(user.uid)
    .set({ created_at: new Date() });
  const others = await bench.stripeIntent(other);
  bench.stripe.refund(others, 500);
  await bench.stripe.idle();
  await parkedDispute(others);
  await bench.wayforpayOrder(other);

  const before = await bench.holding(user.uid);
  const untouched = await bench.holding(other.uid);
  const rows = await rowsOf(bench.world, user.uid);
  expect(rows.map(({ amount }) => Number(amount)).toSorted((a, b) => a - b)).toEqual([
    -500, -250, 1250, 1500,
  ]);
  expect(before).toHaveLength(4 + 3 + 1 + 1);
  expect((await parkedOf(bench.world, disputeId))[0]).toMatchObject({ row: { uid: user.uid } });

  expect(await bench.deleteCustomer(user)).toEqual(DELETED);

  expect(await bench.paths(user)).toEqual([bench.tombstoneOf(user).path]);
  for (const { path, fields } of before.filter((one) => !one.path.includes('tn_customers'))) {
    const after = (await bench.world.firestore.doc(path).get()).data();
    const erased = JSON.stringify(fields).replaceAll(user.uid, ERASED);
    expect(JSON.parse(JSON.stringify(after))).toEqual(JSON.parse(erased));
  }
  expect((await bench.world.firestore.doc(`tn_customers/${user.uid}`).get()).exists).toBe(false);
  expect(await bench.holding(other.uid)).toEqual(untouched);
  await expect(bench.auth.getUser(user.uid)).rejects.toMatchObject({
    code: 'auth/user-not-found',
  });
  expect((await bench.tombstoneOf(user).get()).get('erased_at')).not.toBeNull();
  expect(bench.linesOf('a deleted account is erased')).toMatchObject([{ rows: 8, left: 0 }]);

  expect(await bench.deleteCustomer(user)).toEqual(REFUSED);
  const { status } = await fetch(await bench.world.functions.url('stripe-getPaymentIntent'), {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}` },
    body: '{"amount":1500}',
  });
  expect(status).toBe(401);
});

test('only DELETE deletes, and only for somebody signed in', async () => {
  const user = await bench.signIn();
  for (const method of ['GET', 'POST']) {
    expect((await bench.deleteCustomer(user, method))[0]).toBe(405);
  }
  expect(await bench.deleteCustomer({ uid: user.uid, token: 'nobody' })).toEqual(REFUSED);
  expect((await bench.tombstoneOf(user).get()).exists).toBe(false);
  expect(await bench.deleteCustomer(user)).toEqual(DELETED);
});

test('ten calls at once: the account is deleted once, and every answer says where it stands', async () => {
  const user = await bench.signIn();
  await bench.stripeIntent(user);
  const answers = await Promise.all(Array.from({ length: 10 }, () => bench.deleteCustomer(user)));
  expect(answers).toContainEqual(DELETED);
  for (const answer of answers) expect([DELETED, REFUSED]).toContainEqual(answer);
  await bench.eraseCustomers(user);
  expect(await bench.paths(user)).toEqual([bench.tombstoneOf(user).path]);
  expect((await bench.tombstoneOf(user).get()).get('erased_at')).not.toBeNull();
});

test('a row that waits for its push is pushed first, and erased then', async () => {
  const user = await bench.signIn();
  bench.world.retail.control.hang(true);
  const intentId = await bench.stripeIntent(user);
  const order = await bench.wayforpayOrder(user);
  bench.world.retail.control.hang(false);
  expect(await bench.payment(`stripe_${intentId}`)).toMatchObject({ is_synced: false });

  expect(await bench.deleteCustomer(user)).toEqual(DELETED);
  expect(await bench.paths(user)).toEqual([
    bench.tombstoneOf(user).path,
    `tn_payments/stripe_${intentId}`,
    `tn_payments/wayforpay_${order}`,
  ]);
  expect((await bench.tombstoneOf(user).get()).get('erased_at')).toBeNull();
  expect(bench.linesOf('a deleted account is not yet erased')).toMatchObject([{ left: 2 }]);

  // Told by an erased order of a row that is not erased: it is the same movement, and its owner's.
  for (const { id } of bench.wayforpay.notices()) await bench.wayforpay.redeliver(id);
  bench.wayforpay.refund(order, 250);
  await bench.wayforpay.idle();
  expect(await bench.corrections(`wayforpay_${order}`)).toMatchObject([
    { uid: user.uid, amount: -250 },
  ]);
  expect(await parkedOf(bench.world, order)).toEqual([]);

  await bench.stack.makeDue(user);
  await bench.world.functions.runSchedule('sync-retryUnsynced');
  expect(bench.world.retail.control.balance(user.uid)).toBe(1500 + 1250 - 250);
  await bench.eraseCustomers(user);
  expect(await bench.paths(user)).toEqual([bench.tombstoneOf(user).path]);
  expect(await bench.payment(`stripe_${intentId}`)).toMatchObject({ uid: ERASED, is_synced: true });
  expect((await bench.tombstoneOf(user).get()).get('erased_at')).not.toBeNull();
  expect(bench.linesOf(LATE_MONEY)).toEqual([]);
});

test('a deletion in the middle of payments: each is erased in the end, none is lost', async () => {
  const user = await bench.signIn();
  bench.stripe.hold(true);
  const intents: string[] = [];
  for (let count = 0; count < 6; count += 1)
    intents.push(await bench.stripeIntent(user, { pay: false }));
  for (const id of intents) bench.stripe.confirm(id);
  const [answer] = await Promise.all([
    bench.deleteCustomer(user),
    bench.stripe.release({ copies: 2, parallel: true }),
    bench.world.functions.runSchedule('sync-retryUnsynced'),
  ]);
  bench.stripe.hold(false);
  expect(answer).toEqual(DELETED);
  await bench.stripe.idle();
  await bench.stack.makeDue(user);
  await bench.world.functions.runSchedule('sync-retryUnsynced');
  await bench.eraseCustomers(user);
  expect(await bench.paths(user)).toEqual([bench.tombstoneOf(user).path]);
  for (const id of intents) {
    expect(await bench.payment(`stripe_${id}`)).toMatchObject({ uid: ERASED, amount: 1500 });
  }
  expect(bench.world.retail.control.balance(user.uid)).toBe(6 * 1500);
});

test('on the deployed functions: deleted once, and the token is worth nothing', async () => {
  const user = await bench.signIn();
  const call = () =>
    fetch(functionUrl('app-deleteCustomer'), {
      method: 'DELETE',
      headers: { authorization: `Bearer ${user.token}` },
    });
  const first = await call();
  expect([first.status, await first.json()]).toEqual(DELETED);
  const second = await call();
  expect([second.status, await second.json()]).toEqual(REFUSED);
});
