import { MINUTE_MS } from '../../config/limits';
import { Malformed, NotFound, TooManyRequests } from '../../errors';

/** The tokens of one user, within a minute, that Google has not (yet) shown to be purchases. */
const MOST_UNKNOWN = 10;

/** Users and tokens that are remembered: about a megabyte each. */
const MOST_REMEMBERED = 10_000;

/**
 * Keeps strangers from making us ask Google about invented tokens. A token that Google does not know
 * is refused for a minute without asking again; a user has ten such tokens a minute. Counted in
 * memory, on each instance, like the rate of calls. A token that Google knows never counts, however
 * often the app sends it.
 */
export class UnknownTokens {
  readonly #now: () => number;
  /** By receipt id: what Google said. */
  readonly #refusals = new Map<string, { readonly error: Error; readonly untilMs: number }>();
  /** By uid: the receipt ids that are being asked about, or are unknown. */
  readonly #suspects = new Map<string, Set<string>>();
  #minute = 0;

  /** @param now milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Asks Google, unless it is known not to know the purchase.
   * @throws what `ask` throws; NotFound and Malformed are remembered.
   * @throws TooManyRequests when the user has sent too many unknown tokens, until the minute is over.
   */
  async ask<T>(uid: string, receiptId: string, ask: () => Promise<T>): Promise<T> {
    const refusal = this.#refusals.get(receiptId);
    if (refusal !== undefined && refusal.untilMs > this.#now()) throw refusal.error;
    const suspects = this.#suspectsOf(uid, receiptId);
    suspects.add(receiptId);
    try {
      const found = await ask();
      suspects.delete(receiptId);
      return found;
    } catch (error) {
      if (!(error instanceof NotFound || error instanceof Malformed)) suspects.delete(receiptId);
      else remember(this.#refusals, receiptId, { error, untilMs: this.#now() + MINUTE_MS });
      throw error;
    }
  }

  #suspectsOf(uid: string, receiptId: string): Set<string> {
    const minute = Math.floor(this.#now() / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#suspects.clear();
    }
    const suspects = this.#suspects.get(uid) ?? new Set();
    if (suspects.size >= MOST_UNKNOWN && !suspects.has(receiptId)) {
      const resetAt = new Date((minute + 1) * MINUTE_MS);
      throw new TooManyRequests('Too many purchases that Google does not know.', resetAt);
    }
    remember(this.#suspects, uid, suspects);
    return suspects;
  }
}

/** Makes room for a new entry by forgetting the oldest one. */
function remember<Value>(entries: Map<string, Value>, key: string, value: Value): void {
  const [oldest] = entries.keys();
  const isFull = !entries.has(key) && entries.size >= MOST_REMEMBERED;
  if (isFull && oldest !== undefined) entries.delete(oldest);
  entries.set(key, value);
}
