import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import { fixture } from '../../../contract/gateway-contract.ts';
import { logFromNow } from '../../../harness/log.ts';
import { signedHeaders } from '../../../standins/paypal/signing.ts';
import { MERCHANT_ID } from '../../../standins/paypal/server.ts';
import type { Capture } from '../../../standins/paypal/objects.ts';
import { open, order, signatory, useStandin, WEBHOOK_ID } from './bench.ts';

const paypal = useStandin();

/** What an event of this kind comes to, as things stand at PayPal. */
async function movements(
  name: string,
  patch: Record<string, unknown> = {},
  known: readonly Order[] = [order],
  booked: readonly string[] = [],
) {
  const event = { ...(JSON.parse(fixture('paypal', name).toString()) as object), ...patch };
  const body = Buffer.from(JSON.stringify(event));
  const gateway = await open({ known, booked });
  const headers = signedHeaders(body, WEBHOOK_ID, signatory);
  return gateway.movements(await gateway.verify({ method: 'POST', headers, body }));
}

const completed = (patch = {}) => movements('PAYMENT.CAPTURE.COMPLETED', patch);
const refunded = (patch = {}) => movements('PAYMENT.CAPTURE.REFUNDED', patch);

function paid(): string {
  return paypal().control.createForeignPayment({ customId: order.orderId }).id;
}

function refund(cents = 400): string {
  return paypal().control.refund(paid(), cents).id;
}

const usd = (value: unknown) => ({ currency_code: 'USD', value });

describe('a capture', () => {
  test.each([
    ['more than the order', usd('15.01')],
    ['less than the order', usd('14.99')],
    ['another currency', { currency_code: 'EUR', value: '15.00' }],
    ['a negative amount', usd('-15.00')],
    ['three decimals', usd('15.000')],
    ['an exponent', usd('15e0')],
    ['a comma', usd('15,00')],
    ['nothing', usd('0.00')],
    ['a number', usd(15)],
  ])('of %s is parked', async (_what, amount) => {
    paypal().control.edit(paid(), { amount });
    await expect(completed()).rejects.toThrow(Unusable);
  });

  test.each(['15', '15.0'])('written as %s is the same money', async (value) => {
    paypal().control.edit(paid(), { amount: usd(value) });
    await expect(completed()).resolves.toMatchObject([{ amountCents: 1500 }]);
  });

  test('that the API still calls pending is asked about again', async () => {
    paypal().control.createForeignPayment({ customId: order.orderId, status: 'PENDING' });
    await expect(completed()).rejects.toThrow(Unavailable);
  });

  test('that PayPal does not know is parked: the credentials may be of another app', async () => {
    await expect(completed()).rejects.toThrow(Unusable);
  });

  test.each([400, 422])('that PayPal answers with %d for is parked', async (status) => {
    paypal().control.fault({ match: 'GET /v2/payments', status });
    await expect(completed()).rejects.toThrow(Unusable);
  });

  test.each([
    ['that is not here', []],
    ['of another gateway', [{ ...order, gateway: 'stripe' }]],
    ['of the other mode', [{ ...order, mode: 'live' as const }]],
  ])('that names an order %s is not ours', async (_what, known) => {
    paid();
    expect(await movements('PAYMENT.CAPTURE.COMPLETED', {}, known)).toEqual([]);
  });

  test('that PayPal forbids us to read is not ours, if another account was paid', async () => {
    paypal().control.fault({ match: 'GET /v2/payments', status: 403, times: 3 });
    const payee = (merchantId: string) => {
      return { resource: { id: 'CAPTURE0000000001', payee: { merchant_id: merchantId } } };
    };
    await expect(completed(payee('SOMEBODY'))).resolves.toEqual([]);
    await expect(completed(payee(MERCHANT_ID))).rejects.toThrow(Misconfigured);
  });

  test('that names no order of PayPal is ours if it is one of the order that ours is bound to', async () => {
    const id = paid();
    const { supplementary_data: named } = paypal().control.object(id) as Capture;
    const other = paypal().control.createForeignPayment();
    paypal().control.edit(id, { supplementary_data: undefined });
    const boundTo = (gatewayRef: string) => [{ ...order, gatewayRef }];
    const told = (ref: string) => movements('PAYMENT.CAPTURE.COMPLETED', {}, boundTo(ref));
    expect(await told(other.supplementary_data.related_ids.order_id)).toEqual([]);
    expect(await told(named.related_ids.order_id)).toHaveLength(1);
  });

  test('without a time is parked', async () => {
    paypal().control.edit(paid(), { create_time: undefined });
    await expect(completed()).rejects.toThrow(Unusable);
  });

  test('of an event without its id is parked', async () => {
    await expect(completed({ resource: {} })).rejects.toThrow(Unusable);
    await expect(completed({ resource: { id: '../x' } })).rejects.toThrow(Unusable);
    await expect(completed({ resource: { id: 7 } })).rejects.toThrow(Unusable);
  });

  test('told in the old form is parked', async () => {
    paid();
    await expect(completed({ resource_version: '1.0' })).rejects.toThrow(/2\.0/);
  });

  test('of an event that says no version is taken', async () => {
    paid();
    await expect(completed({ resource_version: undefined })).resolves.toHaveLength(1);
  });
});

