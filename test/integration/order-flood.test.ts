import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { readSettings } from '../../functions/src/config/settings.ts';
import { TooManyRequests } from '../../functions/src/errors.ts';
import { DocumentReference, Query } from '../../functions/src/firestore/client/index.ts';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import type { Order } from '../../functions/src/orders/order.ts';
import { Orders } from '../../functions/src/orders/orders.ts';
import { documentsWith } from '../harness/documents-with.ts';
import { setEnvironment } from '../harness/environment.ts';

setEnvironment({ GCLOUD_PROJECT: 'demo-temp-number' });

jest.setTimeout(60_000);

// The flood is more than a busy machine's emulator takes in four seconds, and no test is about them.
jest.mock('../../functions/src/config/limits.ts', () => ({
  ...jest.requireActual<object>('../../functions/src/config/limits.ts'),
  FIRESTORE_DEADLINE_MS: 30_000,
}));

const LIMIT = 20;
/** Documents that one call may read, whatever the flood. */
const MOST_READS = 60;

const firestore = openFirestore();
let orders: Orders;
/** Other instances of the function. */
let instances: Orders[];
/** What the call that is under way has read. */
const calls = new AsyncLocalStorage<{ reads: number }>();

/** Counts a read as Firestore bills it: each document, and one for an empty answer or a sum. */
function countReads(prototype: object, method: 'get' | 'count'): void {
  type Reading = () => Promise<number | { readonly docs?: readonly unknown[] }>;
  const reading = prototype as Record<typeof method, Reading>;
  const { [method]: read } = reading;
  jest.spyOn(reading, method).mockImplementation(async function (this: object) {
    const answer = await read.call(this);
    const call = calls.getStore();
    const found = typeof answer === 'number' ? 1 : (answer.docs?.length ?? 1);
    if (call) call.reads += Math.max(found, 1);
    return answer;
  });
}

beforeAll(() => {
  const settings = readSettings({ PAYMENTS_MODE: 'test', OPEN_ORDERS_PER_HOUR: String(LIMIT) });
  const open = () => new Orders(firestore, settings, () => new Date());
  orders = open();
  instances = [orders, open(), open(), open()];
  countReads(Query.prototype, 'get');
  countReads(Query.prototype, 'count');
  countReads(DocumentReference.prototype, 'get');
});

afterAll(() => jest.restoreAllMocks());

const newUid = () => `user${randomUUID().replaceAll('-', '')}`;

interface Placed {
  readonly order?: Order;
  readonly error?: unknown;
  readonly reads: number;
}

/** Places an order and binds it; the reads of placing it are counted. */
async function place(
  uid: string,
  idempotencyKey: string = randomUUID(),
  instance = orders,
): Promise<Placed> {
  const call = { reads: 0 };
  const request = { uid, amountCents: 1500, gateway: 'somegateway', idempotencyKey };
  try {
    const order = await calls.run(call, () => instance.place(request));
    await instance.handOver(
      order,
      async () => order.orderId,
      (id) => id,
    );
    return { order, reads: call.reads };
  } catch (error) {
    return { error, reads: call.reads };
  }
}

async function stored(uid: string): Promise<string[]> {
  return (await documentsWith(firestore.collection('tn_orders'), 'uid', uid)).map(({ id }) => id);
}

/** Writes the row of a payment, as far as an order needs it. */
async function pay(uid: string, { orderId }: Order): Promise<void> {
  const row = { uid, order_id: orderId, amount: 1500, created_at: new Date() };
  await firestore.collection('tn_payments').doc(`somegateway_${orderId}`).set(row);
}

async function flood(uid: string, keys: readonly string[]): Promise<Placed[]> {
  const answers = await Promise.all(
    keys.map((key, n) => place(uid, key, instances[n % instances.length])),
  );
  const most = Math.max(...answers.map(({ reads }) => reads));
  expect(most).toBeLessThanOrEqual(MOST_READS);
  const errors = answers.flatMap(({ error }) => error ?? []);
  expect(errors.filter((error) => !(error instanceof TooManyRequests))).toEqual([]);
  return answers;
}

const keys = (length: number) => Array.from({ length }, () => randomUUID());

test('of 200 orders at once as many pass as the limit, and the others leave nothing', async () => {
  const uid = newUid();
  const answers = await flood(uid, keys(200));
  const passed = answers.flatMap(({ order }) => order?.orderId ?? []);
  expect(passed).toHaveLength(LIMIT);
  expect((await stored(uid)).toSorted()).toEqual(passed.toSorted());
});

test('the same where each order is sent three times', async () => {
  const uid = newUid();
  const once = keys(LIMIT + 5);
  const answers = await flood(uid, [...once, ...once, ...once]);
  const passed = new Set(answers.flatMap(({ order }) => order?.orderId ?? []));
  expect(passed.size).toBe(LIMIT);
  expect((await stored(uid)).toSorted()).toEqual([...passed].toSorted());
});

test('the same on top of orders that are paid and orders that are not', async () => {
  const uid = newUid();
  const before: Placed[] = [];
  for (let n = 0; n < LIMIT; n += 1) before.push(await place(uid));
  const paid = before.flatMap(({ order }, n) => (n >= LIMIT / 2 && order ? [order] : []));
  await Promise.all(paid.map((order) => pay(uid, order)));
  const answers = await flood(uid, keys(100));
  const passed = answers.flatMap(({ order }) => order?.orderId ?? []);
  expect(passed.length).toBeGreaterThan(0);
  expect(passed.length).toBeLessThanOrEqual(paid.length);
  expect(await stored(uid)).toHaveLength(LIMIT + passed.length);
});

test('a user who pays each order places as many as they like', async () => {
  const uid = newUid();
  for (let n = 0; n < 2 * LIMIT + 5; n += 1) {
    const { order, error, reads } = await place(uid);
    expect(error).toBeUndefined();
    expect(reads).toBeLessThanOrEqual(MOST_READS);
    if (order) await pay(uid, order);
  }
});

test('an order is not deleted when another call with its key has admitted it in between', async () => {
  const uid = newUid();
  const placed: Placed[] = [];
  for (let n = 0; n < LIMIT; n += 1) placed.push(await place(uid));
  const key = randomUUID();
  const [paid] = placed.flatMap(({ order }) => order ?? []);
  if (paid === undefined) throw new Error('no order was placed');
  // The first call has found no room and is about to delete; a payment makes room for the second.
  const deletes = jest.spyOn(DocumentReference.prototype, 'delete');
  let second: Placed | undefined;
  deletes.mockImplementationOnce(async function (this: DocumentReference, precondition) {
    await pay(uid, paid);
    second = await place(uid, key);
    return this.delete(precondition);
  });
  const first = await place(uid, key);
  expect(deletes).toHaveBeenCalledTimes(2);
  deletes.mockRestore();
  expect(second?.order?.orderId).toBeDefined();
  expect(first.order?.orderId).toBe(second?.order?.orderId);
  expect(await stored(uid)).toContain(second?.order?.orderId);
});
