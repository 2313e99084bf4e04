import { DAY_MS, HOUR_MS } from '../config/limits';
import { centsOf } from '../money';

/** A question of the staff, as it is read. */
export type Question =
  | { readonly as: 'email'; readonly email: string }
  | { readonly as: 'amount'; readonly cents: number; readonly since: Date; readonly until: Date }
  | { readonly as: 'id'; readonly id: string };

/** A day begins so long before UTC's in the east, and ends so long after it in the west. */
const EAST_MS = 14 * HOUR_MS;
const WEST_MS = 12 * HOUR_MS;

/**
 * Reads what was asked for: `ann@example.com`, `12.50 2026-11-29`, or any id. A customer's day may be
 * that of any time zone.
 */
export function readQuestion(text: string): Question {
  const asked = text.trim();
  if (/^[^\s@]+@[^\s@]+$/.test(asked)) return { as: 'email', email: asked };
  const [, amount = '', day = ''] = /^\$?(\S+) +((?:19|20|21)\d\d-\d\d-\d\d)$/.exec(asked) ?? [];
  const cents = centsOf(amount);
  const midnight = new Date(day);
  if (cents === undefined || !isDay(midnight, day)) return { as: 'id', id: asked };
  return {
    as: 'amount',
    cents,
    since: new Date(midnight.getTime() - EAST_MS),
    until: new Date(midnight.getTime() + DAY_MS + WEST_MS),
  };
}

/** A 31st of November would be the 1st of December. */
function isDay(midnight: Date, day: string): boolean {
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
