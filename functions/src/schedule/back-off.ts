import { LONGEST_PAUSE_MS, MINUTE_MS } from '../config/limits';

/**
 * The pause before the next try, in milliseconds: one minute, doubled with each failed try, at most
 * `LONGEST_PAUSE_MS`; of that at least half, so that tries spread.
 * @param random from 0 to 1.
 */
export function backOffMs(attempts: number, random: number): number {
  const whole = Math.min(MINUTE_MS * 2 ** Math.min(attempts, 20), LONGEST_PAUSE_MS);
  return Math.round(whole * (0.5 + 0.5 * random));
}
