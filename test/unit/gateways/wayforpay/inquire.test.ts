import { Misconfigured, Unavailable } from '../../../../functions/src/errors.ts';
import { readOrder } from '../../../../functions/src/gateways/wayforpay/inquiry.ts';
import type { AskedPayment } from '../../../../functions/src/gateway.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { existing } from '../../../harness/existing.ts';
import { orderOf } from '../../../harness/orders.ts';
import type { Status } from '../../../standins/wayforpay/merchant.ts';
import type { WayforpayStandin } from '../../../standins/wayforpay/server.ts';
import { callback, open, openWith, ORDER, startStandin } from './bench.ts';

let wayforpay: WayforpayStandin;

const order = orderOf({ orderId: ORDER, gateway: 'wayforpay', amountCents: 1250 });
const byOrder: AskedPayment = { orderId: ORDER, ref: 'https://pay.test/page', paymentId: null };

beforeEach(async () => {
  wayforpay = await startStandin();
});

afterEach(() => wayforpay.stop());

async function inquire(asked = byOrder, known: readonly Order[] = [order]) {
  const gateway = await openWith(...known);
  return existing(await gateway.inquire?.(asked));
}

function create(cents = 1250, currency = 'USD'): void {
  wayforpay.control.createForeignOrder(ORDER, cents, currency);
}

/** What the webhook makes of the callbacks so far. */
async function reported() {
  const gateway = await openWith(order);
  const { orderReference, status } = wayforpay.control.order(ORDER);
  const told = { orderReference, merchantAccount: 'synth_merch_1', transactionStatus: status };
  const { processedAt: processingDate } = wayforpay.control.order(ORDER);
  const paid = { amount: 12.5, currency: 'USD', authCode: '1', cardPan: '', reasonCode: 1100 };
  const event = await gateway.verify(callback({ ...told, ...paid, processingDate }));
  return gateway.movements(event);
}

describe('what the webhook books is found again', () => {
  test('a payment', async () => {
    create();
    wayforpay.control.pay(ORDER);
    const found = await inquire();
    expect(found).toMatchObject([{ id: ORDER, kind: 'payment', amountCents: 1250 }]);
    expect(found).toEqual(await reported());
  });

  test.each([[[1250]], [[500]], [[500, 300]]])('refunds of %j cents', async (parts) => {
    create();
    wayforpay.control.pay(ORDER);
    const [payment] = await reported();
    for (const cents of parts) wayforpay.control.refund(ORDER, cents);
    const refunds = await reported();
    const total = parts.reduce((sum, cents) => sum + cents, 0);
    expect(refunds).toMatchObject([{ id: `${ORDER}_refund_${total}`, amountCents: -total }]);
    const [first, ...rest] = await inquire();
    expect(first).toMatchObject({ id: ORDER, kind: 'payment', amountCents: 1250 });
    expect(payment).toMatchObject({ id: ORDER, kind: 'payment', amountCents: 1250 });
    expect(rest).toEqual(refunds);
  });

  test('a void', async () => {
    create();
    wayforpay.control.pay(ORDER);
    wayforpay.control.become(ORDER, 'Voided');
    const refunds = await reported();
    expect(refunds).toHaveLength(1);
    expect((await inquire()).slice(1)).toEqual(refunds);
  });

  test('a part that was paid back, of an order that still counts as approved', async () => {
    create();
    wayforpay.control.refund(ORDER, 500);
    wayforpay.control.become(ORDER, 'Approved');
    expect(await inquire()).toMatchObject([{ amountCents: 1250 }, { amountCents: -500 }]);
  });

  test('the payment of a refund that is not over', async () => {
    create();
    wayforpay.control.refund(ORDER, 500);
    wayforpay.control.become(ORDER, 'RefundInProcessing');
    expect(await reported()).toEqual([]);
    expect(await inquire()).toMatchObject([{ kind: 'payment', amountCents: 1250 }]);
  });
});

