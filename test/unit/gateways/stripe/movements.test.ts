import { Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { openGateway } from '../../../../functions/src/gateways/stripe/gateway.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { logFromNow } from '../../../harness/log.ts';
import { orderBook, orderOf } from '../../../harness/orders.ts';
import { startStripe, type StripeStandin } from '../../../standins/stripe/server.ts';

const SECRET = 'whsec_standin';
const KEY = 'sk_test_standin';
const ORDER_ID = '0123456789abcdef0123456789abcdef';

let standin: StripeStandin;
const stripe = () => standin.control;

beforeEach(async () => {
  standin = await startStripe({ apiKey: KEY, webhookSecret: SECRET });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    STRIPE_SECRET_KEY: KEY,
    STRIPE_WEBHOOK_SECRET: SECRET,
    STRIPE_API_URL: standin.origin,
  });
});

afterEach(() => standin.stop());

const metadata = {
  purpose: 'balance_topup',
  deployment: 'project1',
  uid: 'user1',
  order_id: ORDER_ID,
};

/** A held payment of 15.00. */
function held(given: Record<string, string> = metadata, review = false): string {
  const { id } = stripe().createForeignIntent({ captureMethod: 'manual', metadata: given });
  stripe().confirm(id, { review });
  return id;
}

function paid(given?: Record<string, string>): string {
  const id = held(given);
  stripe().captureFromDashboard(id);
  return id;
}

/** What a signed event about an object comes to. */
async function movements(type: string, object: object, envelope: object = {}, known: Order[] = []) {
  const gateway = await openGateway({ orders: orderBook(...known), deployment: 'project1' });
  const event = {
    id: 'evt_1',
    object: 'event',
    type,
    livemode: false,
    data: { object },
    ...envelope,
  };
  const { header, body } = stripe().signed(event);
  const headers = { 'stripe-signature': header };
  const read = await gateway.verify({ method: 'POST', headers, body: Buffer.from(body) });
  return gateway.movements(read);
}

const succeeded = (id: string, envelope?: object, known?: Order[]) =>
  movements('payment_intent.succeeded', { id }, envelope, known);

const calls = () => stripe().requests().length;

describe('an event that names a payment of ours', () => {
  test('moves it', async () => {
    expect(await succeeded(paid())).toMatchObject([{ kind: 'payment', amountCents: 1500 }]);
  });

  test.each<[string, object]>([
    ['of a connected account', { account: 'acct_1' }],
    ['of a connected account, in the newer word', { context: 'acct_1' }],
    ['of the other mode', { livemode: true }],
  ])('%s moves nothing, and Stripe is not asked', async (_name, envelope) => {
    const id = paid();
    const before = calls();
    expect(await succeeded(id, envelope)).toEqual([]);
    expect(calls()).toBe(before);
  });

  test('that Stripe holds in the other mode is not ours', async () => {
    const id = paid();
    stripe().edit(id, { livemode: true });
    expect(await succeeded(id)).toEqual([]);
  });

  test.each([
    ['another purpose', { ...metadata, purpose: 'donation' }],
    ['another deployment', { ...metadata, deployment: 'project2' }],
  ])('with %s is not ours, and is not captured', async (_name, given) => {
    const id = held(given);
    expect(await succeeded(id)).toEqual([]);
    expect(stripe().object(id)).toMatchObject({ status: 'requires_capture' });
  });
});

