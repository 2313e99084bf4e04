import { randomUUID } from 'node:crypto';
import { Bench, expectAllowedFields, HOUR_S, inBrief } from './bench.ts';

const bench = new Bench();

describe('the Idempotency-Key', () => {
  test('twice the same: the same intent, one order', async () => {
    const user = await bench.signIn();
    const key = randomUUID();
    const first = await bench.ask(user, 1500, key);
    const second = await bench.ask(user, 1500, key);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body).toEqual(first.body);
    expect(await bench.ordersOf(user.uid)).toHaveLength(1);
    expect(bench.intentsOf(user.uid)).toHaveLength(1);
  });

  test('none: every call is another order', async () => {
    const user = await bench.signIn();
    expect(await bench.ordered(user)).not.toBe(await bench.ordered(user));
    expect(await bench.ordersOf(user.uid)).toHaveLength(2);
  });

  test('ten times at once: one intent, one order', async () => {
    const user = await bench.signIn();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => bench.ask(user, 1500, key)));
    expect(answers.map((answer) => answer.status)).toEqual(Array<number>(10).fill(200));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(await bench.ordersOf(user.uid)).toHaveLength(1);
    expect(bench.intentsOf(user.uid)).toHaveLength(1);
  });

  test('with another amount: 409', async () => {
    const user = await bench.signIn();
    const key = randomUUID();
    await bench.ask(user, 1500, key);
    expect(inBrief(await bench.ask(user, 1600, key))).toEqual([409, 'ConflictException']);
    expect(await bench.ordersOf(user.uid)).toMatchObject([{ amount: 1500 }]);
    expect(bench.intentsOf(user.uid)).toHaveLength(1);
  });

  test('of another user: another intent', async () => {
    const [one, other] = [await bench.signIn(), await bench.signIn()];
    const key = randomUUID();
    const answers = [await bench.ask(one, 1500, key), await bench.ask(other, 1500, key)];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(answers[0]?.body['id']).not.toBe(answers[1]?.body['id']);
    expect(bench.intentsOf(one.uid)).toHaveLength(1);
    expect(bench.intentsOf(other.uid)).toHaveLength(1);
  });

  // Stripe may have forgotten its own key by then, and would make a second intent.
  test('a day old: 409', async () => {
    const user = await bench.signIn();
    const key = randomUUID();
    await bench.ask(user, 1500, key);
    await bench.age(user.uid, 22 * HOUR_S * 1000);
    expect((await bench.ask(user, 1500, key)).status).toBe(200);
    await bench.age(user.uid, 2 * HOUR_S * 1000);
    expect(inBrief(await bench.ask(user, 1500, key))).toEqual([409, 'ConflictException']);
  });

  test.each([
    ['empty', ''],
    ['of two words', 'a b'],
    ['not ASCII', 'schl\u00fcssel'],
    ['of 256 characters', 'k'.repeat(256)],
  ])('%s: 400', async (_name, key) => {
    const user = await bench.signIn();
    expect(inBrief(await bench.ask(user, 1500, key))).toEqual([
      400,
      'InvalidRequestParamsException',
    ]);
    expect(await bench.ordersOf(user.uid)).toEqual([]);
  });

  test('of 255 characters: fine', async () => {
    expect((await bench.ask(await bench.signIn(), 1500, `${'k'.repeat(254)}/`)).status).toBe(200);
  });
});

test('what the log said in all these tests is in its allow-list', expectAllowedFields);
