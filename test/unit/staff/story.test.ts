import type { FoundRow } from '../../../functions/src/ledger/lookup.ts';
import type { FoundEvent } from '../../../functions/src/ledger/open-events.ts';
import type { Facts } from '../../../functions/src/staff/facts.ts';
import { linesOf, summaryOf } from '../../../functions/src/staff/story.ts';
import { orderOf } from '../../harness/orders.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 29, 10, minute));

const order = (given: object = {}) =>
  orderOf({ orderId: 'order1', gateway: 'till', amountCents: 1500, createdAt: at(0), ...given });

const row = (given: Partial<FoundRow> = {}): FoundRow => ({
  paymentId: 'till_a',
  kind: 'payment',
  uid: 'user1',
  amountCents: 1500,
  gateway: 'till',
  parentId: null,
  orderId: 'order1',
  mode: 'test',
  isReviewer: false,
  occurredAt: at(2),
  createdAt: at(3),
  isSynced: true,
  syncedAt: at(4),
  syncedAs: 'applied',
  syncedTry: 1,
  attempts: 0,
  nextSyncAt: null,
  fault: null,
  ...given,
});

const waiting = { isSynced: false, syncedAt: null, syncedAs: null, syncedTry: null };
const refused = { outcome: 'rejected', status: 400, error_name: 'SomeException' };

const event = (given: Partial<FoundEvent> = {}): FoundEvent => ({
  id: 'unusable_till_a',
  gateway: 'till',
  eventType: 'paid',
  reason: 'unusable',
  message: 'The order has another amount.',
  subjects: ['till_a'],
  amountCents: null,
  parkedAt: at(5),
  rechecks: 2,
  recheckAt: at(30),
  releaseAt: null,
  attempts: 0,
  resolvedAt: null,
  rows: [],
  resolution: null,
  ...given,
});

const facts = (given: Partial<Facts> = {}): Facts => ({
  order: order(),
  reviewedAt: undefined,
  rows: [],
  events: [],
  requests: [],
  acts: [],
  ...given,
});

/** The lines as they are printed: time, words, and the balance after an arrow. */
function told(given: Partial<Facts>): string[] {
  return linesOf(facts(given)).map(({ at: time, text, balance }) => {
    const meaning = balance === null ? '' : ` → ${balance}`;
    return `${time === null ? 'now  ' : time.toISOString().slice(11, 16)} ${text}${meaning}`;
  });
}

test('a payment and its refund, from the order to the balance', () => {
  const refund = row({
    paymentId: 'till_r',
    kind: 'refund',
    amountCents: -500,
    parentId: 'till_a',
    occurredAt: at(20),
    createdAt: at(21),
    syncedAt: at(22),
    syncedAs: 'duplicate',
    syncedTry: 2,
  });
  const given = { order: order({ gatewayRef: 'obj_1' }), rows: [row(), refund] };
  expect(told(given)).toEqual([
    '10:00 Ordered: 15.00 USD through till, mode test. → nothing yet',
    "10:00 Bound to the gateway's obj_1.",
    '10:02 Paid: the gateway took 15.00 USD.',
    '10:03 Booked: the row till_a. → +15.00 USD, once it is pushed',
    '10:04 Pushed, on try 1: the Retail API has applied it. → +15.00 USD, done',
    '10:20 Refunded: the gateway gave 5.00 USD back.',
    '10:21 Booked: the row till_r. → -5.00 USD, once it is pushed',
    '10:22 Pushed, on try 2: the Retail API had it already, so it counts once. → -5.00 USD, done',
  ]);
  expect(summaryOf(facts(given))).toBe(
    '15.00 USD was paid, and corrections moved -5.00 USD; all of it is in the balance.',
  );
});

test('a payment that was moved, from one user to the other', () => {
  const given = row({ paymentId: 'manual_m', kind: 'move', uid: 'user2', parentId: 'till_a' });
  const taken = row({ ...given, paymentId: 'manual_m-from', uid: 'user1', amountCents: -1500 });
  const moved = { rows: [row(), given, { ...taken, ...waiting, nextSyncAt: at(9) }] };
  const lines = told({ order: undefined, ...moved });
  expect(lines).toContain('10:02 Moved by the staff: 15.00 USD was given to the user user2.');
  expect(lines).toContain('10:02 Moved by the staff: 15.00 USD was taken from the user user1.');
  expect(summaryOf(facts(moved))).toBe(
    '15.00 USD was paid, and the money was moved to the user user2; +30.00 USD is in the balance and -15.00 USD is missing there.',
  );
});

test.each([
  ['refund_failed', 500, 'A refund failed: 5.00 USD came back from it.'],
  ['refund_reversed', 500, 'A refund was reversed: 5.00 USD was taken again.'],
  ['dispute', -500, 'Disputed: the gateway took 5.00 USD from us.'],
  ['dispute_reversed', 500, 'The dispute was won: the gateway gave us 5.00 USD back.'],
  ['gift', 500, 'A row of the kind “gift”: 5.00 USD.'],
])('a row of the kind %s', (kind, amountCents, words) => {
  const lines = told({ order: undefined, rows: [row({ kind, amountCents })] });
  expect(lines[0]).toBe(`10:02 ${words}`);
});

