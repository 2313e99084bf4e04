import { DAY_MS, FIRST_QUESTION_PAUSE_MS, HOUR_MS } from '../config/limits';

/** The pauses between the questions about one payment, in ms. */
const pausesMs = [FIRST_QUESTION_PAUSE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS, 3 * DAY_MS] as const;

/** How often a gateway is asked about an order that stays unpaid. */
export const QUESTIONS = pausesMs.length;

/**
 * When the gateway is asked again.
 * @param asked how often it was asked so far. After `QUESTIONS` the pause does not grow any more.
 */
export function questionAfter(asked: number, now: Date): Date {
  const pauseMs = pausesMs[Math.min(asked, QUESTIONS - 1)] ?? FIRST_QUESTION_PAUSE_MS;
  return new Date(now.getTime() + pauseMs);
}
