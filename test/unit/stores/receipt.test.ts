import { Conflict } from '../../../functions/src/errors.ts';
import {
  claimReceipt,
  creditReceipt,
  revokeReceipt,
  unknownReceipt,
  type Receipt,
  type Revocation,
  type Sale,
} from '../../../functions/src/stores/receipt.ts';

const owner = { uid: 'user1', accountToken: 'token1' };

const sale: Sale = {
  owner,
  productId: 'credits_499',
  quantity: 1,
  movementId: 'r1',
  amountCents: 499,
  mode: 'live',
  occurredAt: new Date(1_000),
};

/** `part` of 100,000 is refunded, as the store said at `second`. */
function refund(part: number, second: number): Revocation {
  return { part, whole: 100_000, asOf: new Date(second * 1_000), occurredAt: new Date(5) };
}

/** Every refund was taken back at `second`. */
function reversal(second: number): Revocation {
  return { ...refund(0, second), isReversal: true };
}

function told({ movements }: Receipt): string[] {
  return movements.map(({ id, kind, amountCents }) => `${id} ${kind} ${amountCents}`);
}

/** The receipt after these refunds were heard of, in this order. */
function after(receipt: Receipt, ...refunds: Revocation[]): string[] {
  return told(refunds.reduce(revokeReceipt, receipt));
}

const paid = creditReceipt(unknownReceipt, sale);

test('a sale is credited once, as it was worth then', () => {
  expect(told(paid)).toEqual(['r1 payment 499']);
  expect(creditReceipt(paid, { ...sale, amountCents: 999 })).toBe(paid);
});

test('the first user has it', () => {
  const other = { uid: 'user2', accountToken: 'token2' };
  expect(() => creditReceipt(paid, { ...sale, owner: other })).toThrow(Conflict);
  const waiting = claimReceipt(unknownReceipt, owner);
  expect(() => claimReceipt(waiting, other)).toThrow(Conflict);
  expect(told(creditReceipt(waiting, sale))).toEqual(['r1 payment 499']);
});

test('a refund takes back what was credited, its movements name their payment', () => {
  const receipt = revokeReceipt(paid, refund(100_000, 1));
  expect(told(receipt)).toEqual(['r1 payment 499', 'r1-refund-1 refund -499']);
  expect(receipt.movements[1]).toMatchObject({ parentId: 'r1', uid: 'user1', mode: 'live' });
});

test.each([
  [0, 0],
  [100, 0],
  [101, -1],
  [15_000, -75],
  [33_333, -166],
  [50_000, -250],
  [99_999, -499],
  [100_000, -499],
])('of %p in 100,000, %p cents are taken back: half a cent counts as one', (part, cents) => {
  const [, correction] = revokeReceipt(paid, refund(part, 1)).movements;
  expect(correction?.amountCents ?? 0).toBe(cents);
});

test('a share of numbers beyond exact multiplication is exact', () => {
  const dear = creditReceipt(unknownReceipt, { ...sale, amountCents: 9_999_999 });
  const third = { ...refund(0, 1), part: 333_333_333_333_333, whole: 999_999_999_999_999 };
  expect(after(dear, third)[1]).toBe('r1-refund-1 refund -3333333');
});

test('two partial refunds add up to what was credited', () => {
  expect(after(paid, refund(33_333, 1), refund(100_000, 2))).toEqual([
    'r1 payment 499',
    'r1-refund-1 refund -166',
    'r1-refund-2 refund -333',
  ]);
});

test('what was heard before, or is older than what was heard, moves nothing', () => {
  const once = refund(33_333, 2);
  expect(after(paid, once, once)).toHaveLength(2);
  expect(after(paid, refund(100_000, 2), refund(33_333, 1))).toHaveLength(2);
});

test('refunded, taken back, refunded again; and a late word of the first refund', () => {
  const [first, back, second] = [refund(100_000, 1), reversal(2), refund(100_000, 3)];
  expect(after(paid, first, back, first, second)).toEqual([
    'r1 payment 499',
    'r1-refund-1 refund -499',
    'r1-refund_reversed-2 refund_reversed 499',
    'r1-refund-3 refund -499',
  ]);
});

test('a refund of less gives nothing back, and counts as heard', () => {
  expect(after(paid, refund(66_667, 1), refund(33_333, 3), reversal(2), refund(0, 4))).toEqual([
    'r1 payment 499',
    'r1-refund-1 refund -333',
  ]);
  const [two, three] = [refund(20_000, 1), { ...refund(0, 2), part: 1, whole: 3 }];
  expect(after(paid, two, three)).toHaveLength(3);
});

test('taken back before the refund was heard of: nothing moves', () => {
  expect(after(paid, reversal(2), refund(100_000, 1))).toEqual(['r1 payment 499']);
});

test('a refund without a credit blocks the later one, a partial one its share', () => {
  expect(told(creditReceipt(revokeReceipt(unknownReceipt, refund(100_000, 1)), sale))).toEqual([]);
  expect(told(creditReceipt(revokeReceipt(unknownReceipt, refund(33_333, 1)), sale))).toEqual([
    'r1 payment 499',
    'r1-refund-1 refund -166',
  ]);
});

test('once the refund is taken back, the sale can be credited', () => {
  const lifted = revokeReceipt(revokeReceipt(unknownReceipt, refund(100_000, 1)), reversal(2));
  expect(told(creditReceipt(lifted, sale))).toEqual(['r1 payment 499']);
});

test('never below zero nor above the credit, whatever the order of what is heard', () => {
  const heard = [refund(20_000, 1), refund(70_000, 2), reversal(3), refund(100_000, 4)];
  for (const order of permutations(heard)) {
    const movements = order.reduce(revokeReceipt, paid).movements;
    const sums = movements.map((_, at) =>
      movements.slice(0, at + 1).reduce((sum, { amountCents }) => sum + amountCents, 0),
    );
    expect(sums.every((sum) => sum >= 0 && sum <= 499)).toBe(true);
    expect(sums.at(-1)).toBe(0);
  }
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) =>
    permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]),
  );
}
