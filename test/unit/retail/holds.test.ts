import { Holds } from '../../../functions/src/retail/holds.ts';

let nowMs: number;
let holds: Holds;
let asked: string[];

beforeEach(() => {
  nowMs = 0;
  asked = [];
  holds = new Holds(() => new Date(nowMs));
});

const ask = (uid: string, isOnHold: boolean) =>
  holds.isOnHold(uid, async () => {
    asked.push(uid);
    return isOnHold;
  });

test.each([true, false])('an answer of %s is kept for a minute', async (isOnHold) => {
  expect(await ask('ann', isOnHold)).toBe(isOnHold);
  nowMs = 59_999;
  expect(await ask('ann', !isOnHold)).toBe(isOnHold);
  nowMs = 60_000;
  expect(await ask('ann', !isOnHold)).toBe(!isOnHold);
  expect(asked).toEqual(['ann', 'ann']);
});

test('calls at once share one question', async () => {
  expect(await Promise.all([ask('ann', true), ask('ann', false), ask('bob', false)])).toEqual([
    true,
    true,
    false,
  ]);
  expect(asked).toEqual(['ann', 'bob']);
});

test('the last word counts', async () => {
  holds.note('ann', true);
  expect(await ask('ann', false)).toBe(true);
  holds.note('ann', false);
  expect(await ask('ann', true)).toBe(false);
  expect(asked).toEqual([]);
});

test('ten thousand users are remembered, and the oldest are forgotten first', async () => {
  for (let n = 0; n <= 10_000; n += 1) holds.note(`u${n}`, true);
  expect(await ask('u1', false)).toBe(true);
  expect(await ask('u0', false)).toBe(false);
  expect(asked).toEqual(['u0']);
});
