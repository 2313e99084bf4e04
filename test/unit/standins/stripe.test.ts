import { API_KEY, Bench, clientOf, held } from './stripe-bench.ts';

const bench = new Bench();

describe('payments', () => {
  test('a held payment is captured once, and says so the second time', async () => {
    const { id } = await held(bench.stripe, bench.control);

    const captured = await bench.stripe.paymentIntents.capture(id, {}, { idempotencyKey: 'first' });
    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 1500 });
    expect(captured.amount_capturable).toBe(0);

    await expect(bench.stripe.paymentIntents.capture(id)).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      code: 'payment_intent_unexpected_state',
      statusCode: 400,
      payment_intent: { id, status: 'succeeded' },
    });
  });

  test('metadata given at creation reaches the payment and its charge', async () => {
    const { id } = await held(bench.stripe, bench.control);
    bench.control.edit(id, { metadata: { uid: 'other' } });

    const found = await bench.stripe.paymentIntents.retrieve(id, {
      expand: ['latest_charge', 'review'],
    });

    expect(found.automatic_payment_methods).toEqual({ enabled: true, allow_redirects: 'never' });
    expect(found.metadata).toEqual({ uid: 'other' });
    expect(found.latest_charge).toMatchObject({
      object: 'charge',
      captured: false,
      metadata: { uid: 'user1', purpose: 'wallet_topup' },
      outcome: { type: 'authorized' },
    });
  });

  test('a partial capture releases the rest', async () => {
    const { id } = await held(bench.stripe, bench.control);

    const captured = await bench.stripe.paymentIntents.capture(id, { amount_to_capture: 900 });

    expect(captured).toMatchObject({ amount: 1500, amount_received: 900, amount_capturable: 0 });
    const charge = await bench.stripe.charges.retrieve(captured.latest_charge as string, {
      expand: ['balance_transaction'],
    });
    expect(charge).toMatchObject({ amount_captured: 900, amount_refunded: 0, refunded: false });
    expect(charge.balance_transaction).toMatchObject({ amount: 900, fee: 56, net: 844 });
  });

  test('a hold can be canceled, a captured payment cannot', async () => {
    const first = await held(bench.stripe, bench.control);
    const second = await held(bench.stripe, bench.control);
    await bench.stripe.paymentIntents.capture(second.id);

    const reason = { cancellation_reason: 'fraudulent' } as const;
    await expect(bench.stripe.paymentIntents.cancel(first.id, reason)).resolves.toMatchObject({
      status: 'canceled',
      ...reason,
    });
    await expect(bench.stripe.paymentIntents.cancel(second.id)).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
    });
    await expect(bench.stripe.paymentIntents.capture(first.id)).rejects.toMatchObject({
      code: 'payment_intent_unexpected_state',
      payment_intent: { status: 'canceled' },
    });
  });

  test('an expired hold is canceled without a refund', async () => {
    const { id, latest_charge } = await held(bench.stripe, bench.control, { review: true });

    bench.control.expireHold(id);

    const found = await bench.stripe.paymentIntents.retrieve(id, { expand: ['review'] });
    expect(found).toMatchObject({ status: 'canceled', cancellation_reason: 'expired' });
    expect(found.review).toMatchObject({ open: false, closed_reason: 'canceled' });
    const refunds = await bench.stripe.refunds.list({ charge: latest_charge ?? '' });
    expect(refunds.data).toEqual([]);
  });

  test('payments are listed newest first, page by page, and by time of creation', async () => {
    const ids = [];
    for (let index = 0; index < 12; index += 1) {
      ids.push((await held(bench.stripe, bench.control)).id);
    }
    const listed = [];
    for await (const { id } of bench.stripe.paymentIntents.list({ limit: 5 })) listed.push(id);
    expect(listed).toEqual(ids.reverse());

    const future = Math.floor(Date.now() / 1000) + 60;
    const later = await bench.stripe.paymentIntents.list({ created: { gte: future } });
    expect(later).toMatchObject({ object: 'list', has_more: false, data: [] });
  });

  test('states that no act leads to can be set', async () => {
    const foreign = bench.control.createForeignIntent({ currency: 'eur' });
    bench.control.confirm(foreign.id);
    bench.control.edit(foreign.id, { amount_received: 7, livemode: true });

    const found = await bench.stripe.paymentIntents.retrieve(foreign.id);

    expect(found).toMatchObject({ currency: 'eur', status: 'succeeded', metadata: {} });
    expect(found).toMatchObject({ amount_received: 7, livemode: true });
  });
});

