import { LONGEST_PAUSE_MS, MINUTE_MS } from '../config/limits';

/** One minute, doubled with each failed try up to six hours, between its half and its whole. */
export function backOffMs(attempts: number, random: number): number {
  const whole = Math.min(MINUTE_MS * 2 ** Math.min(attempts, 20), LONGEST_PAUSE_MS);
  return Math.round(whole * (0.5 + 0.5 * random));
}
