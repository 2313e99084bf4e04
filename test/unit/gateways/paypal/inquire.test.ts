import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { AskedPayment } from '../../../../functions/src/gateway.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import type { Capture } from '../../../standins/paypal/objects.ts';
import { happenings, movementsOfEvents, open, order, pay, sorted, useStandin } from './bench.ts';

const paypal = useStandin();

const nothing: AskedPayment = { orderId: null, ref: null, paymentId: null };

async function inquire(asked: Partial<AskedPayment>, given: Parameters<typeof open>[0] = {}) {
  const gateway = await open({ isReadOnly: true, ...given });
  return (await gateway.inquire?.({ ...nothing, ...asked })) ?? [];
}

/** PayPal's order of a capture. */
function refOf(captureId: string): string {
  const capture = paypal().control.object(captureId) as Capture;
  return capture.supplementary_data.related_ids.order_id;
}

const CAPTURE = 'CAPTURE0000000001';
const REFUND = 'REFUND00000000001';
const reads = () => paypal().control.requests().length;

describe.each(Object.entries(happenings))('%s', (name, happen) => {
  // PayPal's objects do not tell a reversal from a refund.
  const isReversal = name === 'a reversal told as a refund';
  const withoutKind = (all: readonly object[]) =>
    all.map((one) => (isReversal ? { ...one, kind: '' } : one));

  test.each([
    ['by the order it is bound to', () => ({ ref: refOf(CAPTURE) })],
    ['by its capture', () => ({ paymentId: CAPTURE })],
  ])('is found %s, as the webhook tells it', async (_what, asked) => {
    happen(paypal().control);
    const expected = await movementsOfEvents(paypal(), await open());
    expect(expected.length).toBeGreaterThan(0);
    expect(withoutKind(sorted(await inquire(asked())))).toEqual(withoutKind(expected));
  });
});

test.each([
  ['PENDING', 'opened'],
  ['DECLINED', 'closed'],
])('a capture that is %s is a review that is %s', async (status, review) => {
  pay(paypal().control, status);
  const expected = [{ review, orderId: order.orderId, uid: order.uid }];
  expect(await inquire({ ref: refOf(CAPTURE) })).toEqual(expected);
});

test('each capture of an order is told, and one that cannot be read hides no other', async () => {
  const ref = refOf(pay(paypal().control));
  const { id } = paypal().control.captureAgain(ref);
  paypal().control.refund(CAPTURE, 400);
  paypal().control.edit(CAPTURE, { amount: { currency_code: 'EUR', value: '15.00' } });
  const [unusable, ...others] = await inquire({ ref });
  expect(unusable).toBeInstanceOf(Unusable);
  expect(unusable).toMatchObject({ about: CAPTURE });
  expect(others).toMatchObject([{ id, amountCents: 1500 }]);
});

test('a refund that cannot be read hides no other', async () => {
  pay(paypal().control);
  paypal().control.refund(CAPTURE, 400);
  paypal().control.refund(CAPTURE, 500);
  paypal().control.edit(REFUND, { status: 'MAYBE' });
  const [payment, unusable, refund] = await inquire({ paymentId: CAPTURE });
  expect(payment).toMatchObject({ id: CAPTURE });
  expect(unusable).toMatchObject({ about: REFUND });
  expect(refund).toMatchObject({ id: 'REFUND00000000002', amountCents: -500 });
});

test('a refund of a capture that was never received is told alone, as the webhook does', async () => {
  pay(paypal().control);
  paypal().control.refund(CAPTURE, 400);
  paypal().control.edit(CAPTURE, { status: 'DECLINED' });
  expect(await inquire({ paymentId: CAPTURE })).toMatchObject([{ id: REFUND }]);
});

