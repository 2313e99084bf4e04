import {
  Malformed,
  NotFound,
  TooManyRequests,
  Unavailable,
} from '../../../../functions/src/errors.ts';
import { UnknownTokens } from '../../../../functions/src/gateways/googleplay/unknown-tokens.ts';

const MINUTE_MS = 60_000;

let nowMs: number;
let tokens: UnknownTokens;
let asked: number;

beforeEach(() => {
  nowMs = 1_790_000_000_000;
  asked = 0;
  tokens = new UnknownTokens(() => nowMs);
});

/** Google does not know the token, unless it is told otherwise. */
function ask(uid: string, receiptId: string, error?: Error | null): Promise<string> {
  return tokens.ask(uid, receiptId, async () => {
    asked += 1;
    await Promise.resolve();
    if (error === null) return 'a purchase';
    throw error ?? new NotFound('no');
  });
}

async function outcome(call: Promise<string>): Promise<string> {
  return call.catch((error: unknown) => (error as Error).name);
}

test.each([new NotFound('no'), new Malformed('no')])(
  'Google is asked once a minute about a token that it refuses with %p, whoever sends it',
  async (error) => {
    for (const uid of ['user1', 'user1', 'user2']) {
      await expect(ask(uid, 'r1', error)).rejects.toThrow(error);
    }
    expect(asked).toBe(1);
    nowMs += MINUTE_MS;
    expect(await ask('user1', 'r1', null)).toBe('a purchase');
  },
);

test('a failure of Google is not remembered, and does not count', async () => {
  for (let number = 0; number < 30; number += 1) {
    await expect(ask('user1', `r${number}`, new Unavailable('down'))).rejects.toThrow(Unavailable);
  }
  expect(await ask('user1', 'r1', null)).toBe('a purchase');
});

test.each(['one after the other', 'at once'])(
  'of 320 unknown tokens of one user, sent %s, Google hears of ten a minute',
  async (how) => {
    const calls = Array.from({ length: 320 }, (_, number) => () => ask('user1', `r${number}`));
    const outcomes: string[] = [];
    if (how === 'at once')
      outcomes.push(...(await Promise.all(calls.map((one) => outcome(one())))));
    else for (const one of calls) outcomes.push(await outcome(one()));
    const wanted = [
      ...Array<string>(10).fill('NotFound'),
      ...Array<string>(310).fill('TooManyRequests'),
    ];
    expect(outcomes).toEqual(wanted);
    expect(asked).toBe(10);
    // Another user pays no price for it.
    expect(await ask('user2', 'known', null)).toBe('a purchase');
    nowMs += MINUTE_MS;
    expect(await outcome(ask('user1', 'new'))).toBe('NotFound');
  },
);

test('the refusal says when the minute is over', async () => {
  nowMs = 1_790_000_010_000 - (1_790_000_010_000 % MINUTE_MS) + 1;
  for (let number = 0; number < 10; number += 1) await outcome(ask('user1', `r${number}`));
  const thrown: unknown = await ask('user1', 'one more').catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(TooManyRequests);
  expect((thrown as TooManyRequests).resetAt.getTime()).toBe(nowMs - 1 + MINUTE_MS);
});

test('purchases that Google knows are never too many, at once or again and again', async () => {
  const same = Array.from({ length: 50 }, () => ask('user1', 'r1', null));
  expect(new Set(await Promise.all(same))).toEqual(new Set(['a purchase']));
  for (let number = 0; number < 50; number += 1) await ask('user1', `r${number}`, null);
  expect(asked).toBe(100);
});

test('what is remembered has an end: the oldest is forgotten', async () => {
  await outcome(ask('user0', 'first'));
  for (let number = 0; number < 10_000; number += 1) await outcome(ask(`u${number}`, `r${number}`));
  asked = 0;
  await outcome(ask('user1', 'r9999'));
  expect(asked).toBe(0);
  await outcome(ask('user1', 'first'));
  expect(asked).toBe(1);
});
