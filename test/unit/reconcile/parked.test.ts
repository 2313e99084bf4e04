import { Unavailable, Unusable } from '../../../functions/src/errors.ts';
import { toPaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { park } from '../../../functions/src/pipeline.ts';
import { recheckParked } from '../../../functions/src/reconcile/parked.ts';
import { logFromNow } from '../../harness/log.ts';
import { told, useOwnFirestore } from '../../harness/own-firestore.ts';
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  movement,
  NAME,
  openLook,
  pipelineOf,
  Till,
} from '../../harness/second-look.ts';

const own = useOwnFirestore();
const start = Date.parse('2026-03-31T10:00:00Z');
let clock = start;
const now = () => new Date(clock);
let till: Till;

beforeEach(() => {
  clock = start;
  till = new Till();
});

const pipeline = () => pipelineOf(own().firestore, now);
const run = async () => recheckParked(await openLook(till, pipeline()));
const parked = () => own().all('tn_parked_events');

/** Parks an event of the gateway. */
function parkEvent(fields: object = { orderId: 'order1' }, error = new Unusable('odd')) {
  const event = { id: 'evt_1', type: 'paid', ...fields };
  return park(pipeline(), { gateway: NAME, event }, error);
}

test('an event whose cause is gone is resolved by its rows, and expires', async () => {
  await parkEvent();
  clock += 6 * MINUTE_MS;
  expect(await run()).toBe(0);
  till.hold(movement({ id: 'a', orderId: 'order1' }));
  till.hold(
    movement({ id: 'r', kind: 'refund', amountCents: -100, parentId: 'a', orderId: 'order1' }),
  );
  clock += 2 * HOUR_MS;
  const logged = logFromNow();
  expect(await run()).toBe(1);
  expect(await parked()).toMatchObject([{ resolved_by: ['till_a', 'till_r'] }]);
  expect((await parked())[0]).toHaveProperty('expires_at');
  expect(await own().all('tn_payments')).toHaveLength(2);
  clock += 30 * DAY_MS;
  till.calls = [];
  expect(await run()).toBe(0);
  expect(till.calls).toEqual([]);
  expect(told(logged()).filter((line) => line.startsWith('ERROR'))).toEqual([]);
});

test('an event whose rows came by another way is resolved, too', async () => {
  await parkEvent();
  clock += MINUTE_MS;
  till.hold(movement({ id: 'a', orderId: 'order1' }));
  const row = toPaymentRow(NAME, movement({ id: 'a', orderId: 'order1' }));
  await pipeline().ledger.record(row, now(), 0);
  clock += HOUR_MS;
  expect(await run()).toBe(1);
});

test.each<[string, () => void]>([
  ['that moved nothing', () => undefined],
  [
    'that still cannot be booked',
    () => {
      till.hold(new Unusable('odd', { about: 'order1' }));
    },
  ],
  [
    'of which a part cannot be booked',
    () => {
      till.hold(movement({ id: 'a', orderId: 'order1' }), new Unusable('odd', { about: 'order1' }));
    },
  ],
])('an event %s waits on, without another alert', async (_name, arrange) => {
  await parkEvent({ orderId: 'order1' }, new Unusable('odd', { about: 'order1' }));
  arrange();
  const logged = logFromNow();
  for (; clock < start + 10 * DAY_MS; clock += 6 * HOUR_MS) await run();
  expect(await parked()).toHaveLength(1);
  expect((await parked())[0]).not.toHaveProperty('resolved_at');
  expect(told(logged()).filter((line) => line.startsWith('ERROR'))).toEqual([]);
});

test('an event is asked about for 30 days, with growing pauses', async () => {
  await parkEvent();
  for (; clock < start + 50 * DAY_MS; clock += 4 * HOUR_MS) await run();
  expect(till.calls.length).toBeGreaterThan(8);
  expect(till.calls.length).toBeLessThan(20);
  const before = till.calls.length;
  clock += 30 * DAY_MS;
  await run();
  expect(till.calls).toHaveLength(before);
});

