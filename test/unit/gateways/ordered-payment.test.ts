import { Unusable } from '../../../functions/src/errors.ts';
import {
  paymentOf,
  refundOf,
  type ReportedAmount,
} from '../../../functions/src/gateways/ordered-payment.ts';
import { orderOf } from '../../harness/orders.ts';

const order = orderOf({
  orderId: 'order1',
  gateway: 'somegateway',
  amountCents: 1250,
  mode: 'live',
});
const reported: ReportedAmount = {
  id: 'op1',
  amountCents: 1250,
  currency: 'USD',
  occurredAt: new Date('2026-01-02T00:00:00Z'),
};

const common = {
  uid: 'user1',
  orderId: 'order1',
  mode: 'live',
  occurredAt: reported.occurredAt,
};

test('a payment has the user, the amount and the mode of its order', () => {
  expect(paymentOf(order, reported)).toEqual({
    ...common,
    id: 'op1',
    kind: 'payment',
    amountCents: 1250,
    parentId: null,
  });
});

test('a refund takes all of it back from its payment', () => {
  expect(refundOf(order, 'op1', { ...reported, id: 'op1_refund' })).toEqual({
    ...common,
    id: 'op1_refund',
    kind: 'refund',
    amountCents: -1250,
    parentId: 'op1',
  });
});

describe.each([
  [
    'a payment',
    (changed: Partial<ReportedAmount>) => paymentOf(order, { ...reported, ...changed }),
  ],
  [
    'a refund',
    (changed: Partial<ReportedAmount>) => refundOf(order, 'op0', { ...reported, ...changed }),
  ],
])('%s that is not what was ordered is kept for a person', (_name, make) => {
  test.each<[Partial<ReportedAmount>, string]>([
    [{ amountCents: 1249 }, 'The amount is not the one of the order.'],
    [{ amountCents: 1251 }, 'The amount is not the one of the order.'],
    [{ amountCents: -1250 }, 'The amount is not the one of the order.'],
    [{ amountCents: undefined }, 'The amount is not the one of the order.'],
    [{ currency: 'EUR' }, 'The currency is not the one of the order.'],
    [{ currency: 'usd' }, 'The currency is not the one of the order.'],
    [{ currency: '' }, 'The currency is not the one of the order.'],
  ])('%j', (changed, message) => {
    expect(() => make(changed)).toThrow(new Unusable(message));
    expect(() => make(changed)).toThrow(expect.objectContaining({ about: 'op1' }) as Error);
  });
});
