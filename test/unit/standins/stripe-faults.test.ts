import { clientOf, held, startStandin } from './stripe-bench.ts';
import type { StripeStandin } from '../../standins/stripe/server.ts';

const CAPTURE = 'POST /v1/payment_intents/:id/capture';
const TOP_UP = { amount: 500, currency: 'usd' };

let nowMs = Date.now();
let standin: StripeStandin;
let stripe: ReturnType<typeof clientOf>;
let hasty: typeof stripe;

beforeAll(async () => {
  standin = await startStandin({ now: () => nowMs });
  stripe = clientOf(standin);
  hasty = clientOf(standin, { timeout: 100 });
});

beforeEach(() => {
  standin.control.reset();
});

afterAll(() => standin.stop());

function statuses(): number[] {
  return standin.control.requests().map(({ status }) => status);
}

describe('faults', () => {
  test.each([
    [{ status: 409 }, { code: 'lock_timeout', statusCode: 409 }],
    [{ status: 429 }, { type: 'StripeRateLimitError', code: 'rate_limit' }],
    [{ status: 500 }, { type: 'StripeAPIError', statusCode: 500 }],
    [{ status: 400, code: 'charge_expired_for_capture' }, { code: 'charge_expired_for_capture' }],
    [{ timeout: true as const }, { type: 'StripeConnectionError' }],
  ])('%j leaves the payment as it was', async (fault, error) => {
    const { id } = await held(stripe, standin.control);
    standin.control.fault({ match: CAPTURE, ...fault });

    const client = 'timeout' in fault ? hasty : stripe;
    await expect(client.paymentIntents.capture(id)).rejects.toMatchObject(error);

    const found = await stripe.paymentIntents.retrieve(id);
    expect(found.status).toBe('requires_capture');
    await expect(stripe.paymentIntents.capture(id)).resolves.toMatchObject({ status: 'succeeded' });
  });

  test('the package repeats a dropped request once by itself, with the same key', async () => {
    standin.control.fault({ drop: true, applyThen: true });
    const created = await stripe.paymentIntents.create(TOP_UP);
    expect(standin.control.intents().map(({ id }) => id)).toEqual([created.id]);
    expect(standin.control.requests()).toMatchObject([
      { status: 0, isReplayed: false },
      { status: 200, isReplayed: true },
    ]);
  });

  test.each([{ cutOff: true as const }, { timeout: true as const, applyThen: true as const }])(
    '%j loses the answer of a capture that happened',
    async (fault) => {
      const { id } = await held(stripe, standin.control);
      standin.control.fault({ match: CAPTURE, times: 2, ...fault });

      const client = 'timeout' in fault ? hasty : stripe;
      await expect(client.paymentIntents.capture(id)).rejects.toMatchObject({
        type: 'StripeConnectionError',
      });

      const found = await stripe.paymentIntents.retrieve(id);
      expect(found).toMatchObject({ status: 'succeeded', amount_received: 1500 });
    },
  );

  test('a kept 500 is replayed for a day, though the capture happened', async () => {
    const { id } = await held(stripe, standin.control);
    standin.control.fault({ match: CAPTURE, status: 500, applyThen: true });
    const capture = () => stripe.paymentIntents.capture(id, {}, { idempotencyKey: 'fixed' });

    await expect(capture()).rejects.toMatchObject({ statusCode: 500 });
    await expect(capture()).rejects.toMatchObject({
      statusCode: 500,
      headers: { 'idempotent-replayed': 'true' },
    });
    await expect(stripe.paymentIntents.retrieve(id)).resolves.toMatchObject({
      status: 'succeeded',
    });
    nowMs += 24 * 60 * 60 * 1000;
    await expect(capture()).rejects.toMatchObject({ code: 'payment_intent_unexpected_state' });
  });

  test('a 500 without effect can be kept too', async () => {
    standin.control.fault({ status: 500, stored: true });
    const create = () => stripe.paymentIntents.create(TOP_UP, { idempotencyKey: 'tap-1' });
    await expect(create()).rejects.toMatchObject({ statusCode: 500 });
    await expect(create()).rejects.toMatchObject({ statusCode: 500 });
    expect(standin.control.intents()).toEqual([]);
  });

  test('a request that is refused anyway leaves the lost answer to the next', async () => {
    const { id } = await held(stripe, standin.control);
    standin.control.fault({ match: CAPTURE, status: 500, applyThen: true });
    await expect(stripe.paymentIntents.capture('pi_none')).rejects.toMatchObject({
      statusCode: 404,
    });
    await expect(stripe.paymentIntents.capture(id)).rejects.toMatchObject({ statusCode: 500 });
  });

  test('meet only the requests they match, as often as asked', async () => {
    const { id } = standin.control.createForeignIntent();
    standin.control.fault({ match: 'GET /v1/payment_intents$', status: 500, times: 2 });
    await stripe.paymentIntents.retrieve(id);
    await expect(stripe.paymentIntents.list()).rejects.toMatchObject({ statusCode: 500 });
    await expect(stripe.paymentIntents.list()).rejects.toMatchObject({ statusCode: 500 });
    await stripe.paymentIntents.list();
    expect(statuses()).toEqual([200, 500, 500, 200]);
  });

  test('a slow answer is late, its effect is not', async () => {
    standin.control.latency(60);
    const creation = stripe.paymentIntents.create(TOP_UP);
    const startedAt = performance.now();
    while (standin.control.intents().length === 0) await new Promise(setImmediate);
    await creation;
    expect(performance.now() - startedAt).toBeGreaterThan(40);
  });
});

describe('idempotency keys', () => {
  const idempotencyKey = 'tap-1';

  test('the same request gives the same payment', async () => {
    const first = await stripe.paymentIntents.create(TOP_UP, { idempotencyKey });
    const second = await stripe.paymentIntents.create(TOP_UP, { idempotencyKey });
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(second.lastResponse.requestId).not.toBe(first.lastResponse.requestId);
    expect(standin.control.intents()).toHaveLength(1);
  });

  test('another request under the same key is refused', async () => {
    await stripe.paymentIntents.create(TOP_UP, { idempotencyKey });
    const other = stripe.paymentIntents.create({ ...TOP_UP, amount: 900 }, { idempotencyKey });
    await expect(other).rejects.toMatchObject({
      type: 'StripeIdempotencyError',
      rawType: 'idempotency_error',
      statusCode: 400,
    });
  });

  test('a refused parameter does not use up the key, and neither does a conflict', async () => {
    const small = stripe.paymentIntents.create({ ...TOP_UP, amount: 1 }, { idempotencyKey });
    await expect(small).rejects.toMatchObject({ code: 'amount_too_small' });
    standin.control.fault({ status: 409 });
    const conflict = stripe.paymentIntents.create(TOP_UP, { idempotencyKey });
    await expect(conflict).rejects.toMatchObject({ statusCode: 409 });
    await expect(stripe.paymentIntents.create(TOP_UP, { idempotencyKey })).resolves.toMatchObject({
      amount: 500,
    });
  });
});