describe('an event that its own API does not show yet must be told again', () => {
  test.each(['charge.refunded', 'refund.failed'])('%s', async (type) => {
    const id = paid();
    await expect(movements(type, { id: 'ch_1', payment_intent: id })).rejects.toThrow(Unavailable);
    const { id: refund } = stripe().refund(id, 500);
    if (type === 'refund.failed') stripe().edit(refund, { status: 'failed' });
    const told = await movements(type, { id: 'ch_1', payment_intent: id });
    expect(told.map((one) => 'kind' in one && one.amountCents).at(-1)).toBe(
      type === 'refund.failed' ? 500 : -500,
    );
  });

  test.each(['charge.dispute.funds_withdrawn', 'charge.dispute.funds_reinstated'])(
    '%s',
    async (type) => {
      const id = paid();
      const { id: dispute } = stripe().dispute(id);
      const object = { id: dispute, payment_intent: id };
      stripe().edit(dispute, { balance_transactions: [] });
      await expect(movements(type, object)).rejects.toThrow(Unavailable);
    },
  );

  test('a second refund, by its id or by the total of the charge', async () => {
    const id = paid();
    stripe().refund(id, 500);
    const total = { id: 'ch_1', payment_intent: id, amount_refunded: 900 };
    await expect(movements('charge.refunded', total)).rejects.toThrow(Unavailable);
    const second = { id: 're_second', payment_intent: id };
    await expect(movements('refund.created', second)).rejects.toThrow(Unavailable);
    const { id: refund } = stripe().refund(id, 400);
    expect(await movements('charge.refunded', total)).toHaveLength(3);
    expect(await movements('refund.created', { ...second, id: refund })).toHaveLength(3);
  });

  test('the failure of one refund after that of another', async () => {
    const id = paid();
    const failed = stripe().refund(id, 500).id;
    stripe().edit(failed, { status: 'failed' });
    const { id: refund } = stripe().refund(id, 400);
    const object = { id: refund, payment_intent: id };
    await expect(movements('refund.failed', object)).rejects.toThrow(Unavailable);
    stripe().edit(refund, { status: 'failed' });
    expect(await movements('refund.failed', object)).toHaveLength(3);
  });

  test.each(['requires_payment_method', 'requires_confirmation', 'requires_action', 'processing'])(
    'a hold of an intent that is %s',
    async (status) => {
      const id = held();
      stripe().edit(id, { status });
      const capturable = () => movements('payment_intent.amount_capturable_updated', { id });
      await expect(capturable()).rejects.toThrow(Unavailable);
      stripe().edit(id, { status: 'requires_capture' });
      expect(await capturable()).toMatchObject([{ kind: 'payment', amountCents: 1500 }]);
    },
  );

  test('the end of a review', async () => {
    const id = held(metadata, true);
    const closed = () => movements('review.closed', { payment_intent: id });
    await expect(closed()).rejects.toThrow(Unavailable);
    stripe().closeReview(id, 'approved');
    expect(await closed()).toMatchObject([{ kind: 'payment', amountCents: 1500 }]);
  });

  test('the release of a hold is told as a refund, and moves nothing', async () => {
    const id = held();
    stripe().cancelFromDashboard(id);
    expect(await movements('charge.refunded', { id: 'ch_1', payment_intent: id })).toEqual([]);
  });
});

describe('a payment without a deployment’s mark is as its order says', () => {
  const unmarked = { purpose: metadata.purpose, uid: metadata.uid, order_id: ORDER_ID };
  const order = orderOf({ orderId: ORDER_ID, gateway: 'stripe', amountCents: 1500 });

  test('its order is here: ours', async () => {
    expect(await succeeded(paid(unmarked), {}, [order])).toHaveLength(1);
  });

  test.each<[string, Partial<Order>]>([
    ['of another user', { uid: 'user2' }],
    ['of another gateway', { gateway: 'paypal' }],
    ['of the other mode', { mode: 'live' }],
    ['of another object', { gatewayRef: 'pi_other' }],
    ['of another id', { orderId: 'other' }],
  ])('its order is %s: not ours', async (_name, changed) => {
    expect(await succeeded(paid(unmarked), {}, [{ ...order, ...changed }])).toEqual([]);
  });

  test('it names no order: not ours', async () => {
    const { purpose, uid } = metadata;
    expect(await succeeded(paid({ purpose, uid }), {}, [order])).toEqual([]);
  });
});

describe('a capture that Stripe refuses', () => {
  const CAPTURE = 'POST /v1/payment_intents/:id/capture';
  const capturable = (id: string) => movements('payment_intent.amount_capturable_updated', { id });

  test('and that stays to be made is told again', async () => {
    const id = held();
    stripe().fault({ match: CAPTURE, status: 409, times: 9 });
    await expect(capturable(id)).rejects.toThrow(
      new Unavailable('The capture did not go through.'),
    );
  });

  test('and that somebody else has made meanwhile is a payment', async () => {
    const id = held();
    stripe().fault({ match: CAPTURE, status: 409, applyThen: true, times: 9 });
    expect(await capturable(id)).toMatchObject([{ kind: 'payment', amountCents: 1500 }]);
  });

  test('as the bank no longer holds the money moves nothing', async () => {
    const id = held();
    stripe().fault({ match: CAPTURE, status: 400, code: 'charge_expired_for_capture', times: 9 });
    expect(await capturable(id)).toEqual([]);
  });
});

