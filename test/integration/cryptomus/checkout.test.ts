import { APP, Bench } from './bench.ts';

const bench = new Bench();

describe('an app asks for a payment', () => {
  test('an order is written, and an invoice of it made', async () => {
    const { status, body } = await bench.createPayment({
      url_return: 'https://APP.example.com/a/../b',
    });
    const [invoice] = bench.control.invoices();
    expect([status, body]).toEqual([200, { url: invoice?.url, order_id: invoice?.order_id }]);
    const orderId = String(invoice?.order_id);
    expect(bench.control.requests()[0]?.parameters).toEqual({
      amount: '15.00',
      currency: 'USD',
      order_id: orderId,
      url_callback: bench.parts.hook,
      url_return: `${APP}/b`,
      url_success: `${APP}/payment?paid`,
      lifetime: 3600,
    });
    const stored = await bench.parts.client.firestore.collection('tn_orders').doc(orderId).get();
    expect(stored.data()).toMatchObject({
      uid: bench.user.uid,
      amount: 1500,
      gateway: 'cryptomus',
      mode: 'test',
    });
  });

  test('the same Idempotency-Key gives the same invoice, until it has expired', async () => {
    const headers = { 'idempotency-key': 'key-1' };
    const first = await bench.createPayment({}, headers);
    expect(await bench.createPayment({}, headers)).toEqual(first);
    const [invoice, ...others] = bench.control.invoices();
    expect(others).toEqual([]);
    bench.control.expire(String(invoice?.uuid));
    expect((await bench.createPayment({}, headers)).status).toBe(409);
    expect((await bench.createPayment()).status).toBe(200);
  });

  test.each([
    { amount: 499 },
    { amount: 100_001 },
    { amount: 1500.5 },
    { amount: '1500' },
    { amount: undefined },
    { url_return: undefined },
    { url_success: 7 },
    { url_return: 'https://evil.example/' },
    { url_success: `${APP}.evil.example/` },
    { url_success: 'javascript:alert(1)' },
    { url_return: `${APP}/${'x'.repeat(255)}` },
  ])('refused: %j', async (changes) => {
    const { status, body } = await bench.createPayment(changes);
    expect([status, body.errorName]).toEqual([400, 'InvalidRequestParamsException']);
    expect(bench.control.requests()).toEqual([]);
  });

  test('refused: nobody', async () => {
    const { status } = await bench.createPayment({}, { authorization: 'Bearer x' });
    expect(status).toBe(401);
  });

  test.each([
    [{ status: 500 }, 503],
    [{ status: 429 }, 503],
    [{ drop: true }, 503],
    [{ cutOff: true }, 503],
    [{ status: 422 }, 500],
    [{ status: 401 }, 500],
    [{ status: 200, body: { state: 0, result: {} } }, 500],
  ] as const)('when Cryptomus does %j, the app is told %i', async (fault, status) => {
    bench.control.fault(fault);
    expect((await bench.createPayment()).status).toBe(status);
  });

  test('an invoice over another sum is not handed out', async () => {
    const headers = { 'idempotency-key': 'key-2' };
    await bench.createPayment({}, headers);
    const [invoice] = bench.control.invoices();
    bench.control.edit(String(invoice?.uuid), { amount: '1.00' });
    expect((await bench.createPayment({}, headers)).status).toBe(500);
  });
});
