import { TooManyRequests } from '../../../functions/src/errors.ts';
import { CallRate } from '../../../functions/src/http/call-rate.ts';

let now: number;
let rate: CallRate;

beforeEach(() => {
  now = Date.UTC(2026, 0, 1, 12, 0, 10);
  rate = new CallRate(3, () => now);
});

function call(times: number, uid = 'ann'): void {
  for (let n = 0; n < times; n += 1) rate.count(uid);
}

/** The refusal of one more call. */
function refusal(uid = 'ann'): TooManyRequests | undefined {
  try {
    rate.count(uid);
    return undefined;
  } catch (error) {
    if (error instanceof TooManyRequests) return error;
    throw error;
  }
}

test('as many calls as the limit pass, and the next is told when to come back', () => {
  call(3);
  expect(refusal()?.resetAt).toEqual(new Date(Date.UTC(2026, 0, 1, 12, 1, 0)));
});

test('what was refused does not count, and the next minute is a new one', () => {
  call(3);
  for (let n = 0; n < 10; n += 1) expect(refusal()).toBeDefined();
  now = Date.UTC(2026, 0, 1, 12, 0, 59, 999);
  expect(refusal()).toBeDefined();
  now += 1;
  call(3);
  expect(refusal()).toBeDefined();
});

test('one user is not held to the calls of another', () => {
  call(3);
  call(3, 'bob');
  expect(refusal('carol')).toBeUndefined();
});

test('a user may be called anything', () => {
  for (const uid of ['__proto__', 'constructor', '']) {
    call(3, uid);
    expect(refusal(uid)).toBeDefined();
  }
});

test('ten thousand users are known at a time: whoever came first is forgotten first', () => {
  call(3, 'first');
  call(3, 'second');
  for (let n = 0; n < 9_998; n += 1) rate.count(`u${n}`);
  // Who is known already needs no room.
  call(2, 'u7');
  expect(refusal('first')).toBeDefined();
  rate.count('one more');
  expect(refusal('second')).toBeDefined();
  expect(refusal('first')).toBeUndefined();
});
