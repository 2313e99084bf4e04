import { Unusable } from '../../../functions/src/errors.ts';
import { customerId, ERASED, firebaseUid } from '../../../functions/src/ids.ts';
import { documentOf, rowOf, sameMovement } from '../../../functions/src/ledger/payment-row.ts';
import { paymentRow } from '../../harness/payment-row.ts';

const row = paymentRow();

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

  test('are of the same movement, too, when the account of one was erased', () => {
    const erased = { ...row, uid: ERASED };
    expect(sameMovement(row, documentOf(erased))).toBe(true);
    expect(sameMovement(erased, documentOf(row))).toBe(true);
    expect(sameMovement({ ...row, amountCents: 1501 }, documentOf(erased))).toBe(false);
    expect(sameMovement({ ...row, gateway: 'other' }, documentOf(erased))).toBe(false);
  });
});

test('what stands for a deleted account is the uid of nobody, and still makes a row', () => {
  expect(firebaseUid.safeParse(ERASED).success).toBe(false);
  expect(customerId.safeParse(ERASED).success).toBe(false);
  const movement = { ...row, id: 'pi_1' };
  expect(rowOf('stripe', { ...movement, uid: ERASED })).toMatchObject({ ...row, uid: ERASED });
  expect(() => rowOf('stripe', { ...movement, uid: '(another account)' })).toThrow(Unusable);
});
