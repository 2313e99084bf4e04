import {
  documentOf,
  sameMovement,
  type PaymentRow,
} from '../../../functions/src/ledger/payment-row.ts';

const row: PaymentRow = {
  paymentId: 'stripe_pi_1',
  uid: 'ann',
  amountCents: 1500,
  gateway: 'stripe',
  kind: 'payment',
  parentId: null,
  orderId: 'order1',
  mode: 'test',
  occurredAt: new Date(0),
};

describe('two reports under one payment id', () => {
  test('are of the same movement when they agree on uid, amount and gateway', () => {
    const later = { ...row, kind: 'dispute', occurredAt: new Date(1), orderId: null } as const;
    expect(sameMovement(later, documentOf(row))).toBe(true);
  });

  test.each([
    ['uid', { uid: 'bob' }],
    ['amount', { amountCents: 1501 }],
    ['sign', { amountCents: -1500 }],
    ['gateway', { gateway: 'other' }],
  ])('are not when they differ in the %s', (_what, change) => {
    expect(sameMovement({ ...row, ...change }, documentOf(row))).toBe(false);
  });
});
