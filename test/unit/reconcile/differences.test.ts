import { differencesOf } from '../../../functions/src/reconcile/differences.ts';
import type { BookedRow } from '../../../functions/src/ledger/booked-rows.ts';
import type { PaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { paymentRow } from '../../harness/payment-row.ts';

/** A row as it is booked. */
function booked(row: Partial<PaymentRow>): BookedRow {
  const { paymentId, kind, uid, amountCents, parentId, orderId, occurredAt, isMoved } =
    paymentRow(row);
  return {
    paymentId,
    kind,
    uid,
    amountCents,
    parentId,
    orderId,
    isMoved: isMoved === true,
    occurredAt,
    createdAt: occurredAt,
    isSynced: true,
    syncedAs: 'applied',
    syncedTry: 1,
    fault: null,
  };
}

const refund = {
  paymentId: 'stripe_re_1',
  kind: 'refund',
  amountCents: -500,
  parentId: 'stripe_pi_1',
} as const;
const failure = {
  paymentId: 'stripe_re_1-failed',
  kind: 'refund_failed',
  amountCents: 500,
  parentId: 'stripe_re_1',
} as const;
const total = { isTotal: true } as const;

/** Differences as `kind payment gateway booked`. */
function compared(
  reported: readonly Partial<PaymentRow>[],
  rows: readonly Partial<PaymentRow>[],
): string[] {
  return differencesOf(reported.map(paymentRow), rows.map(booked)).map(
    ({ kind, paymentId, gatewayCents, bookedCents }) =>
      `${kind} ${paymentId} ${String(gatewayCents)} ${String(bookedCents)}`,
  );
}

test.each<[string, Partial<PaymentRow>[], Partial<PaymentRow>[], string[]]>([
  ['a payment and its row agree', [{}], [{}], []],
  ['a payment without a row', [{}], [], ['missing stripe_pi_1 1500 null']],
  ['a row without a payment', [], [{}], ['unknown stripe_pi_1 null 1500']],
  ['another amount', [{}], [{ amountCents: 1400 }], ['amount stripe_pi_1 1500 1400']],
  ['another user', [{}], [{ uid: 'eve' }], ['user stripe_pi_1 1500 1500']],
  ['a row of a deleted account agrees', [{}], [{ uid: '(deleted account)' }], []],
  ['a refund that was never told', [{}, refund], [{}], ['missing stripe_re_1 -500 null']],
  [
    'a second row of one payment',
    [{}],
    [{}, { paymentId: 'stripe_pi_1-again' }],
    ['unknown stripe_pi_1-again null 1500'],
  ],
  [
    'a refund that failed, both rows there, is told as its failure',
    [{}, failure],
    [{}, refund, failure],
    [],
  ],
  ['a refund that failed before it was booked', [{}, failure], [{}], []],
  [
    'the failure of a refund that is booked',
    [{}, failure],
    [{}, refund],
    ['missing stripe_re_1-failed 500 null'],
  ],
  [
    "a refund of a payment that was moved is its new user's",
    [{}, refund],
    [{}, { ...refund, uid: 'bob', isMoved: true }],
    [],
  ],
  [
    'a refund of another user, and nothing was moved',
    [{}, refund],
    [{}, { ...refund, uid: 'bob' }],
    ['user stripe_re_1 -500 -500'],
  ],
  [
    'a refund of a payment that was moved, of another amount',
    [{}, refund],
    [{}, { ...refund, uid: 'bob', isMoved: true, amountCents: -400 }],
    ['amount stripe_re_1 -500 -400'],
  ],
  ['a row without an amount', [{}], [{ amountCents: Number.NaN }], ['amount stripe_pi_1 1500 NaN']],
])('%s', (_name, reported, rows, found) => {
  expect(compared(reported, rows)).toEqual(found);
});

describe('a total', () => {
  const growth = { paymentId: 'stripe_pi_1-1800', parentId: 'stripe_pi_1', amountCents: 300 };
  const refunded = { ...refund, ...total, amountCents: -800 };

  test.each<[string, Partial<PaymentRow>[], Partial<PaymentRow>[], string[]]>([
    ['that is booked in parts agrees', [{ ...total, amountCents: 1800 }], [{}, growth], []],
    [
      'of which a part is not booked',
      [{ ...total, amountCents: 1800 }],
      [{}],
      ['missing stripe_pi_1 1800 1500'],
    ],
    [
      'that is not booked at all',
      [{ ...total, amountCents: 1800 }],
      [],
      ['missing stripe_pi_1 1800 null'],
    ],
    [
      'that is smaller than what is booked',
      [{ ...total }],
      [{}, growth],
      ['excess stripe_pi_1 1500 1800'],
    ],
    [
      'of refunds, booked in parts, agrees',
      [{}, refunded],
      [{}, refund, { ...refund, paymentId: 'stripe_re_2', amountCents: -300 }],
      [],
    ],
    [
      'of refunds, of which a part is not booked',
      [{}, refunded],
      [{}, refund],
      ['missing stripe_re_1 -800 -500'],
    ],
    [
      'of refunds beyond the payment is not booked',
      [{}, { ...refunded, amountCents: -1800 }],
      [{}, refund],
      ['missing stripe_re_1 -1800 -500'],
    ],
    [
      'of refunds, in parts of two users, since the payment was moved',
      [{}, refunded],
      [
        {},
        refund,
        { ...refund, paymentId: 'stripe_re_2', amountCents: -300, uid: 'bob', isMoved: true },
      ],
      [],
    ],
    ["of another user's payment", [{ ...total, uid: 'eve' }], [{}], ['user stripe_pi_1 1500 1500']],
  ])('%s', (_name, reported, rows, found) => {
    expect(compared(reported, rows)).toEqual(found);
  });
});
