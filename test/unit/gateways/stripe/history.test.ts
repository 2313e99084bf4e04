import { Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { openGateway } from '../../../../functions/src/gateways/stripe/gateway.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { existing } from '../../../harness/existing.ts';
import { orderBook, orderOf } from '../../../harness/orders.ts';
import { startStripe, type StripeStandin } from '../../../standins/stripe/server.ts';

const SECRET = 'whsec_standin';
const KEY = 'sk_test_standin';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const start = Date.parse('2026-03-01T10:00:00Z');
/** The stand-in's clock. */
let clock = start;

let standin: StripeStandin;
const stripe = () => standin.control;

beforeEach(async () => {
  clock = start;
  standin = await startStripe({ apiKey: KEY, webhookSecret: SECRET, now: () => clock });
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
  order_id: '0123456789abcdef0123456789abcdef',
};

/** A held payment of 15.00. */
function held(given: Record<string, string> = metadata): string {
  const { id } = stripe().createForeignIntent({ captureMethod: 'manual', metadata: given });
  stripe().confirm(id);
  return id;
}

function paid(given?: Record<string, string>): string {
  const id = held(given);
  stripe().captureFromDashboard(id);
  return id;
}

const gatewayOf = (isReadOnly = false) =>
  openGateway({ orders: orderBook(), deployment: 'project1', isReadOnly });

/** Everything between two times, in ms since the start. */
async function listed(from: number, to: number, isReadOnly = false): Promise<Reported[]> {
  const { history } = await gatewayOf(isReadOnly);
  const found: Reported[] = [];
  const span = [new Date(start + from), new Date(start + to)] as const;
  for await (const page of existing(history).list(...span)) found.push(...page);
  return found;
}

async function asked(ref: string | null, paymentId: string | null = null, isReadOnly = false) {
  const gateway = await gatewayOf(isReadOnly);
  return existing(gateway.inquire)({ orderId: null, ref, paymentId });
}

const inShort = (reported: readonly Reported[]) =>
  reported.map((one) => ('kind' in one ? `${one.kind} ${one.amountCents}` : one));

/** A payment that did all that a payment can do. */
function eventful(): string {
  const id = paid();
  stripe().refund(id, 300);
  const { id: failing } = stripe().refund(id, 200, { status: 'pending' });
  stripe().failRefund(failing);
  const { id: dispute } = stripe().dispute(id, { amount: 1000 });
  stripe().withdrawDispute(dispute);
  stripe().winDispute(dispute);
  return id;
}

const all = [
  'payment 1500',
  'refund -300',
  'refund_failed 200',
  'dispute -1000',
  'dispute_reversed 1000',
];

describe('Stripe is asked about one payment', () => {
  test('all that it moved is told, as its events tell it', async () => {
    const id = eventful();
    expect(inShort(await asked(id)).toSorted()).toEqual(all.toSorted());
    expect(inShort(await asked(null, id)).toSorted()).toEqual(all.toSorted());
  });

  test('one that is held is captured, and then paid', async () => {
    const id = held();
    expect(inShort(await asked(id))).toEqual(['payment 1500']);
    expect(stripe().object(id)).toMatchObject({ status: 'succeeded' });
  });

  test('for a report nothing is captured', async () => {
    const id = held();
    expect(await asked(id, null, true)).toEqual([]);
    expect(stripe().object(id)).toMatchObject({ status: 'requires_capture' });
  });

  test("a refund's id leads to no intent, and the order's binding does", async () => {
    const id = paid();
    const { inquire } = await openGateway({
      orders: orderBook(orderOf({ orderId: metadata.order_id, gateway: 'stripe', gatewayRef: id })),
      deployment: 'project1',
    });
    const payment = { orderId: metadata.order_id, ref: null, paymentId: 're_1' };
    expect(inShort(await existing(inquire)(payment))).toEqual(['payment 1500']);
    expect(await existing(inquire)({ ...payment, orderId: null })).toEqual([]);
  });

  test('a refund that cannot be read is told with the order', async () => {
    const id = paid();
    const { id: refund } = stripe().refund(id, 300);
    stripe().edit(refund, { status: 'levitating' });
    const told = (await asked(id)).find((one) => one instanceof Unusable);
    expect(told).toMatchObject({ about: refund, orderId: metadata.order_id });
  });

  test.each([
    ['that was never paid', () => stripe().createForeignIntent({ metadata }).id],
    ['of another deployment', () => paid({ ...metadata, deployment: 'project2' })],
    ['that Stripe does not know', () => 'pi_unknown'],
    ['by an id that is not an intent', () => 'ch_1'],
  ])('one %s moved nothing', async (_name, make) => {
    expect(await asked(make())).toEqual([]);
  });

  test('one without a user cannot be booked', async () => {
    await expect(asked(paid({ ...metadata, uid: '' }))).rejects.toThrow(Unusable);
  });
});

describe('what Stripe lists', () => {
  test('is each payment of ours, once, with all that it moved', async () => {
    eventful();
    paid({ ...metadata, deployment: 'project2' });
    paid({ ...metadata, purpose: 'donation' });
    const told = await listed(-MINUTE_MS, MINUTE_MS);
    expect(inShort(told).toSorted()).toEqual(all.toSorted());
  });

  test.each<[string, (id: string) => void, string]>([
    ['a refund', (id) => void stripe().refund(id, 500), 'refund -500'],
    [
      'the failure of a refund',
      (id) => {
        const { id: refund } = stripe().refund(id, 500, { status: 'pending' });
        clock += DAY_MS;
        stripe().failRefund(refund);
      },
      'refund_failed 500',
    ],
    [
      "a dispute's money",
      (id) => {
        const { id: dispute } = stripe().dispute(id);
        clock += DAY_MS;
        stripe().withdrawDispute(dispute);
      },
      'dispute -1500',
    ],
    [
      'money that a dispute gives back',
      (id) => {
        const { id: dispute } = stripe().dispute(id);
        stripe().withdrawDispute(dispute);
        clock += 9 * DAY_MS;
        stripe().winDispute(dispute);
      },
      'dispute_reversed 1500',
    ],
  ])('%s of an old payment is seen on its own day', async (_name, act, movement) => {
    const id = paid();
    clock += 20 * DAY_MS;
    act(id);
    const at = clock - start;
    expect(inShort(await listed(at - MINUTE_MS, at + MINUTE_MS))).toContain(movement);
    expect(await listed(at + MINUTE_MS, at + DAY_MS)).toEqual([]);
  });

  test('a payment that was held days ago and captured today is seen today', async () => {
    const id = held();
    clock += 6 * DAY_MS;
    stripe().captureFromDashboard(id);
    const at = 6 * DAY_MS;
    expect(inShort(await listed(at - MINUTE_MS, at + MINUTE_MS))).toEqual(['payment 1500']);
  });

  test('older events are gone: a payment is still seen by the time it was made', async () => {
    paid();
    clock += 40 * DAY_MS;
    expect(inShort(await listed(-MINUTE_MS, MINUTE_MS))).toEqual(['payment 1500']);
  });

  test('several pages are read to the end', async () => {
    for (let count = 0; count < 120; count += 1) paid();
    expect(await listed(-MINUTE_MS, MINUTE_MS)).toHaveLength(120);
  });

  test('the moment at the edge of two spans is in one of them', async () => {
    paid();
    const before = await listed(-MINUTE_MS, 0);
    const after = await listed(0, MINUTE_MS);
    expect([before.length, after.length]).toEqual([0, 1]);
  });

  test('a payment that cannot be read does not hide the others', async () => {
    paid();
    const odd = paid();
    stripe().edit(odd, { status: 'levitating' });
    const told = await listed(-MINUTE_MS, MINUTE_MS);
    expect(told).toHaveLength(2);
    expect(told.find((one) => one instanceof Unusable)).toMatchObject({ about: odd });
  });

  test('a charge that cannot be read does not hide the others', async () => {
    const [odd, gone] = [paid(), paid()];
    const chargeOf = (id: string) =>
      (stripe().object(id) as { latest_charge: string }).latest_charge;
    const refunds = [stripe().refund(odd, 100), stripe().refund(gone, 100)];
    for (const { id } of refunds) stripe().edit(id, { payment_intent: null });
    stripe().edit(chargeOf(odd), { payment_intent: 7 });
    stripe().edit(refunds[1]?.id ?? '', { charge: 'ch_gone' });
    const told = await listed(-MINUTE_MS, MINUTE_MS);
    const unusable = told.filter((one) => one instanceof Unusable).map(({ about }) => about);
    expect(unusable).toEqual(expect.arrayContaining([chargeOf(odd), 'ch_gone']));
    expect(inShort(told.filter((one) => 'kind' in one && one.kind === 'payment'))).toHaveLength(2);
  });

  test.each([
    ['Stripe refuses', { status: 400, code: 'odd' }, false],
    ['is stuck', { status: 402 }, true],
  ])('a capture that %s does not hide the others', async (_name, fault, ends) => {
    const id = held();
    clock += MINUTE_MS;
    paid();
    stripe().fault({ match: `POST /v1/payment_intents/${id}/capture`, times: 9, ...fault });
    const told: Reported[] = [];
    const { history } = await gatewayOf();
    const read = async () => {
      const span = [new Date(start - MINUTE_MS), new Date(clock + MINUTE_MS)] as const;
      for await (const page of existing(history).list(...span)) told.push(...page);
    };
    if (ends) await expect(read()).rejects.toThrow(Unavailable);
    else await read();
    expect(inShort(told.filter((one) => 'kind' in one))).toEqual(['payment 1500']);
    expect(told.filter((one) => one instanceof Unusable)).toHaveLength(ends ? 0 : 1);
  });

  test('for a report nothing is captured', async () => {
    const id = held();
    expect(await listed(-MINUTE_MS, MINUTE_MS, true)).toEqual([]);
    expect(stripe().object(id)).toMatchObject({ status: 'requires_capture' });
    expect(inShort(await listed(-MINUTE_MS, MINUTE_MS))).toEqual(['payment 1500']);
  });

  test.each([
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['half a page', { cutOff: true as const }],
  ])('%s is no answer, and nothing after it is told', async (_name, fault) => {
    paid();
    stripe().fault({ match: 'GET /v1/events', times: 9, ...fault });
    await expect(listed(-MINUTE_MS, MINUTE_MS)).rejects.toThrow(Unavailable);
  });
});

test.each([
  [{ id: 'evt_1', intentId: 'pi_1', chargeId: 'ch_1' }, 'pi_1'],
  [{ id: 'evt_1', intentId: null, chargeId: 'ch_1' }, undefined],
  [{ id: 'evt_1', type: 'unreadable' }, undefined],
  [null, undefined],
])('a parked event %j is about the payment %s', async (event, paymentId) => {
  const { subjectOf } = await gatewayOf();
  expect(existing(subjectOf)(event)?.paymentId).toBe(paymentId);
});
