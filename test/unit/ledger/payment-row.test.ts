import { Timestamp } from '../../../functions/src/firestore/client/index.ts';
import { Unusable } from '../../../functions/src/errors.ts';
import { customerId, ERASED, firebaseUid } from '../../../functions/src/ids.ts';
import {
  isSameMovement,
  paymentRow,
  toPaymentRow,
  waitingRow,
} from '../../../functions/src/ledger/payment-row.ts';
import { paymentRow as newRow } from '../../harness/payment-row.ts';

const row = newRow();
const movement = { ...row, kind: 'payment', id: 'pi_1' } as const;

/** The document of `row`, as every row of the ledger looks. */
const stored = {
  payment_id: 'stripe_pi_1',
  uid: 'ann',
  amount: 1500,
  gateway: 'stripe',
  kind: 'payment',
  parent_id: null,
  order_id: 'order1',
  mode: 'test',
  occurred_at: Timestamp.fromMillis(0),
};

test('a row is written with these fields, and read back from them', () => {
  expect(paymentRow.encode(row)).toStrictEqual(stored);
  expect(paymentRow.parse({ ...stored, is_synced: true })).toStrictEqual(row);
});

test('only a row that waits says that its amount is a total', () => {
  const total = { ...row, isTotal: true } as const;
  expect(paymentRow.encode(total)).toStrictEqual(stored);
  expect(waitingRow.encode(total)).toStrictEqual({ ...stored, is_total: true });
  expect(waitingRow.encode(row)).toStrictEqual(stored);
  expect(waitingRow.parse({ ...stored, is_total: true })).toStrictEqual(total);
  expect(waitingRow.parse(stored)).toStrictEqual(row);
});

test.each([
  ['its own id', { id: 'a/b' }],
  ["its payment's id", { parentId: 'a/b' }],
  ['a uid', { uid: 'a/b' }],
  ['an amount of nothing', { amountCents: 0 }],
  ['half a cent', { amountCents: 0.5 }],
])('no row is made of a movement with %s that no document could hold', (_what, change) => {
  expect(() => toPaymentRow('stripe', { ...movement, ...change })).toThrow(Unusable);
});

describe('two reports under one payment id', () => {
  test('are of the same movement when they agree on uid, amount and gateway', () => {
    const later = { ...row, kind: 'dispute', occurredAt: new Date(1), orderId: null } as const;
    expect(isSameMovement(later, paymentRow.encode(row))).toBe(true);
  });

  test.each([
    ['uid', { uid: 'bob' }],
    ['amount', { amountCents: 1501 }],
    ['sign', { amountCents: -1500 }],
    ['gateway', { gateway: 'other' }],
  ])('are not when they differ in the %s', (_what, change) => {
    expect(isSameMovement({ ...row, ...change }, paymentRow.encode(row))).toBe(false);
  });

  test('are of the same movement, too, when the account of one was erased', () => {
    const erased = { ...row, uid: ERASED };
    expect(isSameMovement(row, paymentRow.encode(erased))).toBe(true);
    expect(isSameMovement(erased, paymentRow.encode(row))).toBe(true);
    expect(isSameMovement({ ...row, amountCents: 1501 }, paymentRow.encode(erased))).toBe(false);
    expect(isSameMovement({ ...row, gateway: 'other' }, paymentRow.encode(erased))).toBe(false);
  });
});

test('what stands for a deleted account is the uid of nobody, and still makes a row', () => {
  expect(firebaseUid.safeParse(ERASED).success).toBe(false);
  expect(customerId.safeParse(ERASED).success).toBe(false);
  expect(toPaymentRow('stripe', { ...movement, uid: ERASED })).toMatchObject({
    ...row,
    uid: ERASED,
  });
  expect(() => toPaymentRow('stripe', { ...movement, uid: '(another account)' })).toThrow(Unusable);
});
