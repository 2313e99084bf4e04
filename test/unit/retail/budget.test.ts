import { CallBudget } from '../../../functions/src/retail/budget.ts';
import { fixedClock } from '../../harness/retail.ts';

const START = new Date('2026-11-01T10:00:00Z');
const soon = (ms: number) => new Date(START.getTime() + ms);

/** A budget, and what its callers were told, with the ms at which they were. */
function start(callsPerSecond: number) {
  const clock = fixedClock(() => START);
  const budget = new CallBudget(callsPerSecond, clock);
  const passedMs = () => clock.now().getTime() - START.getTime();
  const take = async (
    priority: 'push' | 'question',
    sendByMs = 3_600_000,
    signal?: AbortSignal,
  ) => {
    const mayCall = await budget.take(priority, soon(sendByMs), signal);
    return `${priority} ${mayCall ? 'sent' : 'not sent'} at ${passedMs()}`;
  };
  return { budget, take };
}

test('calls are evenly spaced, a little below the limit', async () => {
  const { take } = start(5);
  expect(await Promise.all([take('push'), take('push'), take('push')])).toEqual([
    'push sent at 0',
    'push sent at 204',
    'push sent at 408',
  ]);
});

test('a push goes before the questions that wait', async () => {
  const { take } = start(5);
  const calls = [take('question'), take('question'), take('question'), take('push')];
  expect(await Promise.all(calls)).toEqual([
    'question sent at 0',
    'question sent at 408',
    'question sent at 612',
    'push sent at 204',
  ]);
});

test('a call whose time is over is not made, and takes no turn from another', async () => {
  const { take } = start(1);
  const calls = [take('push'), take('push', 500), take('push', 1_500)];
  expect((await Promise.all(calls)).map((call) => call.replace(/ at.*/, ''))).toEqual([
    'push sent',
    'push not sent',
    'push sent',
  ]);
});

test('a caller who gives up is not kept waiting, nor sent', async () => {
  const { take } = start(0.001);
  await take('push');
  const controller = new AbortController();
  const waiting = take('push', 10_000_000, controller.signal);
  controller.abort();
  expect(await waiting).toMatch(/^push not sent/);
  expect(await take('push', 10_000_000, controller.signal)).toMatch(/^push not sent/);
});

test('429 holds every call back until the API listens, and slows the pace', async () => {
  const { budget, take } = start(5);
  await take('push');
  budget.throttle(soon(3_000));
  expect(await Promise.all([take('push'), take('question')])).toEqual([
    'push sent at 3000',
    'question sent at 3306',
  ]);
});

test('429 without a time is a pause of a second', async () => {
  const { budget, take } = start(5);
  budget.throttle(null);
  expect(await take('push')).toBe('push sent at 1000');
});

test('429 for hours never ends the calls: one finds out after a minute', async () => {
  const { budget, take } = start(5);
  budget.throttle(soon(6 * 3_600_000));
  expect(await take('push')).toBe('push sent at 60000');
});

test('answers bring the pace back, and no further', async () => {
  const { budget, take } = start(10);
  for (let count = 0; count < 4; count += 1) budget.throttle(soon(0));
  const paceMs = async () => {
    const times = [await take('push'), await take('push')].map((text) =>
      Number(text.split(' ').at(-1)),
    );
    return (times[1] ?? 0) - (times[0] ?? 0);
  };
  expect(await paceMs()).toBe(517);
  for (let count = 0; count < 100; count += 1) budget.recover();
  expect(await paceMs()).toBe(102);
});