describe('requests that are refused', () => {
  test('a wrong key', async () => {
    const stranger = clientOf(bench.standin, { apiKey: 'sk_test_other' });
    await expect(stranger.paymentIntents.list()).rejects.toMatchObject({
      type: 'StripeAuthenticationError',
      statusCode: 401,
    });
    expect(JSON.stringify(bench.control.requests())).not.toMatch(/sk_test_other|Bearer/);
  });

  test.each([
    [{ amount: 49 }, 'amount_too_small'],
    [{ amount: 100_000_000 }, 'amount_too_large'],
    [{ amount: 10.5 }, 'parameter_invalid_integer'],
    [{ amount: undefined }, 'parameter_missing'],
    [{ payment_method_types: ['card'] }, 'payment_method_types_no_longer_supported'],
    [{ colour: 'red' }, 'parameter_unknown'],
  ])('creation with %j', async (change, code) => {
    const params = Object.assign({ amount: 500, currency: 'usd' }, change);
    await expect(bench.stripe.paymentIntents.create(params)).rejects.toMatchObject({
      statusCode: 400,
      code,
    });
    expect(bench.control.intents()).toEqual([]);
  });

  test('another currency, an unknown id, an unknown path, an impossible expansion', async () => {
    const { paymentIntents } = bench.stripe;
    await expect(paymentIntents.create({ amount: 500, currency: 'eur' })).rejects.toMatchObject({
      param: 'currency',
    });
    await expect(paymentIntents.retrieve('pi_none')).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
    await expect(bench.stripe.customers.list()).rejects.toMatchObject({ statusCode: 404 });
    const { id } = bench.control.createForeignIntent();
    await expect(paymentIntents.retrieve(id, { expand: ['amount'] })).rejects.toMatchObject({
      param: 'expand',
    });
  });

  test('an empty id is taken for the list', async () => {
    bench.control.createForeignIntent();
    await expect(bench.stripe.paymentIntents.retrieve('')).resolves.toMatchObject({
      object: 'list',
    });
  });
});

describe('reviews', () => {
  test('approving captures nothing and leaves the reference in place', async () => {
    const { id, review } = await held(bench.stripe, bench.control, { review: true });
    expect(review).toMatch(/^prv_/);

    bench.control.approveReview(id);

    const found = await bench.stripe.paymentIntents.retrieve(id, {
      expand: ['review', 'latest_charge'],
    });
    expect(found).toMatchObject({ status: 'requires_capture', amount_capturable: 1500 });
    expect(found.review).toMatchObject({ id: review, open: false, closed_reason: 'approved' });
    expect(found.latest_charge).toMatchObject({ outcome: { type: 'manual_review' } });
    await expect(bench.stripe.reviews.retrieve(review ?? '')).resolves.toMatchObject({
      payment_intent: id,
      charge: null,
    });
    expect(() => bench.control.approveReview(id)).toThrow('no open review');
  });

  test('canceling the payment closes the review', async () => {
    const { id, review } = await held(bench.stripe, bench.control, { review: true });
    await bench.stripe.paymentIntents.cancel(id);
    expect(bench.control.object(review ?? '')).toMatchObject({ closed_reason: 'canceled' });
  });
});

describe('the request log', () => {
  test('names the request, its parameters and its key', async () => {
    await bench.stripe.paymentIntents.create(
      { amount: 500, currency: 'usd', metadata: { uid: 'user1' } },
      { idempotencyKey: 'tap-1' },
    );
    expect(bench.control.requests()).toEqual([
      {
        at: expect.any(Number) as number,
        method: 'POST',
        path: '/v1/payment_intents',
        params: { amount: '500', currency: 'usd', metadata: { uid: 'user1' } },
        idempotencyKey: 'tap-1',
        requestId: expect.stringMatching(/^req_/) as string,
        status: 200,
        isReplayed: false,
      },
    ]);
    expect(JSON.stringify(bench.control.requests())).not.toContain(API_KEY);
  });
});