test('a row that the Retail API has refused is missing in the balance, and the next step is named', () => {
  const given = { rows: [row({ ...waiting, fault: refused, attempts: 3 })] };
  expect(told(given).at(-1)).toBe(
    'now   Refused by the Retail API: rejected (SomeException, HTTP 400), after 3 tries. Mend the cause, then: npm run ops -- refused --retry till_a → +15.00 USD is missing',
  );
  expect(summaryOf(facts(given))).toBe(
    '15.00 USD was paid; 0.00 USD is in the balance and +15.00 USD is missing there.',
  );
});

test.each([
  [{ nextSyncAt: at(6) }, 'Waits for its push. Next try: 2026-11-29 10:06 UTC.'],
  [
    { nextSyncAt: at(6), fault: { outcome: 'retryable', status: 503, error_name: null } },
    'Waits for its push; the last one came to retryable (HTTP 503). Next try: 2026-11-29 10:06 UTC.',
  ],
  [{}, 'Waits for its push. No schedule will push it.'],
])('a row that waits: %j', (given, words) => {
  const line = told({ rows: [row({ ...waiting, ...given })] }).at(-1);
  expect(line).toBe(`now   ${words} → +15.00 USD is missing`);
});

test('a row of a deleted account', () => {
  const fault = { outcome: 'account_deleted', status: null, error_name: null };
  expect(told({ rows: [row({ ...waiting, fault })] }).at(-1)).toContain('was deleted. Settle');
});

describe('an order without a payment', () => {
  test.each([
    [{ gatewayRef: 'o', askAt: at(5) }, 'Not paid. Next question: 2026-11-29 10:05 UTC.'],
    [
      { gatewayRef: 'o', askAt: at(59), timesAsked: 1 },
      'Asked again: once, and the gateway had no payment. Next question: 2026-11-29 10:59 UTC.',
    ],
    [
      { gatewayRef: 'o', timesAsked: 5 },
      'Asked again: 5 times, and the gateway had no payment. Closed; a late payment is still booked. → nothing',
    ],
    [{}, 'Not bound: the gateway has not answered to the order.'],
  ])('%j', (given, words) => {
    expect(told({ order: order(given) }).at(-1)).toBe(`now   ${words}`);
  });

  test.each<[string, Partial<Facts>]>([
    ['Not paid, as far as the gateway has told us.', {}],
    ['Not paid, and closed.', { order: order({ timesAsked: 5 }) }],
    ['Not paid yet: the gateway holds the money for a check.', { reviewedAt: at(1) }],
    [
      'Not paid, as far as the gateway has told us. One parked event is open.',
      { events: [event()] },
    ],
    [
      'Nothing was booked. 2 parked events are open.',
      { order: undefined, events: [event(), event()] },
    ],
  ])('in short: %s', (words, given) => {
    expect(summaryOf(facts(given))).toBe(words);
  });
});

test('a parked event that is asked about, one that waits, and one that needs a person', () => {
  const events = [
    event(),
    event({ recheckAt: null, id: 'left' }),
    event({
      reason: 'too_early',
      releaseAt: at(9),
      recheckAt: null,
      attempts: 3,
      amountCents: -500,
    }),
  ];
  expect(told({ order: undefined, events })).toEqual([
    '10:05 Parked (unusable): The order has another amount. → nothing was booked of it',
    '10:05 Parked (unusable): The order has another amount. → nothing was booked of it',
    '10:05 Parked (too_early): The order has another amount. → -5.00 USD is not booked',
    'now   The gateway was asked about it 2 times. Next question: 2026-11-29 10:30 UTC. Sooner: npm run ops -- parked --retry unusable_till_a',
    'now   The gateway was asked about it 2 times. It needs a person: npm run ops -- parked --retry left, or --resolve left --reason "…"',
    'now   Its row was tried again 3 times. Next try: 2026-11-29 10:09 UTC. Sooner: npm run ops -- parked --retry unusable_till_a',
  ]);
});

test('a resolved event says by what, and an act of the staff by whom', () => {
  const act = {
    staffUid: 's1',
    staffEmail: 'ann@example.com',
    act: 'recheck',
    target: 'order1',
    reason: 'the buyer has asked',
    at: at(7),
    state: 'done' as const,
    outcome: '1 told, 1 booked or pushed, 0 parked',
  };
  const events = [
    event({ resolvedAt: at(8), rows: ['till_a'] }),
    event({ id: 'other', resolvedAt: at(9), resolution: 'paid back by hand' }),
  ];
  const lines = told({
    order: undefined,
    events,
    acts: [act, { ...act, outcome: null, reason: null }],
  });
  expect(lines.slice(2)).toEqual([
    '10:07 Staff: recheck (the buyer has asked), by ann@example.com: 1 told, 1 booked or pushed, 0 parked.',
    '10:07 Staff: recheck, by ann@example.com: begun, and its end is not known.',
    '10:08 The parked event unusable_till_a was resolved by the rows till_a.',
    '10:09 The parked event other was resolved by a person: paid back by hand.',
  ]);
});

test('a row whose fields a person has broken is told all the same', () => {
  const broken = row({ amountCents: null, occurredAt: null, createdAt: null, syncedAt: null });
  expect(told({ order: undefined, rows: [broken] })).toContain(
    'now   Booked: the row till_a. → an unreadable amount, once it is pushed',
  );
});
