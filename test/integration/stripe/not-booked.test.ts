import { intentOf, newUid, parkedOf, rowsOf } from '../../harness/world.ts';
import { Bench, envelope, expectDiscreetLog } from './bench.ts';

const bench = new Bench();

describe('what is proven and not for us is 200 and makes no row', () => {
  test.each([
    ['an unknown type', envelope({ type: 'customer.subscription.created' })],
    ['the other mode', envelope({ type: 'payment_intent.succeeded', livemode: true })],
    ['a connected account', envelope({ type: 'payment_intent.succeeded', account: 'acct_1' })],
    ['an object without an id', envelope({ type: 'balance.available', data: { object: {} } })],
  ])('%s', async (_name, payload) => {
    const asked = bench.stripe.requests().length;
    expect(await bench.post(payload)).toMatchObject({ status: 200, text: '' });
    expect(bench.stripe.requests()).toHaveLength(asked);
  });

  test('a payment of the same account that is not ours', async () => {
    const { id } = bench.stripe.createForeignIntent({ metadata: { uid: 'somebody' } });
    bench.stripe.confirm(id);
    bench.stripe.refund(id);
    await bench.stripe.idle();
    expect((await bench.world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(false);
    expect(await parkedOf(bench.world, id)).toEqual([]);
  });

  test('an intent of the other mode', async () => {
    const id = intentOf(bench.world, newUid());
    bench.stripe.edit(id, { livemode: true });
    bench.stripe.confirm(id);
    await bench.stripe.idle();
    expect((await bench.world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(false);
  });
});

describe('what is ours and cannot become a row is parked before the 200', () => {
  const uid = newUid();
  const cases: [string, Record<string, unknown>][] = [
    ['no uid', { metadata: { purpose: 'balance_topup', deployment: 'demo-temp-number' } }],
    [
      'a blank uid',
      { metadata: { purpose: 'balance_topup', deployment: 'demo-temp-number', uid: ' ' } },
    ],
    [
      'an array for a uid',
      { metadata: { purpose: 'balance_topup', deployment: 'demo-temp-number', uid: ['a'] } },
    ],
    [
      'a uid with a slash',
      { metadata: { purpose: 'balance_topup', deployment: 'demo-temp-number', uid: 'a/b' } },
    ],
    [
      'a uid of 129 characters',
      {
        metadata: {
          purpose: 'balance_topup',
          deployment: 'demo-temp-number',
          uid: 'u'.repeat(129),
        },
      },
    ],
    ['another currency', { currency: 'eur' }],
    ['an amount of 0', { amount_received: 0 }],
    ['a negative amount', { amount_received: -1500 }],
    ['a fraction of a cent', { amount_received: 1500.5 }],
    ['an amount in words', { amount_received: '1500' }],
    ['a huge amount', { amount_received: 2 ** 53 }],
  ];

  test.each(cases)('%s', async (_name, patch) => {
    bench.stripe.hold(true);
    const id = intentOf(bench.world, uid);
    bench.stripe.confirm(id);
    bench.stripe.captureFromDashboard(id);
    bench.stripe.edit(id, patch);
    const deliveries = await bench.stripe.release();
    bench.stripe.hold(false);
    expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await bench.world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(false);
    const event = bench.stripe.events().findLast(({ type }) => type === 'payment_intent.succeeded');
    expect(
      (await parkedOf(bench.world, event?.id ?? '?')).map(({ reason }) => String(reason)),
    ).toEqual(['unusable']);
  });

  test.each([
    ['an id of an unknown shape', 'payment_intent.succeeded', { id: '../v1' }],
    ['neither an intent nor a charge', 'review.closed', { payment_intent: null, charge: null }],
  ])('an event about money with %s', async (_name, type, object) => {
    const id = `evt_${newUid()}`;
    const asked = bench.stripe.requests().length;
    expect(await bench.post(envelope({ id, type, data: { object } }))).toMatchObject({
      status: 200,
    });
    expect(bench.stripe.requests()).toHaveLength(asked);
    expect(await parkedOf(bench.world, id)).toMatchObject([{ reason: 'unusable', row: null }]);
  });

  test('a dispute in another currency takes nothing else down with it', async () => {
    const payer = newUid();
    bench.stripe.hold(true);
    const id = intentOf(bench.world, payer);
    bench.stripe.confirm(id);
    bench.stripe.captureFromDashboard(id);
    const dispute = bench.stripe.dispute(id);
    const { balance_transactions: moved } = bench.stripe.withdrawDispute(dispute.id);
    bench.stripe.edit(dispute.id, {
      currency: 'eur',
      balance_transactions: moved.map((one) => ({ ...one, currency: 'eur' })),
    });
    const told = bench.stripe.held().find(({ type }) => type === 'charge.dispute.funds_withdrawn');
    await bench.stripe.redeliver(told?.id ?? '?');
    bench.stripe.discard();
    bench.stripe.hold(false);
    expect((await rowsOf(bench.world, payer)).map((row) => Number(row['amount']))).toEqual([1500]);
    expect(await parkedOf(bench.world, moved[0]?.id ?? '?')).toMatchObject([
      { reason: 'unusable' },
    ]);
  });

  test('a correction of a payment that went to somebody else', async () => {
    const [payer, other] = [newUid(), newUid()];
    const id = intentOf(bench.world, payer);
    bench.stripe.confirm(id);
    await bench.stripe.idle();
    bench.stripe.edit(id, {
      metadata: {
        purpose: 'balance_topup',
        deployment: 'demo-temp-number',
        uid: other,
        order_id: 'order1',
      },
    });
    const refund = bench.stripe.refund(id, 500);
    await bench.stripe.idle();
    expect(await rowsOf(bench.world, other)).toEqual([]);
    expect(await parkedOf(bench.world, `stripe_${refund.id}`)).toMatchObject([
      { reason: 'conflict' },
      { reason: 'conflict' },
    ]);
  });

  test('what could not be credited is not captured', async () => {
    const id = intentOf(bench.world, uid);
    bench.stripe.edit(id, {
      metadata: { purpose: 'balance_topup', deployment: 'demo-temp-number' },
    });
    bench.stripe.confirm(id);
    await bench.stripe.idle();
    expect(bench.stripe.object(id)).toMatchObject({ status: 'requires_capture' });
  });

  test('the same payment id with another amount: a conflict, and the row stays as it was', async () => {
    const id = intentOf(bench.world, uid);
    bench.stripe.confirm(id);
    await bench.stripe.idle();
    bench.stripe.edit(id, { amount_received: 9900 });
    const event = bench.stripe.events().findLast(({ type }) => type === 'payment_intent.succeeded');
    const [delivery] = await bench.stripe.redeliver(event?.id ?? '?');
    expect(delivery?.status).toBe(200);
    const row = await bench.world.firestore.doc(`tn_payments/stripe_${id}`).get();
    expect(row.get('amount')).toBe(1500);
    expect(await parkedOf(bench.world, `stripe_${id}`)).toMatchObject([
      { reason: 'conflict', row: { amount: 9900, uid } },
    ]);
    expect(
      bench.world.retail.control.transactions(uid).filter((one) => one.transactionId.includes(id)),
    ).toHaveLength(1);
  });

  test('an id that Stripe does not know', async () => {
    const payload = envelope({
      id: 'evt_lost',
      type: 'payment_intent.succeeded',
      data: { object: { id: 'pi_lost' } },
    });
    expect((await bench.post(payload)).status).toBe(200);
    expect(await parkedOf(bench.world, 'evt_lost')).toMatchObject([
      { reason: 'unusable', row: null },
    ]);
  });
});

test('no line of the log held a secret, a signature or a body, and each is one JSON object', () => {
  expectDiscreetLog(30);
});
