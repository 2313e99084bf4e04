import { Conflict, Unusable } from '../../../functions/src/errors.ts';
import type { Movement } from '../../../functions/src/movement.ts';
import { toPaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { openUnresolvedEvents } from '../../../functions/src/ledger/unresolved-events.ts';
import { isClosed } from '../../../functions/src/orders/unpaid-orders.ts';
import { fromDocument } from '../../../functions/src/orders/order.ts';
import { ingest, park } from '../../../functions/src/pipeline.ts';
import { lookThrough } from '../../../functions/src/reconcile/history.ts';
import { askAboutOrders } from '../../../functions/src/reconcile/orders.ts';
import { recheckParked } from '../../../functions/src/reconcile/parked.ts';
import { rootsByRow } from '../../../functions/src/reconcile/second-look.ts';
import { releaseParked } from '../../../functions/src/sync/release.ts';
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
  placeOrder,
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
const look = () => openLook(till, pipeline());
const list = async () => lookThrough(await look());
const ask = async () => askAboutOrders(await look());
const recheck = async () => recheckParked(await look());
const paid = (given: Partial<Movement> & { id: string }) =>
  movement({ occurredAt: now(), ...given });
async function book(given: Movement): Promise<void> {
  await pipeline().ledger.record(toPaymentRow(NAME, given), now(), 0);
}
const parked = () => own().all('tn_parked_events');

/** What is told in the next hours of looks. */
async function alerts(hours = 4): Promise<string[]> {
  const logged = logFromNow();
  for (let hour = 0; hour < hours; hour += 1) {
    clock += HOUR_MS;
    await list();
  }
  return told(logged()).filter((line) => line.startsWith('ERROR'));
}

test('an order whose payment is parked is not closed as unpaid', async () => {
  const orderId = await placeOrder(own().firestore, now, 'a');
  till.hold(new Unusable('odd', { about: orderId }));
  for (; clock < start + 9 * DAY_MS; clock += 3 * HOUR_MS) await ask();
  const order = fromDocument(await own().read(`tn_orders/${orderId}`));
  expect(isClosed(order)).toBe(false);
});

test('a fault that comes again after its event was resolved is parked again, and told once', async () => {
  const source = { gateway: NAME, event: { id: 'look_a', type: 'second_look' } };
  const again = () =>
    park(pipeline(), source, new Unusable('odd', { about: 'a' }), { isSecondLook: true });
  await again();
  const [first] = await openUnresolvedEvents().open(NAME);
  await pipeline().parked.resolve(first?.id ?? '', ['till_a'], now());
  clock += DAY_MS;
  const logged = logFromNow();
  for (let time = 0; time < 3; time += 1) await again();
  expect(told(logged())).toEqual(['ERROR odd']);
  expect(await openUnresolvedEvents().open(NAME)).toHaveLength(1);
});

test('a fault is told before it is stored, so that a run that dies between the two has told it', async () => {
  const source = { gateway: NAME, event: { id: 'look_a', type: 'second_look' } };
  const parkIt = () =>
    park(pipeline(), source, new Unusable('odd', { about: 'a' }), { isSecondLook: true });
  const logged = logFromNow();
  // The first call asks whether it was told, the second one stores it.
  own().server.refuse(2);
  await expect(parkIt()).rejects.toThrow();
  expect(told(logged())).toEqual(['ERROR odd']);
  own().server.refuse(0);
  await parkIt();
  await parkIt();
  expect(told(logged())).toEqual(['ERROR odd', 'ERROR odd']);
});

test('a fault of a payment is told, though one of its refunds has a fault', async () => {
  await list();
  clock += 30 * MINUTE_MS;
  await book(paid({ id: 'a', amountCents: 1400 }));
  const asked = { orderId: null, ref: null, paymentId: 'a' };
  const row = toPaymentRow(
    NAME,
    paid({ id: 'r', kind: 'refund', amountCents: -9900, parentId: 'a' }),
  );
  await park(
    pipeline(),
    { gateway: NAME, event: { id: 'evt', type: 'refund' } },
    new Conflict('too much'),
    { row, payment: asked },
  );
  till.hold(paid({ id: 'a' }));
  expect(await alerts()).toEqual([
    'ERROR The gateway reports 15.00 USD, and the row has 14.00 USD.',
  ]);
});

test('an event about a part of a payment is not resolved by the payment that was there', async () => {
  await book(paid({ id: 'a', orderId: 'o1' }));
  till.hold(paid({ id: 'a', orderId: 'o1' }));
  clock += MINUTE_MS;
  const payment = { orderId: 'o1', ref: null, paymentId: 'a' };
  const event = { id: 'evt_1', type: 'dispute', orderId: 'o1' };
  const error = new Unusable('A dispute is in another currency.');
  await park(pipeline(), { gateway: NAME, event }, error, { payment });
  clock += HOUR_MS;
  expect(await recheck()).toBe(0);
});

test('a parked row that was given up is resolved by the row that came after all', async () => {
  const refund = paid({ id: 'r', kind: 'refund', amountCents: -100, parentId: 'a', orderId: 'o1' });
  const event = { id: 'evt_1', type: 'refund', orderId: 'o1' };
  await ingest(pipeline(), { gateway: NAME, event }, [refund]);
  for (; clock < start + 32 * DAY_MS; clock += 5 * HOUR_MS) {
    await releaseParked(pipeline(), new Date(clock + HOUR_MS));
  }
  till.hold(paid({ id: 'a', orderId: 'o1' }), refund);
  await book(paid({ id: 'a', orderId: 'o1' }));
  await book(refund);
  for (let day = 0; day < 5; day += 1, clock += DAY_MS) {
    await releaseParked(pipeline(), new Date(clock + HOUR_MS));
    await recheck();
  }
  expect(await parked()).toMatchObject([{ resolved_by: ['till_a', 'till_r'] }]);
});

test('a row by hand with a name of its own is told by that name', async () => {
  await list();
  clock += 30 * MINUTE_MS;
  till.hold(paid({ id: 'a' }));
  await book(paid({ id: 'a' }));
  await own().doc('tn_payments/hand_a').set({
    gateway: NAME,
    created_at: now(),
    amount: 1500,
    uid: 'ann',
    kind: 'payment',
    parent_id: null,
    order_id: null,
  });
  const logged = logFromNow();
  for (let hour = 0; hour < 3; hour += 1) {
    clock += HOUR_MS;
    await list();
    await recheck();
  }
  expect(logged().filter((line) => line.includes('ERROR'))).toEqual([
    expect.stringContaining('hand_a'),
  ]);
  expect((await parked())[0]).not.toHaveProperty('resolved_at');
});

test('an order whose question is never answered is told to a person in the end', async () => {
  // The order is dated by Firestore's own clock.
  clock = Date.now();
  const placedAt = clock;
  await placeOrder(own().firestore, now, 'a');
  till.down.inquire = 100_000;
  const logged = logFromNow();
  let asked = 0;
  for (; clock < placedAt + 40 * DAY_MS; clock += 6 * HOUR_MS) {
    const before = till.calls.length;
    await ask().catch(() => undefined);
    asked += till.calls.length - before;
  }
  expect(told(logged()).some((line) => line.startsWith('ERROR'))).toBe(true);
  expect(asked).toBeLessThan(100);
});

test('rows that name each other as parents do not end the report', () => {
  const rows = [
    { paymentId: 'a', parentId: 'b' },
    { paymentId: 'b', parentId: 'a' },
  ];
  expect(rootsByRow(rows).size).toBe(2);
});
