import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { AskedPayment } from '../../../../functions/src/gateway.ts';
import type { AnypayStandin } from '../../../standins/anypay/server.ts';
import { notice, open, openFor, ORDER, PAID, PAYMENT, startStandin } from './bench.ts';

let anypay: AnypayStandin;

beforeAll(async () => {
  anypay = await startStandin('sha256');
});

beforeEach(() => {
  anypay.control.reset();
});

afterAll(() => anypay.stop());

const asked: AskedPayment = { orderId: ORDER, ref: ORDER, paymentId: null };

async function inquire(payment: Partial<AskedPayment> = {}, mode: 'live' | 'test' = 'test') {
  const gateway = await open(mode);
  return gateway.inquire?.({ ...asked, ...payment });
}

/** What the webhook makes of a notification about the same. */
async function told(status = 'paid') {
  const gateway = await open();
  return gateway.movements(await gateway.verify(notice('sha256', { ...PAID, status })));
}

function start(): void {
  anypay.control.createForeignPayment(ORDER, 25, 'USD', '73000001');
}

const REFUND = {
  ...PAYMENT,
  id: '73000001_refund',
  kind: 'refund',
  amountCents: -2500,
  parentId: '73000001',
};

test('a payment is what the webhook makes of it', async () => {
  start();
  anypay.control.pay(ORDER);
  const found = await inquire();
  expect(found).toEqual([expect.objectContaining(PAYMENT)]);
  expect(found).toEqual(await told());
});

test('a refund and a second payment are what the webhook makes of them', async () => {
  start();
  anypay.control.pay(ORDER);
  anypay.control.become(ORDER, 'refund');
  expect(await inquire()).toEqual([
    expect.objectContaining(PAYMENT),
    expect.objectContaining(REFUND),
  ]);
  anypay.control.createForeignPayment(ORDER, 25, 'USD', '73000002');
  anypay.control.pay(ORDER);
  const found = await inquire();
  expect(found).toHaveLength(3);
  expect(found).toEqual(await told('refund'));
});

test.each(['waiting', 'canceled', 'expired', 'error'] as const)(
  '%s moved nothing',
  async (status) => {
    start();
    anypay.control.become(ORDER, status);
    expect(await inquire()).toEqual([]);
  },
);

test('an order that AnyPay does not know moved nothing', async () => {
  expect(await inquire()).toEqual([]);
  expect(anypay.control.requests()).toEqual([{ project_id: '14077', pay_id: ORDER }]);
});

test('AnyPay is asked once, and not about an order that is not ours', async () => {
  start();
  anypay.control.pay(ORDER);
  await inquire();
  expect(anypay.control.requests()).toHaveLength(1);
  expect(await inquire({ orderId: '261023000012346', ref: null })).toEqual([]);
  expect(await (await openFor([])).inquire?.(asked)).toEqual([]);
  expect(anypay.control.requests()).toHaveLength(1);
});

test('an order of the other mode is not ours', async () => {
  start();
  anypay.control.pay(ORDER);
  const gateway = await open('live');
  expect(await gateway.inquire?.(asked)).toEqual([]);
});

test('the id that the order is bound to is enough, and the id of a row alone is not', async () => {
  start();
  anypay.control.pay(ORDER);
  expect(await inquire({ orderId: null })).toEqual([expect.objectContaining(PAYMENT)]);
  expect(await inquire({ orderId: null, ref: null, paymentId: '73000001' })).toEqual([]);
});

test.each<[string, () => void]>([
  ['a part of a payment', () => anypay.control.become(ORDER, 'partially-paid')],
  ['another amount', () => anypay.control.edit(ORDER, { amount: 5 })],
  ['an amount that cannot be read', () => anypay.control.edit(ORDER, { amount: null as never })],
])('%s is kept for a person, and says what it is about', async (_name, change) => {
  start();
  anypay.control.pay(ORDER);
  change();
  const [kept, ...others] = (await inquire()) ?? [];
  expect(kept).toBeInstanceOf(Unusable);
  expect(kept).toMatchObject({ about: '73000001' });
  expect(others).toEqual([]);
});

test.each([
  ['an error', { status: 500 }],
  ['too many requests', { status: 429 }],
  ['half an answer', { cutOff: true as const }],
  ['no answer', { drop: true as const }],
])('%s is no "unpaid"', async (_name, fault) => {
  anypay.control.fault({ match: 'GET /api', ...fault });
  await expect(inquire()).rejects.toThrow(Unavailable);
  expect(await inquire()).toEqual([]);
});

test.each([
  [102, Misconfigured],
  [105, Unavailable],
])('error %d of the API', async (code, error) => {
  anypay.control.refuse(code);
  await expect(inquire()).rejects.toThrow(error);
});

describe('the subject of a parked event', () => {
  test('is the order that the notification names, whatever it reports', async () => {
    const gateway = await open();
    for (const status of ['paid', 'refund', 'partially-paid', 'chargeback']) {
      const event = await gateway.verify(notice('sha256', { ...PAID, status }));
      const stored: unknown = JSON.parse(JSON.stringify(event));
      expect(gateway.subjectOf?.(stored)).toEqual(asked);
    }
  });

  test.each([
    [{ id: 'a hash', type: 'unreadable' }],
    [{ id: '5_paid', type: 'paid', payId: 5 }],
    [{ payId: '26102300001234x' }],
    [{ payId: '2610230000123456' }],
    [null],
    [undefined],
    ['text'],
  ])('%j does not tell', async (stored) => {
    expect((await open()).subjectOf?.(stored)).toBeUndefined();
  });
});