describe('a person decides', () => {
  test('about a refund whose sum is not told, and the payment is found', async () => {
    create();
    wayforpay.control.refund(ORDER);
    wayforpay.control.hideRefunds(true);
    const found = await inquire();
    expect(found).toMatchObject([{ kind: 'payment' }, { name: 'Unusable', about: ORDER }]);
    wayforpay.control.become(ORDER, 'Voided');
    expect(await inquire()).toMatchObject([{ kind: 'payment' }, { amountCents: -1250 }]);
  });

  test.each([
    [1251, 'USD'],
    [1250, 'UAH'],
  ])('about a payment of %i cents in %s', async (cents, currency) => {
    create(cents, currency);
    wayforpay.control.pay(ORDER);
    await expect(inquire()).rejects.toMatchObject({ name: 'Unusable', about: ORDER });
  });

  test('about a status that is not documented', async () => {
    create();
    wayforpay.control.become(ORDER, 'Chargeback' as Status);
    await expect(inquire()).rejects.toMatchObject({ name: 'Unusable', about: ORDER });
  });
});

describe('nothing', () => {
  test.each<Status>([
    'Created',
    'InProcessing',
    'Pending',
    'WaitingAuthComplete',
    'Declined',
    'Expired',
  ])('has moved when it is %s', async (status) => {
    create();
    wayforpay.control.become(ORDER, status);
    expect(await inquire()).toEqual([]);
  });

  test('has moved of an order that WayForPay does not know', async () => {
    expect(await inquire()).toEqual([]);
    expect(wayforpay.control.requests()).toHaveLength(1);
  });

  test('is asked about an order that is not ours', async () => {
    create();
    wayforpay.control.pay(ORDER);
    expect(await inquire(byOrder, [])).toEqual([]);
    expect(await inquire(byOrder, [{ ...order, mode: 'live' }])).toEqual([]);
    expect(await inquire(byOrder, [{ ...order, gateway: 'stripe' }])).toEqual([]);
    expect(await inquire({ orderId: null, ref: 'https://pay.test', paymentId: null })).toEqual([]);
    expect(wayforpay.control.requests()).toEqual([]);
  });
});

test('a movement has the time of its processing, or else that of its order', async () => {
  create();
  const { processedAt } = wayforpay.control.pay(ORDER);
  expect(await inquire()).toMatchObject([{ occurredAt: new Date(processedAt * 1000) }]);
  const told = { amountCents: 1250, currency: 'USD', refundedCents: 0, processedAt: undefined };
  const checkStatus = async () => ({ status: 'Approved', ...told });
  const found = await readOrder(order, { api: { checkStatus } });
  expect(found).toMatchObject([{ occurredAt: order.createdAt }]);
});

test('a payment is asked for by its own id, too, and nothing else is asked', async () => {
  create();
  wayforpay.control.pay(ORDER);
  expect(await inquire({ orderId: null, ref: null, paymentId: ORDER })).toHaveLength(1);
  expect(wayforpay.control.requests()).toMatchObject([{ transactionType: 'CHECK_STATUS' }]);
});

test.each([{ status: 429 }, { status: 500 }, { drop: true }, { cutOff: true }] as const)(
  '%j: WayForPay did not answer',
  async (fault) => {
    create();
    wayforpay.control.fault({ match: 'POST /api', ...fault });
    await expect(inquire()).rejects.toThrow(Unavailable);
  },
);

test('a refused key is ours to fix', async () => {
  create();
  setEnvironment({ WAYFORPAY_SECRET_KEY: 'another key' });
  await expect(inquire()).rejects.toThrow(Misconfigured);
});

describe('the subject of a parked callback', () => {
  test.each(['Approved', 'Refunded', 'Voided', 'Chargeback', 'a b'])('%s', async (status) => {
    const gateway = await open();
    const report = { merchantAccount: 'synth_merch_1', orderReference: ORDER, amount: 'x' };
    const event = await gateway.verify(callback({ ...report, transactionStatus: status }));
    const stored: unknown = JSON.parse(JSON.stringify(event));
    expect(gateway.subjectOf?.(stored)).toEqual({ orderId: ORDER, ref: null, paymentId: ORDER });
  });

  test.each([undefined, 7, {}, { id: 'hash', type: 'unreadable' }, { orderReference: '' }])(
    '%j does not tell',
    async (event) => {
      expect((await open()).subjectOf?.(event)).toBeUndefined();
    },
  );
});
