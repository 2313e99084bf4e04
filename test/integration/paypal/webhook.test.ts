import { sameCrc32 } from '../../standins/paypal/collision.ts';
import { Bench, WEBHOOK } from './bench.ts';

const bench = new Bench(1_200_000);

describe('paypal-handleWebhookEvents', () => {
  test('heals a capture that no app has heard of', async () => {
    bench.paypal.capture(await bench.approved());
    await bench.paypal.idle();
    expect(await bench.cents()).toEqual([1500]);
    expect(bench.balance()).toBe(1500);
  });

  test('fifty deliveries of one event at once are one row', async () => {
    bench.paypal.hold(true);
    bench.paypal.capture(await bench.approved());
    const { id = '' } = bench.paypal.events().at(-1) ?? {};
    const sent = await bench.paypal.redeliver(id, { copies: 50, parallel: true });
    expect(sent).toHaveLength(50);
    for (const { status } of sent) expect(status).toBe(200);
    expect(await bench.cents()).toEqual([1500]);
    expect(bench.balance()).toBe(1500);
  });

  test('partial refunds, shuffled, repeated and before the payment', async () => {
    bench.silence();
    const id = await bench.approved();
    await bench.listen();
    bench.paypal.hold(true);
    bench.paypal.capture(id);
    const [made] = bench.paypal.captures(id);
    bench.paypal.refund(made?.id ?? '', 500);
    bench.paypal.refund(made?.id ?? '', 400);
    bench.paypal.reverse(made?.id ?? '', 600);
    await bench.paypal.sendHeld({ order: 'reverse', copies: 2 });
    expect(await bench.cents()).toEqual([1500, -400, -500, -600]);
    expect(bench.balance()).toBe(0);
    const corrections = (await bench.rows()).filter((row) => row['kind'] !== 'payment');
    for (const row of corrections) expect(row['parent_id']).toBe(`paypal_${made?.id ?? ''}`);
  });

  test('a refund that fails later is given back', async () => {
    const id = await bench.approved();
    await bench.capture(id);
    await bench.paypal.idle();
    const refund = bench.paypal.refund(bench.paypal.captures(id)[0]?.id ?? '', 400);
    await bench.paypal.idle();
    bench.paypal.failRefund(refund.id);
    await bench.paypal.idle();
    expect(await bench.cents()).toEqual([1500, 400, -400]);
    expect(bench.balance()).toBe(1500);
  });

  test('PayPal’s API is down: 503, and the repeated event makes the row', async () => {
    bench.paypal.hold(true);
    bench.paypal.capture(await bench.approved());
    const event = bench.paypal.events().find((one) => one.event_type.endsWith('COMPLETED'));
    bench.paypal.fault({ match: 'GET /v2/payments/captures', status: 503 });
    const [down] = await bench.paypal.redeliver(event?.id ?? '');
    expect(down?.status).toBe(503);
    const [up] = await bench.paypal.redeliver(event?.id ?? '');
    expect(up?.status).toBe(200);
    expect(await bench.cents()).toEqual([1500]);
  });

  test('a body forged to the same CRC-32 under a genuine signature moves no money', async () => {
    const id = await bench.approved();
    await bench.capture(id);
    await bench.paypal.idle();
    const victim = bench.paypal.createForeignPayment({ customId: 'basket-7' });
    const before = await bench.rows();
    const genuine = bench.paypal.signed(bench.paypal.events().at(-2));
    const send = async (resource: object, type = 'PAYMENT.CAPTURE.COMPLETED') => {
      const body = sameCrc32(genuine.body, (letters) =>
        JSON.stringify({ id: 'WH-FORGED', event_type: type, resource, letters }),
      );
      const url = await bench.app.functions.url(WEBHOOK);
      const { status } = await fetch(url, { method: 'POST', headers: genuine.headers, body });
      return status;
    };
    const [own] = bench.paypal.captures(id);
    const amount = { currency_code: 'USD', value: '1000.00' };
    const custom = { custom_id: own?.custom_id };
    expect(await send({ id: own?.id, amount })).toBe(200);
    expect(await send({ id: victim.id, amount, ...custom })).toBe(200);
    expect(await send({ id: own?.id }, 'PAYMENT.CAPTURE.REVERSED')).toBe(200);
    expect(await send({ id: 'REFUND00000009999', amount }, 'PAYMENT.CAPTURE.REFUNDED')).toBe(200);
    expect(await bench.rows()).toEqual(before);
    expect(bench.balance()).toBe(1500);
  });

  test('what is not signed or not POSTed is refused; what is signed and no event is parked', async () => {
    const url = await bench.app.functions.url(WEBHOOK);
    const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
      fetch(url, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) });
    const { body, headers } = bench.paypal.signed({ no: 'event' });
    expect((await post(body)).status).toBe(401);
    expect((await post('')).status).toBe(401);
    expect((await post(`${body} `, headers)).status).toBe(401);
    expect((await post(body, { ...headers, 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await post('x'.repeat(1_000_001), headers)).status).toBe(413);
    expect((await post(body, headers)).status).toBe(200);
    expect((await fetch(url)).status).toBe(405);
  });
});