describe('a refund', () => {
  test.each([
    ['nothing', usd('0.00')],
    ['a negative amount', usd('-4.00')],
    ['three decimals', usd('4.000')],
    ['a comma', usd('4,00')],
    ['an exponent', usd('1e3')],
    ['a number', usd(4)],
    ['another currency', { currency_code: 'EUR', value: '4.00' }],
    ['no amount', undefined],
  ])('of %s is parked', async (_what, amount) => {
    paypal().control.edit(refund(), { amount });
    await expect(refunded()).rejects.toThrow(Unusable);
  });

  test('written without decimals is the same money', async () => {
    paypal().control.edit(refund(), { amount: usd('4') });
    await expect(refunded()).resolves.toMatchObject([{ amountCents: 1500 }, { amountCents: -400 }]);
  });

  const up = (href: string) => ({ links: [{ href, rel: 'up', method: 'GET' }] });
  test.each([
    ['no links', { links: undefined }],
    ['no link up', { links: [] }],
    ['a link to an order', up('https://api.paypal.com/v2/checkout/orders/CAPTURE0000000001')],
    ['a link out of bounds', up('https://api.paypal.com/v2/payments/captures/../CAPTURE1')],
    ['a link with more', up('https://api.paypal.com/v2/payments/captures/CAPTURE0000000001?x')],
  ])('with %s is parked', async (_what, patch) => {
    paypal().control.edit(refund(), patch);
    await expect(refunded()).rejects.toThrow(Unusable);
  });

  test('of a capture that PayPal does not know is parked', async () => {
    refund();
    paypal().control.remove('CAPTURE0000000001');
    await expect(refunded()).rejects.toThrow(Unusable);
  });

  test('that PayPal does not know is parked', async () => {
    paid();
    await expect(refunded()).rejects.toThrow(Unusable);
  });

  test('of a status that nobody knows is parked', async () => {
    paypal().control.edit(refund(), { status: 'MAYBE' });
    await expect(refunded()).rejects.toThrow(Unusable);
  });

  test('that was called off gives back what it took', async () => {
    paypal().control.edit(refund(), { status: 'CANCELLED' });
    await expect(refunded()).resolves.toMatchObject([
      { kind: 'payment' },
      { kind: 'refund_failed', amountCents: 400, parentId: 'REFUND00000000001' },
    ]);
  });

  test('beyond what was paid is taken as it is, and a person is told', async () => {
    const logged = logFromNow();
    refund(2000);
    await expect(refunded()).resolves.toMatchObject([
      { amountCents: 1500 },
      { amountCents: -2000 },
    ]);
    expect(logged().map((line) => JSON.parse(line) as unknown)).toContainEqual({
      severity: 'ERROR',
      message: 'more was refunded than was paid',
      payment_id: 'paypal_CAPTURE0000000001',
      next_step: expect.stringContaining('npm run ops -- story') as unknown,
    });
  });

  test('of a payment that was never received is told alone', async () => {
    refund();
    paypal().control.edit('CAPTURE0000000001', { status: 'DECLINED' });
    await expect(refunded()).resolves.toMatchObject([{ kind: 'refund', amountCents: -400 }]);
  });

  test('that is a reversal is one movement, whether PayPal tells it as a refund or as the capture', async () => {
    paypal().control.reverse(paid());
    const [, reversal] = await movements('PAYMENT.CAPTURE.REVERSED');
    expect(reversal).toMatchObject({ id: 'REFUND00000000001', amountCents: -1500 });
    expect(await movements('PAYMENT.CAPTURE.REVERSED.capture')).toHaveLength(1);
    const booked = ['paypal_CAPTURE0000000001-reversed'];
    expect(await movements('PAYMENT.CAPTURE.REVERSED', {}, [order], booked)).toHaveLength(1);
    expect(await movements('PAYMENT.CAPTURE.REFUNDED', {}, [order], booked)).toHaveLength(2);
  });

  test('that is told as a refund and as a reversal is one movement', async () => {
    paypal().control.reverse(paid(), 600);
    const [, asReversal] = await movements('PAYMENT.CAPTURE.REVERSED');
    const [, asRefund] = await movements('PAYMENT.CAPTURE.REFUNDED');
    const same = { id: 'REFUND00000000001', amountCents: -600 };
    expect([asReversal, asRefund]).toMatchObject([same, same]);
  });

  test('whose failure the API does not show yet must be told again', async () => {
    const id = refund();
    const failed = () => refunded({ event_type: 'PAYMENT.REFUND.FAILED' });
    for (const status of ['COMPLETED', 'PENDING']) {
      paypal().control.edit(id, { status });
      await expect(failed()).rejects.toThrow(Unavailable);
    }
    paypal().control.failRefund(id);
    await expect(failed()).resolves.toMatchObject([
      { kind: 'payment' },
      { kind: 'refund_failed', amountCents: 400, parentId: id },
    ]);
  });
});

