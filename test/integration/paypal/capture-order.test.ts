import { Bench } from './bench.ts';

const bench = new Bench(1_100_000);

describe('paypal-captureOrder', () => {
  test('makes the row and the balance, and its event adds nothing', async () => {
    const id = await bench.approved();
    expect(await bench.capture(id)).toEqual({
      status: 200,
      body: { result: 'success', status: 'paid' },
    });
    await bench.paypal.idle();
    const [row, ...others] = await bench.rows();
    const [made] = bench.paypal.captures(id);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      payment_id: `paypal_${made?.id ?? ''}`,
      amount: 1500,
      gateway: 'paypal',
      kind: 'payment',
      mode: 'test',
      parent_id: null,
      order_id: made?.custom_id,
      is_synced: true,
    });
    expect(bench.balance()).toBe(1500);
    expect(new Set(bench.statuses())).toEqual(new Set([200]));
  });

  test('of somebody else’s order, or of none, is 404', async () => {
    const id = await bench.approved();
    const stranger = await bench.capture(id, await bench.signIn());
    expect(stranger.status).toBe(404);
    expect(await bench.capture('NOSUCHORDER')).toEqual(stranger);
    const foreign = bench.paypal.createForeignPayment({ customId: 'basket-7' });
    expect((await bench.capture(foreign.supplementary_data.related_ids.order_id)).status).toBe(404);
    expect(bench.paypal.captures(id)).toEqual([]);
    expect((await bench.capture(id, null)).status).toBe(401);
  });

  test.each(['', 'a', '../x', 'ORDER 1', 'X'.repeat(37), 7, null])(
    'refuses an order id of %j',
    async (orderId) => {
      expect((await bench.call('paypal-captureOrder', { id: orderId })).status).toBe(400);
    },
  );

  test.each([{}, { id: 'ORDER1', order_id: 'ORDER2' }])(
    'refuses %j, which names no one order',
    async (body) => {
      expect((await bench.call('paypal-captureOrder', body)).status).toBe(400);
    },
  );

  test('takes order_id, the older name of id', async () => {
    const id = await bench.approved();
    for (const body of [{ order_id: id }, { id, order_id: id }]) {
      const { status } = await bench.call('paypal-captureOrder', body);
      expect(status).toBe(200);
    }
    expect(await bench.cents()).toEqual([1500]);
  });

  test('tapped many times is captured once', async () => {
    const id = await bench.approved();
    const answers = await Promise.all(Array.from({ length: 6 }, () => bench.capture(id)));
    for (const { status } of answers) expect(status).toBe(200);
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'paid' });
    await bench.paypal.idle();
    expect(await bench.cents()).toEqual([1500]);
    expect(bench.balance()).toBe(1500);
  });

  test('of an order that is captured already ends in success and the one row', async () => {
    bench.silence();
    const id = await bench.approved();
    bench.paypal.capture(id);
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'paid' });
    expect(await bench.cents()).toEqual([1500]);
  });

  test('that loses the race against another capture ends in success', async () => {
    bench.silence();
    const id = await bench.approved();
    bench.paypal.fault({
      match: 'POST /v2/checkout/orders/:id/capture',
      status: 422,
      code: 'ORDER_ALREADY_CAPTURED',
      applyThen: true,
    });
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'paid' });
    expect(await bench.cents()).toEqual([1500]);
  });

  test.each([
    { status: 500 },
    { status: 503 },
    { status: 429 },
    { drop: true as const },
    { cutOff: true as const },
  ])('whose answer is lost by %j after the capture ends in success', async (fault) => {
    bench.silence();
    const id = await bench.approved();
    bench.paypal.fault({
      match: 'POST /v2/checkout/orders/:id/capture',
      applyThen: true,
      ...fault,
    });
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'paid' });
    expect(await bench.cents()).toEqual([1500]);
  });

  test('whose outcome nobody knows is 503, and succeeds the next time', async () => {
    bench.silence();
    const id = await bench.approved();
    bench.paypal.fault({ match: 'POST /v2/checkout/orders/:id/capture', status: 500 });
    expect((await bench.capture(id)).status).toBe(503);
    expect(await bench.rows()).toEqual([]);
    expect((await bench.capture(id)).status).toBe(200);
    expect(await bench.cents()).toEqual([1500]);
  });

  test('under way elsewhere is 503', async () => {
    const id = await bench.approved();
    bench.paypal.fault({
      match: 'POST /v2/checkout/orders/:id/capture',
      status: 422,
      code: 'ORDER_COMPLETION_IN_PROGRESS',
    });
    expect((await bench.capture(id)).status).toBe(503);
  });

  test('answered without its captures is looked up', async () => {
    bench.silence();
    const id = await bench.approved();
    bench.paypal.terse(true);
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'paid' });
  });

  test.each([
    ['not approved yet', undefined],
    ['INSTRUMENT_DECLINED', 'INSTRUMENT_DECLINED'],
    ['TRANSACTION_REFUSED', 'TRANSACTION_REFUSED'],
    ['PAYER_CANNOT_PAY', 'PAYER_CANNOT_PAY'],
    ['ORDER_EXPIRED', 'ORDER_EXPIRED'],
    ['ORDER_COMPLETED_OR_VOIDED', 'ORDER_COMPLETED_OR_VOIDED'],
    ['a capture that is declined', 'DECLINED'],
  ])('%s is a clear 409 and moves nothing', async (_what, outcome) => {
    const id = outcome === undefined ? await bench.create() : await bench.approved(1500, outcome);
    const { status, body } = await bench.capture(id);
    expect(status).toBe(409);
    expect(body['errorName']).toBe('ConflictException');
    await bench.paypal.idle();
    expect(await bench.rows()).toEqual([]);
  });

  test('of an order that has expired is 404', async () => {
    const id = await bench.create();
    bench.paypal.remove(id);
    expect((await bench.capture(id)).status).toBe(404);
  });

  test('after a decline and another card succeeds', async () => {
    const id = await bench.approved(1500, 'INSTRUMENT_DECLINED');
    expect((await bench.capture(id)).status).toBe(409);
    bench.paypal.approve(id);
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'paid' });
    await bench.paypal.idle();
    expect(await bench.cents()).toEqual([1500]);
  });

  test('of an order that was paid twice credits what was received, each once', async () => {
    const id = await bench.approved();
    bench.paypal.capture(id);
    bench.paypal.captureAgain(id);
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'paid' });
    await bench.paypal.idle();
    expect(await bench.cents()).toEqual([1500, 1500]);
    expect(bench.balance()).toBe(3000);
  });

  test('held back waits for its event', async () => {
    const id = await bench.approved(1500, 'PENDING');
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'review' });
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'review' });
    await bench.paypal.idle();
    expect(await bench.rows()).toEqual([]);
    bench.paypal.release(bench.paypal.captures(id)[0]?.id ?? '');
    await bench.paypal.idle();
    expect(await bench.cents()).toEqual([1500]);
    expect((await bench.capture(id)).body).toEqual({ result: 'success', status: 'paid' });
  });

  test('held back and then denied moves nothing', async () => {
    const id = await bench.approved(1500, 'PENDING');
    await bench.capture(id);
    bench.paypal.deny(bench.paypal.captures(id)[0]?.id ?? '');
    await bench.paypal.idle();
    expect(await bench.rows()).toEqual([]);
    expect(new Set(bench.statuses())).toEqual(new Set([200]));
    expect((await bench.capture(id)).status).toBe(409);
  });

  test('over another amount than our order is not ours: nothing is captured', async () => {
    const id = await bench.approved();
    bench.paypal.edit(id, { amount: { currency_code: 'USD', value: '1.00' } });
    expect((await bench.capture(id)).status).toBe(404);
    expect(bench.paypal.captures(id)).toEqual([]);
    expect(await bench.rows()).toEqual([]);
  });

  test.each([{ email_address: 'somebody@example.test' }, { merchant_id: 'SOMEBODYELSE' }])(
    'that pays %j is not ours: neither the call nor an event of it captures or credits',
    async (payee) => {
      const id = await bench.approved();
      bench.paypal.edit(id, { payee });
      expect((await bench.capture(id)).status).toBe(404);
      expect(bench.paypal.captures(id)).toEqual([]);
      // The thief captures it with a call of its own.
      bench.paypal.capture(id);
      await bench.paypal.idle();
      expect(new Set(bench.statuses())).toEqual(new Set([200]));
      expect(await bench.rows()).toEqual([]);
      expect(bench.balance() ?? 0).toBe(0);
    },
  );

  test('whose payee was changed after the approval is not credited', async () => {
    const id = await bench.approved();
    bench.silence();
    bench.paypal.capture(id);
    const [capture] = bench.paypal.captures(id);
    bench.paypal.edit(capture?.id ?? '', { payee: { merchant_id: 'SOMEBODYELSE' } });
    bench.paypal.edit(id, { payee: { merchant_id: 'SOMEBODYELSE' } });
    expect((await bench.capture(id)).status).toBe(404);
    expect(await bench.rows()).toEqual([]);
  });

  test('that names our order and is not the one that was made for it is not ours', async () => {
    const id = await bench.approved();
    const { purchase_units: units } = bench.paypal.object(id) as {
      purchase_units: { custom_id: string }[];
    };
    const customId = units[0]?.custom_id ?? '';
    const other = bench.paypal.createForeignPayment({ customId });
    await bench.paypal.idle();
    expect(await bench.rows()).toEqual([]);
    const otherId = other.supplementary_data.related_ids.order_id;
    expect((await bench.capture(otherId)).status).toBe(404);
    expect((await bench.capture(id)).status).toBe(200);
    expect(await bench.cents()).toEqual([1500]);
  });
});
