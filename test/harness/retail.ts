import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../functions/src/retail/budget.ts';
import type { RetailConfig } from '../../functions/src/retail/config.ts';

/** The configuration of a client of the stand-in, at a pace that holds no test up. */
export function retailConfig(url: string, changes: Partial<RetailConfig> = {}): RetailConfig {
  return {
    apiKey: 'retail-standin',
    url,
    mode: 'test',
    timeoutMs: 20_000,
    sendGateway: true,
    balanceCacheMs: 0,
    callsPerSecond: 10_000,
    concurrency: 4,
    ...changes,
  };
}

/** The test's own clock; a sleep takes no time, but for the ms by which it moves the clock on. */
export function fixedClock(now: () => Date): Clock {
  let sleptMs = 0;
  return {
    now: () => new Date(now().getTime() + sleptMs),
    sleep: async (ms) => {
      await delay(0);
      sleptMs += Math.ceil(ms);
    },
  };
}

/** A clock that runs faster than the machine's. */
export function fastClock(speed: number): Clock {
  const startedAt = Date.now();
  return {
    now: () => new Date(startedAt + (Date.now() - startedAt) * speed),
    sleep: (ms) => delay(ms / speed),
  };
}
