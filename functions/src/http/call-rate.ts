import { MINUTE_MS } from '../config/limits';
import { TooManyRequests } from '../errors';

/** For each user a name and a number are kept: about a megabyte at most. */
const MOST_USERS = 10_000;

/**
 * Counts the calls of a user within a minute of the clock, in this process alone. It slows down a
 * broken client and is not a quota: every function and every instance counts for itself. Open
 * orders, which cost money, have a limit of their own in Firestore.
 */
export class CallRate {
  readonly #perMinute: number;
  readonly #now: () => number;
  #minute = 0;
  #calls = new Map<string, number>();

  /** @param now milliseconds since the epoch. */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** @throws TooManyRequests beyond the limit, until the minute is over. */
  count(uid: string): void {
    const minute = Math.floor(this.#now() / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#calls.clear();
    }
    const calls = (this.#calls.get(uid) ?? 0) + 1;
    if (calls > this.#perMinute) {
      throw new TooManyRequests('Too many calls.', new Date((minute + 1) * MINUTE_MS));
    }
    const [oldest] = this.#calls.keys();
    if (calls === 1 && this.#calls.size >= MOST_USERS && oldest !== undefined) {
      this.#calls.delete(oldest);
    }
    this.#calls.set(uid, calls);
  }
}
