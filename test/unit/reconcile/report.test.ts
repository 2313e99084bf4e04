import { Conflict, Unusable } from '../../../functions/src/errors.ts';
import { toPaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { openUnresolvedEvents } from '../../../functions/src/ledger/unresolved-events.ts';
import { openBookedRows } from '../../../functions/src/ledger/booked-rows.ts';
import type { Movement } from '../../../functions/src/movement.ts';
import { park } from '../../../functions/src/pipeline.ts';
import { reportOn } from '../../../functions/src/reconcile/report.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { DAY_MS, HOUR_MS, movement, NAME, pipelineOf, Till } from '../../harness/second-look.ts';

const own = useOwnFirestore();
const start = Date.parse('2026-03-31T10:00:00Z');
const now = () => new Date(start);
let till: Till;

beforeEach(() => {
  till = new Till();
});

const pipeline = () => pipelineOf(own().firestore, now);
const paid = (given: Partial<Movement> & { id: string }) =>
  movement({ occurredAt: new Date(start - HOUR_MS), ...given });

/** Writes a row as the ledger does, delivered unless it is told otherwise. */
async function book(given: Movement, delivered = true): Promise<void> {
  const row = toPaymentRow(NAME, given);
  await pipeline().ledger.record(row, now(), 0);
  const fields = delivered
    ? { is_synced: true, synced_as: 'applied', synced_try: 1 }
    : { sync_error: { outcome: 'rejected' } };
  await own().doc(`tn_payments/${row.paymentId}`).update(fields);
}

async function report(
  sinceMs = start - DAY_MS,
  untilMs = start + DAY_MS,
  gateway: Till['gateway'] = till.gateway,
) {
  const books = {
    name: NAME,
    gateway,
    rows: openBookedRows(),
    unresolved: openUnresolvedEvents(),
  };
  return reportOn(books, { since: new Date(sinceMs), until: new Date(untilMs) });
}

const named = async () =>
  (await report()).lines.map((line) => `${line.difference} ${line.paymentId}`);

test('where all agrees nothing is named, and the sums are the same on both sides', async () => {
  const back = paid({ id: 'r', kind: 'refund', amountCents: -400, parentId: 'a' });
  till.hold(paid({ id: 'a' }), back);
  await book(paid({ id: 'a' }));
  await book(back);
  const { lines, sums, unlisted } = await report();
  expect(lines).toEqual([]);
  expect(unlisted).toEqual([]);
  expect(sums).toEqual([
    expect.objectContaining({
      kind: 'payment',
      gatewayCount: 1,
      gatewayCents: 1500,
      bookedCount: 1,
      bookedCents: 1500,
      applied: 1,
      undelivered: 0,
    }),
    expect.objectContaining({ kind: 'refund', gatewayCents: -400, bookedCents: -400 }),
  ]);
  expect(till.calls.filter((call) => call.startsWith('inquire'))).toEqual([]);
});

test('each difference is named once, with both sides and the reason', async () => {
  till.hold(paid({ id: 'missing' }), paid({ id: 'other' }), paid({ id: 'fine' }));
  await book(paid({ id: 'other', amountCents: 1400 }));
  await book(paid({ id: 'unknown' }));
  await book(paid({ id: 'fine' }), false);
  expect((await report()).lines).toEqual([
    expect.objectContaining({
      gateway: NAME,
      difference: 'missing',
      paymentId: 'till_missing',
      gatewayCents: 1500,
      bookedCents: null,
      detail: 'at the gateway, and not booked',
    }),
    expect.objectContaining({
      difference: 'amount',
      paymentId: 'till_other',
      gatewayCents: 1500,
      bookedCents: 1400,
    }),
    expect.objectContaining({ difference: 'unknown', paymentId: 'till_unknown' }),
    expect.objectContaining({
      difference: 'undelivered',
      paymentId: 'till_fine',
      detail: 'the Retail API: rejected',
    }),
  ]);
});

test('a payment that is parked is one line, with what was parked', async () => {
  till.hold(paid({ id: 'a', orderId: 'order1' }));
  const event = { id: 'evt_1', type: 'paid', orderId: 'order1' };
  await park(pipeline(), { gateway: NAME, event }, new Unusable('The amount is odd.'));
  const { lines } = await report();
  expect(lines).toEqual([
    expect.objectContaining({
      difference: 'missing',
      paymentId: 'till_a',
      detail: 'at the gateway, and not booked; parked: The amount is odd.',
    }),
  ]);
});

test('parked events that are about nothing else are lines of their own, resolved ones are none', async () => {
  const event = { id: 'evt_1', type: 'odd' };
  await park(pipeline(), { gateway: NAME, event }, new Unusable('odd', { about: 'x' }));
  await park(pipeline(), { gateway: NAME, event }, new Unusable('odd', { about: 'y' }));
  const [first] = await openUnresolvedEvents().open(NAME);
  await pipeline().parked.resolve(first?.id ?? '', [], now());
  expect(await named()).toEqual(['parked till_y']);
});

test('what a gateway cannot tell in a movement is named by its id', async () => {
  till.hold(new Unusable('odd', { about: 'a' }));
  await book(paid({ id: 'a' }));
  expect(await named()).toEqual(['unknown till_a', 'unreadable till_a']);
});

test('a row that the list does not show is asked about, and agrees when the gateway knows it', async () => {
  const old = paid({ id: 'a', occurredAt: new Date(start - 60 * DAY_MS) });
  till.hold(old);
  await book(old);
  expect(await named()).toEqual([]);
});

test('a refund that failed, of an older payment, agrees', async () => {
  const old = paid({ id: 'a', occurredAt: new Date(start - 60 * DAY_MS) });
  const back = paid({ id: 'r', kind: 'refund', amountCents: -400, parentId: 'a' });
  const failed = paid({ id: 'r-failed', kind: 'refund_failed', amountCents: 400, parentId: 'r' });
  // The gateway tells of the failure in place of the refund.
  till.hold(old, failed);
  await book(old);
  await book(back);
  await book(failed);
  expect(await named()).toEqual([]);
});

test('the span ends before its last moment, and begins with its first', async () => {
  till.hold(
    paid({ id: 'before', occurredAt: new Date(start - DAY_MS - 1) }),
    paid({ id: 'first', occurredAt: new Date(start - DAY_MS) }),
    paid({ id: 'last', occurredAt: new Date(start + DAY_MS - 1) }),
    paid({ id: 'after', occurredAt: new Date(start + DAY_MS) }),
  );
  expect(await named()).toEqual(['missing till_first', 'missing till_last']);
});

/** A gateway that lists these, whatever the span. */
function listing(...reported: readonly Movement[]): Till['gateway'] {
  const { history, ...rest } = till.gateway;
  const list = async function* () {
    yield reported;
  };
  return { ...rest, ...(history && { history: { ...history, list } }) };
}

test('a movement whose time its gateway does not tell is named in the span that lists it', async () => {
  await book(paid({ id: 'a' }));
  const back = paid({ id: 'r', kind: 'refund', amountCents: -400, parentId: 'a' });
  // It is told as of now: the span is long over.
  const { lines, sums } = await report(
    start - DAY_MS,
    start + DAY_MS,
    listing(paid({ id: 'a' }), { ...back, occurredAt: new Date(Date.now() + HOUR_MS) }),
  );
  expect(lines).toMatchObject([{ difference: 'missing', paymentId: 'till_r' }]);
  expect(sums[1]).toMatchObject({ kind: 'refund', gatewayCents: -400, bookedCents: 0 });
});

describe('the sums are the same on both sides', () => {
  const back = paid({ id: 'r', kind: 'refund', amountCents: -400, parentId: 'a' });
  const failed = paid({ id: 'r-failed', kind: 'refund_failed', amountCents: 400, parentId: 'r' });

  test.each<[string, Movement[], Movement[]]>([
    ['of a refund that failed and is told no more', [failed], [back, failed]],
    ['of a refund that failed before it was booked', [failed], []],
    ['of a refund that is told with another time', [{ ...back, occurredAt: now() }], [back]],
    ['of a refund that is told of another month', [{ ...back, occurredAt: new Date(0) }], [back]],
    ['of a dispute that is told as a refund', [back], [{ ...back, kind: 'dispute' }]],
  ])('%s', async (_, told, booked) => {
    for (const one of [paid({ id: 'a' }), ...booked]) await book(one);
    const gateway = listing(paid({ id: 'a' }), ...told);
    const { lines, sums } = await report(start - DAY_MS, start, gateway);
    expect(lines).toEqual([]);
    const kinds = ['payment', ...booked.map(({ kind }) => kind)];
    expect(sums.map(({ kind }) => kind)).toEqual(kinds.toSorted());
    for (const one of sums) expect(one.gatewayCents).toBe(one.bookedCents);
  });
});

test('a row of a deleted account that no balance can take is no difference', async () => {
  till.hold(paid({ id: 'a' }));
  await book(paid({ id: 'a' }), false);
  await own().doc('tn_payments/till_a').update({ uid: '(deleted account)' });
  expect(await named()).toEqual([]);
});

test('a report writes nothing', async () => {
  till.hold(paid({ id: 'a' }), new Unusable('odd', { about: 'b' }));
  own().server.resetRpcs();
  await report();
  expect(Object.keys(own().server.rpcs())).not.toContain('Commit');
  expect(await own().all('tn_payments')).toEqual([]);
});

test('two parked events of one order are both named', async () => {
  const event = { id: 'evt_1', type: 'odd', orderId: 'o1' };
  const source = { gateway: NAME, event };
  for (const id of ['r1', 'r2']) {
    const row = toPaymentRow(
      NAME,
      paid({ id, kind: 'refund', amountCents: -100, parentId: 'a', orderId: 'o1' }),
    );
    await park(pipeline(), source, new Conflict('too much'), { row });
  }
  expect(await named()).toEqual(['parked till_r1', 'parked till_r2']);
});
