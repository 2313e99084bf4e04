import { Door } from '../../../functions/src/http/door.ts';

const MINUTE_MS = 60_000;
let clock = 0;
let door: Door;

beforeEach(() => {
  clock = Date.parse('2026-03-01T10:00:00Z');
  door = new Door(() => new Date(clock));
});

/** Refuses some requests, and says how often a person was told. */
function refuse(count: number, pauseMs = 0): number {
  let told = 0;
  for (let index = 0; index < count; index += 1) {
    if (door.refuse()) told += 1;
    clock += pauseMs;
  }
  return told;
}

test('the tenth refusal without a proven event tells, once in half an hour', () => {
  expect(refuse(9)).toBe(0);
  expect(refuse(1)).toBe(1);
  expect(refuse(100)).toBe(0);
  clock += 30 * MINUTE_MS;
  expect(refuse(10)).toBe(1);
});

test('refusals that are spread over more than half an hour are strangers', () => {
  expect(refuse(50, 4 * MINUTE_MS)).toBe(0);
  expect(refuse(50, 3 * MINUTE_MS)).toBeGreaterThan(0);
});

test('a proven event says that the settings are right', () => {
  refuse(9);
  door.open();
  expect(refuse(100)).toBe(0);
});

test('an hour after the last proven event, refusals tell again', () => {
  door.open();
  clock += 60 * MINUTE_MS;
  expect(refuse(10)).toBe(1);
});
