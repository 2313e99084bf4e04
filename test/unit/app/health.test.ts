import { openHealth } from '../../../functions/src/app/health.ts';
import { HEALTH_KNOWN_MS } from '../../../functions/src/config/limits.ts';
import { Unavailable } from '../../../functions/src/errors.ts';
import { setEnvironment } from '../../harness/environment.ts';

let asked: number;
let isDown: boolean;
let now: number;

const open = () =>
  openHealth(
    async () => {
      asked += 1;
      if (isDown) throw new Unavailable('Firestore did not answer.');
    },
    () => now,
  );

beforeEach(() => {
  setEnvironment({ PAYMENTS_MODE: 'test' });
  asked = 0;
  isDown = false;
  now = 1_000_000;
});

test('however many ask, Firestore is asked once in a while', async () => {
  const health = open();
  await Promise.all(Array.from({ length: 50 }, () => health.read()));
  now += HEALTH_KNOWN_MS - 1;
  await health.read();
  expect(asked).toBe(1);
  now += 1;
  await health.read();
  expect(asked).toBe(2);
});

test('an outage is told for as long, and ends by itself', async () => {
  const health = open();
  isDown = true;
  await expect(health.read()).rejects.toBeInstanceOf(Unavailable);
  isDown = false;
  await expect(health.read()).rejects.toBeInstanceOf(Unavailable);
  expect(asked).toBe(1);
  now += HEALTH_KNOWN_MS;
  expect(await health.read()).toMatchObject({ status: 'ok' });
});
