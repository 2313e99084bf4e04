import { decide, type RefundAsked } from '../../../functions/src/refunds/decision.ts';
import type { FoundRow } from '../../../functions/src/ledger/lookup.ts';
import type { RefundRequest } from '../../../functions/src/ledger/refund-request.ts';
import type { Refundable } from '../../../functions/src/ledger/refund-requests.ts';

const now = new Date('2026-11-30T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);

const rowOf = (given: Partial<FoundRow>) =>
  ({
    paymentId: 'acme_1',
    gateway: 'acme',
    kind: 'payment',
    parentId: null,
    mode: 'test',
    amountCents: 1500,
    ...given,
  }) as FoundRow;

const payment = rowOf({});
const part = rowOf({ paymentId: 'acme_2', kind: 'refund', parentId: '1', amountCents: -500 });

const left: RefundRequest = {
  id: 'r1',
  paymentId: 'acme_1',
  gateway: 'acme',
  amountCents: 500,
  refundedCents: 0,
  state: 'unknown',
  refundId: null,
  fault: null,
  line: 'line1',
  createdAt: minutesAgo(10),
  callUntil: minutesAgo(8),
  changedAt: minutesAgo(9),
  alertedAt: null,
};

/** What is decided about a payment of 15.00. */
function decided(
  can: 'full' | 'partial',
  { cents, isAnother = false }: Partial<Pick<RefundAsked, 'cents' | 'isAnother'>>,
  found: Partial<Refundable> = {},
) {
  const book = { payment, rows: [payment], requests: [], ...found };
  const asked = { gateway: 'acme', paymentId: 'acme_1', cents, isAnother, line: 'line2' } as const;
  const settings = { mode: 'test', refundSupportMaxCents: 5000 } as const;
  return decide(book, { ...asked, address: undefined, role: 'support' }, can, settings, now);
}

test('a gateway that gives a payment back as a whole takes the whole, told or not', () => {
  expect(decided('full', {})).toMatchObject({ amountCents: 1500, line: 'line2' });
  expect(decided('full', { cents: 1500 })).toMatchObject({ amountCents: 1500 });
});

const whole =
  'The gateway gives a payment back as a whole only: 15.00 USD, and nothing of it before.';

test('it is asked for no part, and for no rest', () => {
  expect(() => decided('full', { cents: 500 })).toThrow(whole);
  expect(() => decided('full', {}, { rows: [payment, part] })).toThrow(whole);
  expect(decided('partial', {}, { rows: [payment, part] })).toMatchObject({
    amountCents: 1000,
    refundedCents: 500,
  });
});

test.each([{ cents: 500 }, {}, { cents: 500, isAnother: true }])(
  'a request that was left is gone on with: %j',
  (asked) => {
    const callUntil = new Date(now.getTime() + 120_000);
    expect(decided('partial', asked, { requests: [left] })).toEqual({ ...left, callUntil });
  },
);

test.each<[string, Partial<RefundRequest>, RegExp]>([
  ['of another sum', { amountCents: 700 }, /A refund of 7\.00 USD is not ended.*<payment> 700/],
  ['of a call that runs', { callUntil: new Date(now.getTime() + 1) }, /Repeat it in two minutes/],
  ['that is sent, and of another sum', { state: 'sent', amountCents: 700 }, /is not ended/],
  ['of last month', { createdAt: minutesAgo(31 * 24 * 60) }, /refunds --close r1/],
])('a request %s stops a refund', (_, given, words) => {
  const requests = [{ ...left, ...given }];
  expect(() => decided('partial', { cents: 500 }, { requests })).toThrow(words);
});

test('an ended request stops none', () => {
  const requests = [{ ...left, state: 'failed' } as const];
  expect(decided('partial', { cents: 500 }, { requests })).toMatchObject({ line: 'line2' });
});
