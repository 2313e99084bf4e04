import { Timestamp } from '../../../functions/src/firestore/client/index.ts';
import { BeyondBounds, TooEarly, Unusable } from '../../../functions/src/errors.ts';
import { ParkedEvents } from '../../../functions/src/ledger/parked-events.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { paymentRow } from '../../harness/payment-row.ts';

const own = useOwnFirestore();
const books = () => new ParkedEvents(own().firestore);

const DAY_MS = 24 * 60 * 60_000;
const start = new Date('2026-03-01T10:00:00Z');
const after = (days: number) => new Date(start.getTime() + days * DAY_MS);
/** As Firestore holds it. */
const time = (date: Date) => Timestamp.fromDate(date);

const row = paymentRow({
  paymentId: 'stripe_re_1',
  kind: 'refund',
  amountCents: -500,
  parentId: 'stripe_pi_1',
  occurredAt: start,
});

const reportOf = (id: string) => ({ gateway: 'stripe', event: { id, type: 'refund.created' } });
const tooEarly = new TooEarly('no payment yet');

/** Parks the row, as reported by an event. */
const park = (at: Date, event = 'evt_1') =>
  books().park(reportOf(event), tooEarly, row, at, new Date(at.getTime() + 60_000));

async function stored() {
  const [event, ...others] = await own().all('tn_parked_events');
  expect(others).toEqual([]);
  return event ?? {};
}

/** The one document's name. */
const idOf = async () => (await books().due(after(1_000), 1))[0]?.id ?? '';

test('a row that waits and is reported again keeps its place: its days are not counted anew', async () => {
  await park(start);
  await books().postpone(await idOf(), after(2));
  await park(after(10), 'evt_2');
  expect(await stored()).toMatchObject({
    parked_at: time(start),
    release_at: time(after(2)),
    attempts: 1,
    event: { id: 'evt_1' },
  });
});

test('a row that was given up, and is reported again, waits anew with all its days', async () => {
  await park(start);
  await books().giveUp(await idOf(), start);
  expect(await stored()).not.toHaveProperty('release_at');
  await park(after(40), 'evt_2');
  expect(await stored()).toMatchObject({
    parked_at: time(after(40)),
    release_at: time(new Date(after(40).getTime() + 60_000)),
    attempts: 0,
  });
});

test('a row that was released, and is reported again, does not wait', async () => {
  await park(start);
  await books().resolve(await idOf(), [row.paymentId], after(1));
  await park(after(2), 'evt_2');
  expect(await stored()).toMatchObject({
    resolved_at: time(after(1)),
    resolved_by: ['stripe_re_1'],
    parked_at: time(start),
  });
  expect(await stored()).not.toHaveProperty('release_at');
  expect(await books().due(after(1_000), 9)).toEqual([]);
});

test('what only a person can help is parked once an event, and never due', async () => {
  const park = (event: string) =>
    books().park(reportOf(event), new Unusable('odd', { about: 're_1' }), null, start, null);
  await park('evt_1');
  await park('evt_1');
  expect(await own().all('tn_parked_events')).toHaveLength(1);
  await park('evt_2');
  expect(await own().all('tn_parked_events')).toMatchObject([
    { reason: 'unusable', message: 'odd', row: null, attempts: 0, gateway: 'stripe' },
    { reason: 'unusable', event: { id: 'evt_2', type: 'refund.created' } },
  ]);
  expect(await books().due(after(1_000), 9)).toEqual([]);
});

test('due is what the time of has come, longest due first, with all that a release needs', async () => {
  for (const [id, days] of [
    ['late', 3],
    ['early', 1],
    ['future', 5],
  ] as const) {
    const paymentId = `stripe_${id}`;
    await books().park(reportOf(id), tooEarly, { ...row, paymentId }, start, after(days));
  }
  const due = await books().due(after(3), 9);
  expect(due.map(({ waiting }) => waiting?.row.paymentId)).toEqual(['stripe_early', 'stripe_late']);
  expect(due[0]?.waiting).toEqual({
    row: { ...row, paymentId: 'stripe_early' },
    report: reportOf('early'),
    parkedAt: start,
    attempts: 0,
  });
  expect(await books().due(after(3), 1)).toHaveLength(1);
});

test('a document that a person has broken is due all the same, and cannot be read', async () => {
  await park(start);
  const id = await idOf();
  await own().doc(`tn_parked_events/${id}`).update({ attempts: 'many' });
  expect(await books().due(after(1), 9)).toEqual([{ id, waiting: undefined }]);
});

test('a document that a person has deleted is neither postponed nor released anew', async () => {
  await park(start);
  const id = await idOf();
  await own().doc(`tn_parked_events/${id}`).delete();
  await books().postpone(id, after(1));
  await books().resolve(id, [], after(1));
  expect(await own().all('tn_parked_events')).toEqual([]);
});

test('rows that wait to give money back are summed up; what takes, or waits no more, is not', async () => {
  const beyond = new BeyondBounds('too much');
  const parkRow = async (id: string, amountCents: number, releaseAt: Date | null) => {
    const paymentId = `stripe_${id}`;
    await books().park(reportOf(id), beyond, { ...row, paymentId, amountCents }, start, releaseAt);
  };
  await parkRow('txn_1', 900, after(1));
  await parkRow('txn_2', 80, after(2));
  await parkRow('txn_3', -7_000, after(1));
  await parkRow('txn_4', 60_000, null);
  expect(await books().waitingCents('stripe_pi_1')).toBe(980);
  expect(await books().waitingCents('stripe_pi_2')).toBe(0);
});

test('an id that is no text is stored as one', async () => {
  const error = new Unusable('no', { about: 'half \ud800' });
  await books().park(reportOf('evt_half'), error, null, start, null);
  expect((await stored())['subjects']).toEqual(['stripe_half \ufffd']);
});
