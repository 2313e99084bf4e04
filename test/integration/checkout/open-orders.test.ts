import { randomUUID } from 'node:crypto';
import type { Timestamp } from 'firebase-admin/firestore';
import { Bench, expectAllowedFields, HOUR_S, inBrief, LIMIT, seconds } from './bench.ts';

const bench = new Bench();

describe('open orders', () => {
  test('past the limit: 429 until the oldest of them is an hour old', async () => {
    const user = await bench.signIn();
    const key = randomUUID();
    await bench.ask(user, 1500, key);
    for (let n = 1; n < LIMIT; n += 1) await bench.ordered(user);
    const answer = await bench.ask(user);
    expect(inBrief(answer)).toEqual([429, 'TooManyRequestsException']);
    const times = (await bench.ordersOf(user.uid)).map((order) => order['created_at'] as Timestamp);
    const oldest = Math.min(...times.map((time) => time.toMillis())) / 1000;
    const reset = Number(answer.headers.get('x-ratelimit-reset'));
    expect(reset).toBe(Math.ceil(oldest + HOUR_S));
    expect(reset).toBeGreaterThan(seconds());
    expect(reset).toBeLessThanOrEqual(seconds() + HOUR_S + 1);
    expect(await bench.ordersOf(user.uid)).toHaveLength(LIMIT);
    expect(bench.intentsOf(user.uid)).toHaveLength(LIMIT);

    expect((await bench.ask(user, 1500, key)).status).toBe(200);
    expect((await bench.ask(await bench.signIn())).status).toBe(200);
    await bench.age(user.uid, (HOUR_S + 1) * 1000);
    expect((await bench.ask(user)).status).toBe(200);
  });

  test('ten at once: as many as the limit pass, and the rest are told so', async () => {
    const user = await bench.signIn();
    const answers = await Promise.all(Array.from({ length: 10 }, () => bench.ask(user)));
    const statuses = answers.map((answer) => answer.status).toSorted();
    expect(statuses).toEqual([
      ...Array<number>(LIMIT).fill(200),
      ...Array<number>(10 - LIMIT).fill(429),
    ]);
    expect(await bench.ordersOf(user.uid)).toHaveLength(LIMIT);
    expect(bench.intentsOf(user.uid)).toHaveLength(LIMIT);
  });

  test('a paid order is not open', async () => {
    const user = await bench.signIn();
    const paid = await bench.ordered(user);
    for (let n = 1; n < LIMIT; n += 1) await bench.ordered(user);
    expect((await bench.ask(user)).status).toBe(429);
    bench.stripe.confirm(paid);
    expect((await bench.status(user, paid)).body).toEqual({ status: 'paid' });
    expect((await bench.ask(user)).status).toBe(200);
    expect((await bench.ask(user)).status).toBe(429);
  });

  test('an order that failed at its gateway does not count, however often it failed', async () => {
    const user = await bench.signIn();
    const key = randomUUID();
    const faults = [{ drop: true, times: 2 }, { status: 400 }, { status: 401 }] as const;
    for (const fault of faults) {
      for (let n = 0; n < 2; n += 1) {
        bench.stripe.fault({ match: 'POST /v1/payment_intents$', ...fault });
        const answer = await bench.ask(user, 1500, n === 0 ? key : undefined);
        expect(answer.status).toBeGreaterThanOrEqual(500);
      }
    }
    for (let n = 0; n < LIMIT; n += 1) await bench.ordered(user);
    expect((await bench.ask(user)).status).toBe(429);
  });

  test('an order whose call died on the way counts for two minutes only', async () => {
    const user = await bench.signIn();
    for (let n = 0; n < LIMIT; n += 1) await bench.ordered(user);
    const orders = bench.world.firestore.collection('tn_orders');
    const [, second] = await bench.ordersOf(user.uid);
    const document = orders.doc(String(second?.['order_id']));
    const unbound = Object.entries(second ?? {}).filter(([name]) => name !== 'gateway_ref');
    await document.set(Object.fromEntries(unbound));
    expect((await bench.ask(user)).status).toBe(429);
    const created = second?.['created_at'] as Timestamp;
    await document.update({ created_at: new Date(created.toMillis() - 121_000) });
    expect((await bench.ask(user)).status).toBe(200);
    expect((await bench.ask(user)).status).toBe(429);
    expect((await document.get()).exists).toBe(true);
  });

  test('an order that failed at its gateway counts again when its key comes again', async () => {
    const user = await bench.signIn();
    const keys = Array.from({ length: LIMIT + 2 }, () => randomUUID());
    for (const key of keys) {
      bench.stripe.fault({ match: 'POST /v1/payment_intents$', drop: true, times: 2 });
      expect((await bench.ask(user, 1500, key)).status).toBe(503);
    }
    // The newest first: none of them has a place before the others.
    const statuses = [];
    for (const key of keys.toReversed()) statuses.push((await bench.ask(user, 1500, key)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect(await bench.ordersOf(user.uid)).toHaveLength(keys.length);
    expect(bench.intentsOf(user.uid)).toHaveLength(LIMIT);
  });

  test('an order that its gateway may have heard of is never deleted', async () => {
    const user = await bench.signIn();
    const key = randomUUID();
    bench.stripe.fault({ match: 'POST /v1/payment_intents$', drop: true, times: 2 });
    expect((await bench.ask(user, 1500, key)).status).toBe(503);
    const [order] = await bench.ordersOf(user.uid);
    for (let n = 0; n < LIMIT; n += 1) await bench.ordered(user);
    expect((await bench.ask(user, 1500, key)).status).toBe(429);
    const left = await bench.ordersOf(user.uid);
    expect(left.map((one) => one['order_id'] as string)).toContain(order?.['order_id']);
    expect(left).toHaveLength(LIMIT + 1);
  });
});

test('what the log said in all these tests is in its allow-list', expectAllowedFields);
