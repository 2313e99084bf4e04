import { Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { OrderStatus } from '../../../../functions/src/gateways/wayforpay/api.ts';
import type { WayforpayEvent } from '../../../../functions/src/gateways/wayforpay/events.ts';
import { readMovements } from '../../../../functions/src/gateways/wayforpay/movements.ts';
import { orderBook, orderOf } from '../../../harness/orders.ts';

const order = orderOf({ orderId: 'order1', gateway: 'wayforpay', amountCents: 1250 });

const refunded: WayforpayEvent = {
  id: 'hash1',
  type: 'Refunded',
  orderReference: 'order1',
  status: 'Refunded',
  amountCents: 1250,
  currency: 'USD',
  processedAt: new Date('2026-01-02T00:00:00Z'),
};

/** What comes of a callback, given what the API says of the order. */
function read(told: Partial<OrderStatus>, event: Partial<WayforpayEvent> = {}, known = order) {
  const status: OrderStatus = {
    amountCents: 1250,
    currency: 'USD',
    refundedCents: undefined,
    status: 'Refunded',
    processedAt: undefined,
    ...told,
  };
  return readMovements(
    { ...refunded, ...event },
    { mode: 'test', api: { checkStatus: async () => status }, orders: orderBook(known) },
  );
}

const total = (cents: number) => [
  {
    id: `order1_refund_${cents}`,
    kind: 'refund',
    uid: 'user1',
    amountCents: -cents,
    parentId: 'order1',
    orderId: 'order1',
    mode: 'test',
    occurredAt: refunded.processedAt,
    isTotal: true,
  },
];

test.each([1, 500, 1249, 1250])('the API says %d: that is taken back', async (refundedCents) => {
  expect(await read({ refundedCents })).toEqual(total(refundedCents));
  expect(await read({ refundedCents }, { amountCents: 3 })).toEqual(total(refundedCents));
});

test('the API says more than was ordered: a person decides', async () => {
  await expect(read({ refundedCents: 1251 })).rejects.toThrow(
    new Unusable('More was refunded than was ordered.'),
  );
});

test('the API says that nothing is refunded: it is behind, whatever the callback says', async () => {
  for (const amountCents of [1250, 500, undefined]) {
    await expect(read({ refundedCents: 0 }, { amountCents })).rejects.toThrow(Unavailable);
  }
});

test('the API says no sum: only a callback over the whole is one', async () => {
  expect(await read({}, { amountCents: 1250 })).toEqual(total(1250));
  for (const amountCents of [1249, 1251, undefined]) {
    await expect(read({}, { amountCents })).rejects.toThrow(
      new Unusable('WayForPay does not say how much was refunded.'),
    );
  }
});

test('a void is over the whole, whatever the amounts say', async () => {
  const voided = { status: 'Voided', type: 'Voided' };
  expect(await read({}, { ...voided, amountCents: 5 })).toEqual(total(1250));
  expect(await read({ refundedCents: 0 }, voided)).toEqual(total(1250));
  expect(await read({ refundedCents: 500 }, voided)).toEqual(total(500));
});

test.each<Partial<OrderStatus>>([
  { amountCents: 1200 },
  { currency: 'UAH' },
  { amountCents: undefined },
])('the API says %j of the order: a person decides', async (told) => {
  await expect(read({ ...told, refundedCents: 500 })).rejects.toThrow(Unusable);
});

test.each([{ mode: 'live' as const }, { gateway: 'other' }, { orderId: 'order2' }])(
  'an order of %j is not ours, and the API is not asked',
  async (changed) => {
    const checkStatus = jest.fn();
    const orders = orderBook({ ...order, ...changed });
    expect(await readMovements(refunded, { mode: 'test', api: { checkStatus }, orders })).toEqual(
      [],
    );
    expect(checkStatus).not.toHaveBeenCalled();
  },
);
