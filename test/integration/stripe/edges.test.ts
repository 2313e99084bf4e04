import { logFromNow } from '../../harness/log.ts';
import { inShort, intentOf, newUid, parkedOf, rowsOf } from '../../harness/world.ts';
import { Bench } from './bench.ts';

const [NEW, OLD] = ['whsec_new', 'whsec_old'];
const bench = new Bench({ STRIPE_WEBHOOK_SECRET: `${NEW}, ${OLD}` });

beforeAll(() => {
  // Signed with what is asked for, not with the endpoint's own.
  bench.stripe.hold(true);
});

/** Posts an event about an object; resolves to the answer's status. */
async function tell(type: string, object: object, secret = NEW): Promise<number> {
  const event = { id: `evt_${newUid()}`, object: 'event', type, livemode: false, data: { object } };
  const { header, body } = bench.stripe.signed(event, { secret });
  const headers = { 'stripe-signature': header };
  return (await fetch(bench.world.webhookUrl, { method: 'POST', headers, body })).status;
}

/** A captured payment that nobody has been told of. */
function paid(uid: string): string {
  const id = intentOf(bench.world, uid);
  bench.stripe.confirm(id);
  bench.stripe.captureFromDashboard(id);
  return id;
}

const succeeded = (id: string, secret?: string) => tell('payment_intent.succeeded', { id }, secret);

test('while one signing secret replaces another both are accepted, and no third', async () => {
  for (const [secret, status, rows] of [
    [NEW, 200, ['payment 1500']],
    [OLD, 200, ['payment 1500']],
    ['whsec_third', 401, []],
    [`${NEW}, ${OLD}`, 401, []],
    ['', 401, []],
  ] as const) {
    const uid = newUid();
    expect([secret, await succeeded(paid(uid), secret)]).toEqual([secret, status]);
    expect(inShort(await rowsOf(bench.world, uid))).toEqual(rows);
  }
});

test('the same payment id for another user: a conflict, and nobody is credited twice', async () => {
  const [uid, other] = [newUid(), newUid()];
  const id = paid(uid);
  await succeeded(id);
  bench.stripe.edit(id, {
    metadata: {
      purpose: 'balance_topup',
      deployment: 'demo-temp-number',
      uid: other,
      order_id: 'order1',
    },
  });
  expect(await succeeded(id)).toBe(200);
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500']);
  expect(await rowsOf(bench.world, other)).toEqual([]);
  expect(await parkedOf(bench.world, `stripe_${id}`)).toMatchObject([
    { reason: 'conflict', row: { uid: other, amount: 1500 } },
  ]);
  expect(bench.world.retail.control.balance(other)).toBeNull();
});

test('a refund that names its charge only finds the payment', async () => {
  const uid = newUid();
  const id = paid(uid);
  const { id: refund, charge } = bench.stripe.refund(id, 500);
  const object = { id: refund, object: 'refund', payment_intent: null, charge };
  expect(await tell('refund.created', object)).toBe(200);
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500', 'refund -500']);
});

test('more refunded than paid: what goes beyond the payment is parked, and a person is told', async () => {
  const [uid, logged] = [newUid(), logFromNow()];
  const id = paid(uid);
  const { id: refund } = bench.stripe.refund(id, 1500);
  bench.stripe.edit(refund, { amount: 1501 });
  await tell('refund.created', { id: refund, payment_intent: id });
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500']);
  expect(await parkedOf(bench.world, refund)).toMatchObject([
    { reason: 'conflict', row: { amount: -1501, uid } },
  ]);
  const alerts = logged().filter((line) => line.includes('"severity":"ERROR"'));
  expect(alerts.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    {
      message: 'A refund takes 15.01 USD of a payment of 15.00 USD, of which 15.00 USD are left.',
      payment_id: `stripe_${refund}`,
    },
  ]);
});

test('a dispute of an account that settles in another currency takes what was disputed', async () => {
  const uid = newUid();
  const id = paid(uid);
  const dispute = bench.stripe.dispute(id);
  const { balance_transactions: moved } = bench.stripe.withdrawDispute(dispute.id);
  bench.stripe.edit(dispute.id, {
    balance_transactions: moved.map((one) => ({ ...one, amount: -1380, currency: 'eur' })),
  });
  await tell('charge.dispute.funds_withdrawn', { id: dispute.id, payment_intent: id });
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500', 'dispute -1500']);
});

test('a dispute and a refund of one payment never take more than it gave', async () => {
  const uid = newUid();
  const id = paid(uid);
  const { id: refund } = bench.stripe.refund(id, 1500);
  await tell('refund.created', { id: refund, payment_intent: id });
  const dispute = bench.stripe.dispute(id);
  const { balance_transactions: moved } = bench.stripe.withdrawDispute(dispute.id);
  await tell('charge.dispute.funds_withdrawn', { id: dispute.id, payment_intent: id });
  expect(inShort(await rowsOf(bench.world, uid))).toEqual(['payment 1500', 'refund -1500']);
  expect(await parkedOf(bench.world, moved[0]?.id ?? '')).toMatchObject([{ reason: 'conflict' }]);
});