describe('nothing comes of', () => {
  test.each([false, true])('an order that was not captured (read-only: %s)', async (isReadOnly) => {
    const { control } = paypal();
    const ref = refOf(pay(control));
    control.remove(CAPTURE);
    for (const status of ['CREATED', 'APPROVED', 'COMPLETED']) {
      control.edit(ref, { status });
      expect(await inquire({ ref }, { isReadOnly })).toEqual([]);
    }
    const methods = control.requests().filter(({ path }) => path !== '/v1/oauth2/token');
    expect(new Set(methods.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  test('ids that PayPal does not know', async () => {
    const asked = { ref: 'ORDER9', paymentId: 'CAPTURE9', orderId: order.orderId };
    expect(await inquire(asked)).toEqual([]);
    expect(await inquire(nothing)).toEqual([]);
    const before = reads();
    const known = [{ ...order, gatewayRef: 'ORDER9' }];
    expect(await inquire({ ref: 'ORDER9', orderId: order.orderId }, { known })).toEqual([]);
    // The token, and the order once.
    expect(reads() - before).toBe(2);
  });

  test.each<[string, Partial<Order>[]]>([
    ['that is not here', []],
    ['of another gateway', [{ ...order, gateway: 'stripe' }]],
    ['of the other mode', [{ ...order, mode: 'live' }]],
    ['that is bound to another object', [{ ...order, gatewayRef: 'ORDER9' }]],
  ])('a payment of an order %s', async (_what, known) => {
    const ref = refOf(pay(paypal().control));
    const given = { known: known as Order[] };
    expect(await inquire({ ref }, given)).toEqual([]);
    expect(await inquire({ paymentId: CAPTURE }, given)).toEqual([]);
  });

  test('a payment to another account', async () => {
    const ref = refOf(pay(paypal().control));
    for (const id of [ref, CAPTURE]) paypal().control.edit(id, { payee: { merchant_id: 'OTHER' } });
    expect(await inquire({ ref })).toEqual([]);
    expect(await inquire({ paymentId: CAPTURE })).toEqual([]);
  });
});

describe('where to look', () => {
  test('a refund stands for its capture, even one that the order does not show', async () => {
    pay(paypal().control);
    paypal().control.refund(CAPTURE, 400);
    const expected = [{ id: CAPTURE }, { id: REFUND, amountCents: -400 }];
    expect(await inquire({ paymentId: REFUND })).toMatchObject(expected);
    paypal().control.remove(refOf(CAPTURE));
    expect(await inquire({ paymentId: REFUND })).toMatchObject(expected);
  });

  test('our order leads to the one it is bound to', async () => {
    const gatewayRef = refOf(pay(paypal().control));
    const known = [{ ...order, gatewayRef }];
    expect(await inquire({ orderId: order.orderId }, { known })).toMatchObject([{ id: CAPTURE }]);
    expect(await inquire({ orderId: order.orderId })).toEqual([]);
  });

  test('the order that is named needs one call, and the token', async () => {
    const ref = refOf(pay(paypal().control));
    await inquire({ ref, paymentId: CAPTURE, orderId: order.orderId });
    expect(reads()).toBe(2);
  });
});

describe('a reversal', () => {
  test('that is booked as the capture’s is not told again when PayPal shows it as a refund', async () => {
    pay(paypal().control);
    paypal().control.refund(CAPTURE, 400);
    paypal().control.reverse(CAPTURE);
    const booked = [`paypal_${CAPTURE}-reversed`, `paypal_${REFUND}`];
    expect(await inquire({ paymentId: CAPTURE })).toHaveLength(3);
    expect(await inquire({ paymentId: CAPTURE }, { booked })).toMatchObject([
      { id: CAPTURE },
      { id: REFUND, amountCents: -400 },
      { id: `${CAPTURE}-reversed`, amountCents: -1100 },
    ]);
  });

  test('is not concluded from a refund that failed', async () => {
    pay(paypal().control);
    paypal().control.failRefund(paypal().control.refund(CAPTURE).id);
    const kinds = (await inquire({ paymentId: CAPTURE })).map((one) => 'kind' in one && one.kind);
    expect(kinds).toEqual(['payment', 'refund_failed']);
  });

  test('is not concluded where the refunds are not known', async () => {
    pay(paypal().control);
    paypal().control.reverseCapture(CAPTURE);
    paypal().control.remove(refOf(CAPTURE));
    expect(await inquire({ paymentId: CAPTURE })).toMatchObject([{ id: CAPTURE }]);
  });
});

describe('an answer of PayPal', () => {
  test.each([429, 500, 503])('%d is worth another try', async (status) => {
    const ref = refOf(pay(paypal().control));
    paypal().control.fault({ match: 'GET /v2', status });
    await expect(inquire({ ref })).rejects.toThrow(Unavailable);
  });

  test('that breaks off is worth another try', async () => {
    const ref = refOf(pay(paypal().control));
    paypal().control.fault({ match: 'GET /v2', cutOff: true });
    await expect(inquire({ ref })).rejects.toThrow(Unavailable);
  });

  test('403 is a matter of the app, 422 and a broken object one of a person', async () => {
    const ref = refOf(pay(paypal().control));
    paypal().control.fault({ match: 'GET /v2', status: 403 });
    await expect(inquire({ ref })).rejects.toThrow(Misconfigured);
    paypal().control.fault({ match: 'GET /v2', status: 422 });
    await expect(inquire({ ref })).rejects.toThrow(Unusable);
    paypal().control.edit(CAPTURE, { create_time: undefined });
    await expect(inquire({ ref })).rejects.toThrow(Unusable);
  });
});

describe('a parked event', () => {
  /** As Firestore gives it back. */
  async function stored(event: object): Promise<unknown> {
    const { body, headers } = paypal().control.signed(event);
    const gateway = await open();
    const read = await gateway.verify({ method: 'POST', headers, body: Buffer.from(body) });
    return JSON.parse(JSON.stringify(gateway.trace?.(read) ?? read));
  }

  test.each(Object.entries(happenings))('of %s leads to the payment', async (_name, happen) => {
    happen(paypal().control);
    const gateway = await open();
    for (const event of paypal().control.events()) {
      const subject = gateway.subjectOf?.(await stored(event));
      expect(subject).toMatchObject({ ref: null, paymentId: CAPTURE });
      const [payment] = (await gateway.inquire?.(subject ?? nothing)) ?? [];
      expect(payment).toMatchObject({ id: CAPTURE });
    }
  });

  test('of a refund that does not name its capture leads to the refund', async () => {
    pay(paypal().control);
    paypal().control.refund(CAPTURE, 400);
    const event = { ...paypal().control.events()[1], resource: { id: REFUND } };
    const gateway = await open();
    const subject = gateway.subjectOf?.(await stored(event));
    expect(subject).toEqual({ ref: null, paymentId: REFUND, orderId: null });
    expect(await gateway.inquire?.(subject ?? nothing)).toHaveLength(2);
  });

  test('in the old form, or of an earlier version of this code, leads there, too', async () => {
    pay(paypal().control);
    const [event] = paypal().control.events();
    const gateway = await open();
    const expected = { ref: null, paymentId: CAPTURE, orderId: order.orderId };
    expect(gateway.subjectOf?.(await stored({ ...event, resource_version: '1.0' }))).toEqual(
      expected,
    );
    const earlier = { id: 'WH-1', type: 'x', subject: 'refund', objectId: REFUND, claim: {} };
    expect(gateway.subjectOf?.(earlier)).toEqual({ ref: null, paymentId: REFUND, orderId: null });
  });

  test('of the call that captures leads to PayPal’s order', async () => {
    const gateway = await open();
    const subject = gateway.subjectOf?.({ id: 'capture_ORDER1', type: 'capture' });
    expect(subject).toEqual({ ref: 'ORDER1', paymentId: null, orderId: null });
  });

  test.each([
    null,
    7,
    'text',
    {},
    { id: 'd41d8cd98f00b204e9800998ecf8427e', type: 'unreadable' },
    { id: 'WH-1', type: 'x', objectId: '../x', claim: { customId: 7 } },
  ])('%j leads nowhere', async (event) => {
    const gateway = await open();
    expect(gateway.subjectOf?.(event)).toBeUndefined();
  });
});
