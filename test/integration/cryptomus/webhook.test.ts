import { setEnvironment } from '../../harness/environment.ts';
import { signedBody } from '../../standins/cryptomus/signature.ts';
import { Bench, KEY } from './bench.ts';

const bench = new Bench('');

// First of all: what could not be opened is opened anew on the next request.
test('without its key nothing is proven, not even by an empty key', async () => {
  const body = signedBody({ type: 'payment', uuid: 'x', status: 'check' }, '');
  expect(await bench.post(body)).toBe(500);
  expect((await bench.createPayment()).status).toBe(500);
  setEnvironment({ CRYPTOMUS_PAYMENT_KEY: KEY });
  expect(await bench.post(body)).toBe(401);
});

describe('Cryptomus reports', () => {
  test('a payment: one row and one credit, however often it is told at once', async () => {
    bench.control.hold(true);
    const uuid = await bench.order();
    bench.control.pay(uuid);
    await bench.control.release({ copies: 20, parallel: true });
    expect(bench.answers()).toEqual(Array.from({ length: 40 }, () => 200));
    expect(await bench.moved()).toEqual([[`cryptomus_${uuid}`, 1500, 'payment']]);
    expect(bench.parts.retail.control.transactions(bench.user.uid)).toHaveLength(1);
    expect(bench.balance()).toBe(1500);
  });

  test('too much and too little: what arrived', async () => {
    bench.control.pay(await bench.order(), { cents: 1789 });
    const under = await bench.order();
    bench.control.pay(under, { cents: 725 });
    await bench.control.idle();
    expect(bench.balance()).toBe(1789);
    bench.control.expire(under);
    await bench.control.idle();
    expect(bench.balance()).toBe(1789 + 725);
  });

  test('paid and then paid over: what came on top is a row of its own', async () => {
    const uuid = await bench.order();
    bench.control.pay(uuid);
    await bench.control.idle();
    bench.control.pay(uuid, { cents: 300 });
    await bench.control.idle();
    expect(bench.answers().at(-1)).toBe(200);
    expect(await bench.moved()).toEqual([
      [`cryptomus_${uuid}`, 1500, 'payment'],
      [`cryptomus_${uuid}-1800`, 300, 'payment'],
    ]);
    expect(await bench.parkedIds(uuid)).toEqual([]);
    expect(bench.balance()).toBe(1800);
  });

  test('a refund: what was credited, once', async () => {
    const uuid = await bench.order();
    bench.control.pay(uuid, { cents: 1789 });
    bench.control.refund(uuid);
    bench.control.endRefund(uuid);
    await bench.control.idle();
    bench.control.report(uuid, 'refund_paid', { payment_amount_usd: '1.00' });
    await bench.control.idle();
    expect(await bench.moved()).toEqual([
      [`cryptomus_${uuid}`, 1789, 'payment'],
      [`cryptomus_${uuid}-refund`, -1789, 'refund'],
    ]);
    expect(bench.balance()).toBe(0);
  });

  test('a part of the payment that is told after the refund is taken back, too', async () => {
    const uuid = await bench.order();
    bench.control.pay(uuid);
    await bench.control.idle();
    bench.control.hold(true);
    bench.control.pay(uuid, { cents: 300 });
    bench.control.refund(uuid);
    bench.control.endRefund(uuid);
    await bench.control.release({ order: 'reverse', copies: 2 });
    expect(await bench.moved()).toEqual([
      [`cryptomus_${uuid}`, 1500, 'payment'],
      [`cryptomus_${uuid}-refund`, -1500, 'refund'],
      [`cryptomus_${uuid}-1800`, 300, 'payment'],
      [`cryptomus_${uuid}-refund-1800`, -300, 'refund'],
    ]);
    expect(await bench.parkedIds(uuid)).toEqual([]);
    expect(bench.balance()).toBe(0);
  });

  test('a refund before its payment: parked, and both with the payment', async () => {
    bench.control.hold(true);
    const uuid = await bench.order();
    bench.control.pay(uuid);
    bench.control.refund(uuid);
    bench.control.endRefund(uuid);
    await bench.control.release({ order: 'reverse' });
    expect(bench.answers()).toEqual([200, 200, 200, 200]);
    expect((await bench.moved()).length).toBe(2);
    expect(await bench.parkedIds(uuid)).toEqual([`unusable_cryptomus_${uuid}_refund_paid`]);
    expect(bench.balance()).toBe(0);
  });

  test('a payment while it cannot be asked: it is told to come again', async () => {
    const uuid = await bench.order();
    bench.control.fault(
      { path: '/v1/payment/info', status: 503 },
      { path: '/v1/payment/info', drop: true },
      { path: '/v1/payment/info', status: 401 },
    );
    bench.control.pay(uuid);
    for (let times = 0; times < 3; times += 1) {
      bench.control.ask('/v1/payment/resend', { uuid });
    }
    await bench.control.idle();
    expect(bench.answers()).toEqual([200, 503, 503, 500, 200]);
    expect(await bench.moved()).toEqual([[`cryptomus_${uuid}`, 1500, 'payment']]);
  });

  test('a test of a notification for an invoice that is not paid: no row', async () => {
    const uuid = await bench.order();
    const { order_id } = bench.control.invoices()[0] ?? {};
    for (const status of ['paid', 'refund_paid']) {
      bench.control.ask('/v1/test-webhook/payment', {
        url_callback: bench.parts.hook,
        currency: 'USDT',
        network: 'tron',
        status,
        uuid,
        order_id,
      });
    }
    await bench.control.idle();
    expect(bench.answers()).toEqual([503, 503]);
    expect(await bench.moved()).toEqual([]);
    expect(await bench.parkedIds(uuid)).toEqual([]);
  });

  test('an order that is not ours: nothing comes of it', async () => {
    const { uuid } = bench.control.make({
      order_id: 'theirs_1',
      amount: '15.00',
      currency: 'USD',
      url_callback: bench.parts.hook,
    });
    bench.control.pay(uuid);
    await bench.control.idle();
    expect(new Set(bench.answers())).toEqual(new Set([200]));
    expect(await bench.parkedIds(uuid)).toEqual([]);
  });
});

test.each([
  ['nothing', '', 401],
  ['null', 'null', 401],
  ['a list', '[]', 401],
  ['a text', '"x"', 401],
  ['no signature', '{}', 401],
  ['half of it', '{"type":"payment"', 401],
  ['a megabyte and more', `{"pad":"${'x'.repeat(1_000_000)}"}`, 413],
  ['signed, about nothing', signedBody({ type: 'payment' }, KEY), 200],
  ['signed, no uuid', signedBody({ type: 'payment', uuid: 'x', status: 'paid' }, KEY), 200],
])('a notification with %s', async (_, body, status) => {
  expect(await bench.post(body)).toBe(status);
});

test('a notification is posted', async () => {
  const response = await fetch(bench.parts.hook);
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
});
