const MINUTE_MS = 60_000;
/** The longest pause between two tries. */
export const LONGEST_PAUSE_MS = 6 * 60 * MINUTE_MS;

/** One minute, doubled with each failed try up to six hours, between its half and its whole. */
export function backOffMs(attempts: number, random: number): number {
  const whole = Math.min(MINUTE_MS * 2 ** Math.min(attempts, 20), LONGEST_PAUSE_MS);
  return Math.round(whole * (0.5 + 0.5 * random));
}