test('an event that does not tell its payment is left to a person', async () => {
  await parkEvent({});
  clock += DAY_MS;
  expect(await run()).toBe(0);
  expect(till.calls).toEqual([]);
  own().server.resetRpcs();
  clock += DAY_MS;
  await run();
  expect(own().server.rpcs()).toEqual({ RunQuery: 1 });
});

test('an event that is never answered does not stand in the way of the others', async () => {
  await parkEvent({ id: 'evt_1', orderId: 'order1' });
  await parkEvent({ id: 'evt_2', orderId: 'order2' });
  till.hold(movement({ id: 'b', orderId: 'order2' }));
  till.down.inquire = 1;
  clock += HOUR_MS;
  await expect(run()).rejects.toThrow(Unavailable);
  expect(await run()).toBe(1);
});

test('a row that waits for its payment is released by the schedule, not asked about', async () => {
  const refund = movement({ id: 'r', kind: 'refund', amountCents: -100, parentId: 'a' });
  const { ingest } = await import('../../../functions/src/pipeline.ts');
  await ingest(pipeline(), { gateway: NAME, event: { id: 'evt_1', type: 'refund' } }, [refund]);
  clock += DAY_MS;
  await run();
  expect(till.calls).toEqual([]);
});

test('an event about a part of a payment is not resolved by the part that was booked before', async () => {
  const row = toPaymentRow(NAME, movement({ id: 'a', orderId: 'order1' }));
  await pipeline().ledger.record(row, now(), 0);
  till.hold(movement({ id: 'a', orderId: 'order1' }));
  clock += MINUTE_MS;
  await parkEvent({ orderId: 'order1' }, new Unusable('A refund is announced and not shown.'));
  clock += HOUR_MS;
  expect(await run()).toBe(0);
  till.hold(
    movement({ id: 'r', kind: 'refund', amountCents: -100, parentId: 'a', orderId: 'order1' }),
  );
  clock += 2 * HOUR_MS;
  expect(await run()).toBe(1);
  expect(await parked()).toMatchObject([{ resolved_by: ['till_r'] }]);
});

test('an event that the webhook has parked is told once, whatever finds it again', async () => {
  const event = { id: 'evt_1', type: 'paid', orderId: 'order1' };
  const payment = { orderId: 'order1', ref: 'ref1', paymentId: null };
  await park(pipeline(), { gateway: NAME, event }, new Unusable('odd'), { payment });
  const logged = logFromNow();
  const asked = [
    { orderId: 'order1', ref: null, paymentId: null },
    { orderId: null, ref: null, paymentId: 'ref1' },
  ];
  for (const one of asked) {
    const source = { gateway: NAME, event: { id: 'look', type: 'second_look' } };
    await park(pipeline(), source, new Unusable('odd'), { isSecondLook: true, payment: one });
  }
  await park(pipeline(), { gateway: NAME, event }, new Unusable('odd', { about: 'ref1' }), {
    isSecondLook: true,
  });
  expect(await parked()).toHaveLength(1);
  expect(logged()).toEqual([]);
  // Another fault of the same payment is news.
  await park(pipeline(), { gateway: NAME, event }, new Unusable('odd', { about: 're1' }), {
    isSecondLook: true,
    payment,
  });
  expect(await parked()).toHaveLength(2);
});

test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
  'a run that dies at its call %i of Firestore loses nothing and doubles nothing',
  async (step) => {
    await parkEvent();
    till.hold(movement({ id: 'a', orderId: 'order1' }));
    till.hold(
      movement({ id: 'r', kind: 'refund', amountCents: -100, parentId: 'a', orderId: 'order1' }),
    );
    clock += HOUR_MS;
    own().server.refuse(step);
    await run().catch(() => undefined);
    own().server.refuse(0);
    clock += 10 * DAY_MS;
    await run();
    expect(await own().all('tn_payments')).toHaveLength(2);
    expect(await parked()).toMatchObject([{ resolved_by: ['till_a', 'till_r'] }]);
  },
);
