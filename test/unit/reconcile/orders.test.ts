import { Unavailable, Unusable } from '../../../functions/src/errors.ts';
import { isClosed } from '../../../functions/src/orders/unpaid-orders.ts';
import { fromDocument } from '../../../functions/src/orders/order.ts';
import { toPaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { askAboutOrders } from '../../../functions/src/reconcile/orders.ts';
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
const start = Date.parse('2026-03-01T10:00:00Z');
let clock = start;
const now = () => new Date(clock);
let till: Till;

beforeEach(() => {
  clock = start;
  till = new Till();
});

const place = (key = 'k') => placeOrder(own().firestore, now, key);
const run = async () => askAboutOrders(await openLook(till, pipelineOf(own().firestore, now)));
const order = async (id: string) => fromDocument(await own().read(`tn_orders/${id}`));
const rows = () => own().all('tn_payments');

const QUARTER_MS = 15 * MINUTE_MS;

/**
 * Runs the schedule of every quarter of an hour, but for most of those at which nothing is due, and
 * says after how many minutes the gateway was asked.
 */
async function minutesOfQuestions(untilMs: number): Promise<number[]> {
  const asked: number[] = [];
  for (; clock < start + untilMs; clock += QUARTER_MS) {
    const before = till.calls.length;
    await run();
    if (till.calls.length > before) asked.push((clock - start) / MINUTE_MS);
    const [next] = (await own().all('tn_orders')).map(
      (one) => one['ask_at'] as { toMillis(): number },
    );
    if (next === undefined) clock += DAY_MS;
    const quarters = Math.floor(((next?.toMillis() ?? 0) - clock) / QUARTER_MS);
    clock += Math.max(0, quarters - 2) * QUARTER_MS;
  }
  return asked;
}

test('an order is asked about after five minutes, and what was paid is booked', async () => {
  const orderId = await place();
  till.hold(movement({ id: 'pay1', orderId }));
  clock += 4 * MINUTE_MS;
  expect(await run()).toBe(0);
  expect(till.calls).toEqual([]);
  clock += 2 * MINUTE_MS;
  expect(await run()).toBe(1);
  expect(await rows()).toMatchObject([{ payment_id: 'till_pay1', amount: 1500, uid: 'ann' }]);
  clock += 30 * DAY_MS;
  expect(await run()).toBe(0);
});

test('an unpaid order is asked about five times, each after a longer pause, and is then closed', async () => {
  const orderId = await place();
  expect(await minutesOfQuestions(9 * DAY_MS)).toEqual([15, 75, 435, 1875, 6195]);
  expect(isClosed(await order(orderId))).toBe(true);
  // A late payment comes by the gateway's list or its event.
  expect(await run()).toBe(0);
});

test('an order is not closed while questions are left', async () => {
  const orderId = await place();
  await minutesOfQuestions(2 * DAY_MS);
  expect(isClosed(await order(orderId))).toBe(false);
});

test('an order that has a row is not asked about, and is looked at once', async () => {
  const orderId = await place();
  const { ledger } = pipelineOf(own().firestore, now);
  await ledger.record(toPaymentRow(NAME, movement({ id: 'pay1', orderId })), now(), 0);
  clock += DAY_MS;
  expect(await run()).toBe(0);
  expect(till.calls).toEqual([]);
  own().server.resetRpcs();
  expect(await run()).toBe(0);
  expect(own().server.rpcs()).toEqual({ RunQuery: 1 });
});

test('a run without orders asks Firestore once, and the gateway nothing', async () => {
  own().server.resetRpcs();
  expect(await run()).toBe(0);
  expect(own().server.rpcs()).toEqual({ RunQuery: 1 });
  expect(till.calls).toEqual([]);
});

test('the order that has waited longest is asked about first, at most 200 in a run', async () => {
  const batch = own().firestore.batch();
  for (let count = 0; count < 210; count += 1) {
    const orderId = String(count).padStart(32, '0');
    batch.create(own().doc(`tn_orders/${orderId}`), {
      order_id: orderId,
      uid: 'ann',
      amount: 1500,
      gateway: 'till',
      mode: 'test',
      created_at: now(),
      gateway_ref: `ref${count}`,
      ask_at: new Date(start - (count % 7) * MINUTE_MS - count),
    });
  }
  await batch.commit();
  expect(await run()).toBe(200);
  const first = till.calls.slice(0, 20).map((call) => Number(call.split(' ')[1]) % 7);
  expect(new Set(first)).toEqual(new Set([6]));
  expect(await run()).toBe(10);
}, 30_000);

describe('a gateway that does not answer', () => {
  test('is asked again soon, and the question is not counted', async () => {
    const orderId = await place();
    till.hold(movement({ id: 'pay1', orderId }));
    till.down.inquire = 1;
    clock += 6 * MINUTE_MS;
    await run();
    expect(await order(orderId)).not.toHaveProperty('timesAsked');
    expect(await rows()).toEqual([]);
    clock += 15 * MINUTE_MS;
    await run();
    expect(await rows()).toHaveLength(1);
  });

  test('three times in a row ends the run, and the others keep their turn', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await place(key);
    till.down.inquire = 100;
    clock += 6 * MINUTE_MS;
    await expect(run()).rejects.toThrow(Unavailable);
    expect(till.calls).toHaveLength(3);
    till.down.inquire = 0;
    expect(await run()).toBe(2);
  });

  test('about one order does not stand in the way of the others', async () => {
    for (const key of ['a', 'b', 'c']) await place(key);
    till.down.inquire = 1;
    clock += 6 * MINUTE_MS;
    expect(await run()).toBe(3);
  });
});

test('a payment that cannot be booked is parked and told once, however often it is asked about', async () => {
  const orderId = await place();
  till.hold(new Unusable('The amount is not the one of the order.', { about: orderId }));
  const logged = logFromNow();
  await minutesOfQuestions(9 * DAY_MS);
  expect(await own().all('tn_parked_events')).toHaveLength(1);
  expect(told(logged())).toEqual(['ERROR The amount is not the one of the order.']);
});

test('two runs at once book a payment once', async () => {
  const orderId = await place();
  till.hold(movement({ id: 'pay1', orderId }));
  clock += HOUR_MS;
  await Promise.all([run(), run(), run()]);
  expect(await rows()).toHaveLength(1);
});

test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
  'a run that dies at its call %i of Firestore loses nothing and doubles nothing',
  async (step) => {
    const orderId = await place();
    till.hold(movement({ id: 'pay1', orderId }));
    till.hold(
      movement({ id: 're1', kind: 'refund', amountCents: -500, parentId: 'pay1', orderId }),
    );
    clock += HOUR_MS;
    own().server.refuse(step);
    await run().catch(() => undefined);
    own().server.refuse(0);
    clock += HOUR_MS;
    await run();
    const amounts = (await rows()).map((row) => Number(row['amount'])).toSorted((a, b) => b - a);
    expect(amounts).toEqual([1500, -500]);
    expect(await order(orderId)).not.toHaveProperty('askAt');
  },
);

test('an order that cannot be read does not stop the questions about the others', async () => {
  const orderId = await place();
  await own()
    .doc('tn_orders/broken')
    .set({
      gateway: NAME,
      ask_at: new Date(start - DAY_MS),
      amount: '15.00',
    });
  till.hold(movement({ id: 'a', orderId }));
  clock += HOUR_MS;
  const logged = logFromNow();
  await run();
  await run();
  expect(await rows()).toHaveLength(1);
  expect(told(logged()).filter((line) => line.startsWith('ERROR'))).toHaveLength(1);
});
