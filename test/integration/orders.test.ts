import { randomBytes, randomUUID } from 'node:crypto';
import { readSettings } from '../../functions/src/config/settings.ts';
import { Conflict } from '../../functions/src/errors.ts';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import type { Order, OrderIdForm } from '../../functions/src/orders/order.ts';
import { Orders } from '../../functions/src/orders/orders.ts';
import { setEnvironment } from '../harness/environment.ts';

setEnvironment({ GCLOUD_PROJECT: 'demo-temp-number' });

/** @param chance what the random bytes are, call by call. */
function ordersOf(...chance: readonly Buffer[]): Orders {
  const left = [...chance];
  const settings = readSettings({ PAYMENTS_MODE: 'test' });
  const random = () => left.shift() ?? randomBytes(32);
  return new Orders(openFirestore(), settings, () => new Date(), random);
}

/** Ids so short that they meet. */
const ids: OrderIdForm = {
  pattern: /^[0-9a-f]{12}$/,
  write: (bytes) => bytes.toString('hex').slice(0, 12),
};

function request(uid = `user${randomUUID().replaceAll('-', '')}`) {
  return { uid, amountCents: 1250, gateway: 'somegateway', idempotencyKey: undefined, ids };
}

/** Firestore dates a commit and a server timestamp within it a moment apart. */
function expectSame(found: Order | undefined, placed: Order): void {
  expect(found).toEqual({ ...placed, createdAt: found?.createdAt });
  const apartMs = Number(found?.createdAt) - placed.createdAt.getTime();
  expect(Math.abs(apartMs)).toBeLessThan(1_000);
}

test('an order is found by its id, as it was placed', async () => {
  const orders = ordersOf();
  const placed = await orders.place(request());
  expectSame(await orders.find(placed.orderId, ids), placed);
});

test('a short id is one for its own gateway alone', async () => {
  const orders = ordersOf();
  const { orderId } = await orders.place(request());
  expect(await orders.find(orderId)).toBeUndefined();
  expect(await orders.find(orderId, { ...ids, pattern: /^\d{15}$/ })).toBeUndefined();
});

test.each(['', '.', '..', '__x__', 'a/b', 'a/b/c', '\u0000', 'unknown', '0123456789ab'])(
  'there is no order %j',
  async (orderId) => {
    expect(await ordersOf().find(orderId, ids)).toBeUndefined();
    expect(await ordersOf().find(orderId)).toBeUndefined();
  },
);

test('an id that is taken makes no order of it: another one is tried', async () => {
  const [same, other] = [randomBytes(32), randomBytes(32)];
  const first = await ordersOf(same).place(request());
  const second = await ordersOf(same, other).place(request());
  expect(second.orderId).toBe(ids.write(other));
  expect((await ordersOf().find(first.orderId, ids))?.uid).toBe(first.uid);
  await expect(ordersOf(same, other).place(request())).rejects.toThrow(Conflict);
});

test('a key whose id is taken by somebody else is refused', async () => {
  const taken = randomBytes(6).toString('hex');
  const colliding = { ...request(), idempotencyKey: 'key', ids: { ...ids, write: () => taken } };
  const placed = await ordersOf().place(colliding);
  expectSame(await ordersOf().place(colliding), placed);
  const foreign = { ...colliding, uid: request().uid };
  await expect(ordersOf().place(foreign)).rejects.toThrow(Conflict);
});