// The capture may tell of it, too: then the ledger would take it for a refund that never was.
test.each(['FAILED', 'CANCELLED'])('a reversal that is %s is left to a person', async (status) => {
  paypal().control.reverse(paid());
  paypal().control.edit('REFUND00000000001', { status });
  await expect(movements('PAYMENT.CAPTURE.REVERSED')).rejects.toThrow(Unusable);
  const booked = ['paypal_REFUND00000000001'];
  const told = await movements('PAYMENT.CAPTURE.REVERSED', {}, [order], booked);
  expect(told).toMatchObject([
    { kind: 'payment' },
    { id: 'REFUND00000000001-failed', kind: 'refund_failed', amountCents: 1500 },
  ]);
});

describe('a reversal told as the capture', () => {
  const reversed = () => movements('PAYMENT.CAPTURE.REVERSED.capture');

  test('takes all when nothing was refunded', async () => {
    paypal().control.reverseCapture(paid());
    await expect(reversed()).resolves.toMatchObject([
      { kind: 'payment' },
      { id: 'CAPTURE0000000001-reversed', amountCents: -1500, parentId: 'CAPTURE0000000001' },
    ]);
  });

  test('counts no refund that failed', async () => {
    paypal().control.failRefund(refund());
    paypal().control.reverseCapture('CAPTURE0000000001');
    const [, reversal] = await reversed();
    expect(reversal).toMatchObject({ amountCents: -1500 });
  });

  test.each([
    ['is still whole', 'COMPLETED'],
    ['is gone in part', 'PARTIALLY_REFUNDED'],
  ])('is parked while the capture %s: how much was taken is not said', async (_what, status) => {
    paypal().control.edit(paid(), { status });
    await expect(reversed()).rejects.toThrow(Unusable);
  });

  test('is parked when the capture does not name its order', async () => {
    const id = paid();
    paypal().control.reverseCapture(id);
    paypal().control.edit(id, { supplementary_data: undefined });
    await expect(reversed()).rejects.toThrow(Unusable);
  });
});

test('a dispute and an event of the old API tell a person', async () => {
  const logged = logFromNow();
  await expect(movements('CUSTOMER.DISPUTE.CREATED')).resolves.toEqual([]);
  await expect(movements('PAYMENT.SALE.REFUNDED')).resolves.toEqual([]);
  const alerts = logged().filter((line) => line.includes('"severity":"ERROR"'));
  expect(alerts).toHaveLength(2);
});

test('a dispute about an order that is not ours tells no person', async () => {
  const logged = logFromNow();
  await expect(movements('CUSTOMER.DISPUTE.CREATED', {}, [])).resolves.toEqual([]);
  expect(logged()).toEqual([]);
});