test('a cancellation that stays to be made is told again', async () => {
  const id = held(metadata, true);
  stripe().closeReview(id, 'refunded_as_fraud');
  stripe().edit(id, { status: 'requires_capture' });
  stripe().fault({ match: 'POST /v1/payment_intents/:id/cancel', status: 409, times: 9 });
  await expect(movements('review.closed', { payment_intent: id })).rejects.toThrow(
    new Unavailable('The cancel did not go through.'),
  );
});

test.each([
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'radar.early_fraud_warning.created',
])('%s is an alert that names the event, and moves nothing', async (type) => {
  const logged = logFromNow();
  const id = paid();
  expect(await movements(type, { id: 'dp_1', payment_intent: id })).toEqual([]);
  expect(logged().map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      severity: 'ERROR',
      message: 'Stripe reports what a person should see',
      event_id: 'evt_1',
      event_type: type,
      next_step: expect.stringContaining('dashboard') as unknown,
    },
  ]);
  const told = logFromNow();
  const before = calls();
  expect(await movements(type, { id: 'dp_1' }, { account: 'acct_1' })).toEqual([]);
  expect(calls()).toBe(before);
  const others = paid({ ...metadata, deployment: 'project2' });
  expect(await movements(type, { id: 'dp_1', payment_intent: others })).toEqual([]);
  expect(told()).toEqual([]);
  expect(await movements(type, { id: 'dp_1', payment_intent: 'pi_unknown' })).toEqual([]);
  expect(told()).toHaveLength(1);
});

describe('what Stripe answers about a payment of ours', () => {
  test.each<[string, object]>([
    ['another currency', { currency: 'eur' }],
    ['no charge', { latest_charge: null }],
    ['no uid', { metadata: { ...metadata, uid: '' } }],
  ])('%s: kept for a person', async (_name, patch) => {
    const id = paid();
    stripe().edit(id, patch as Record<string, unknown>);
    await expect(succeeded(id)).rejects.toThrow(Unusable);
  });

  test('a payment that Stripe does not know is kept: the key may be of another account', async () => {
    await expect(succeeded('pi_unknown')).rejects.toThrow(Unusable);
  });

  test('an event about money that names no payment is kept', async () => {
    await expect(movements('refund.created', { id: 're_1' })).rejects.toThrow(
      new Unusable('The event names no payment.'),
    );
  });

  test('a refund in another currency takes nothing, and no other refund with it', async () => {
    const id = paid();
    const { id: odd } = stripe().refund(id, 500);
    stripe().refund(id, 400);
    stripe().edit(odd, { currency: 'eur' });
    const [payment, good, kept, ...others] = await movements('charge.refunded', {
      payment_intent: id,
    });
    expect(payment).toMatchObject({ kind: 'payment' });
    expect(good).toMatchObject({ kind: 'refund', amountCents: -400 });
    expect(kept).toEqual(expect.any(Unusable));
    expect(kept).toMatchObject({ about: odd });
    expect(others).toEqual([]);
  });

  test.each<[string | null, unknown[]]>([
    ['requires_action', []],
    ['something_new', [expect.any(Unusable)]],
    [null, [expect.any(Unusable)]],
  ])(
    'a refund that is %j takes nothing; an unknown one is kept for a person',
    async (status, kept) => {
      const id = paid();
      const { id: refund } = stripe().refund(id, 500);
      stripe().edit(refund, { status });
      const told = await movements('refund.updated', { id: refund, payment_intent: id });
      expect(told).toEqual([expect.objectContaining({ kind: 'payment' }), ...kept]);
    },
  );

  test.each(['failed', 'canceled'])('a refund that %s gives back what it took', async (status) => {
    const id = paid();
    const { id: refund } = stripe().refund(id, 500);
    stripe().edit(refund, { status });
    expect(await movements('refund.updated', { id: refund, payment_intent: id })).toMatchObject([
      { kind: 'payment' },
      { kind: 'refund_failed', id: `${refund}-failed`, amountCents: 500, parentId: refund },
    ]);
  });

  test.each<[string, object, unknown]>([
    ['a refund without an amount', { amount: 0 }, expect.any(Unusable)],
    ['a refund of a fraction', { amount: 1.5 }, expect.any(Unusable)],
  ])('%s stands there as an error', async (_name, patch, wanted) => {
    const id = paid();
    const { id: refund } = stripe().refund(id, 500);
    stripe().edit(refund, patch as Record<string, unknown>);
    const moved = await movements('charge.refunded', { payment_intent: id });
    expect(moved).toEqual([expect.objectContaining({ kind: 'payment' }), wanted]);
  });
});
