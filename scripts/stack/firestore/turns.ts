/** Milliseconds a participant may keep its turns between two calls: longer, and its client died. */
const MAX_PAUSE = 1_000;
/** Milliseconds it may keep them while it waits for another: longer, and it may be a deadlock. */
const MAX_BLOCK = 50;

/**
 * Queues for named things. Turns only make conflicts rare. Whoever must have been alone has to
 * check, for participants that keep the others waiting too long are overtaken.
 */
export class Turns {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** A participant, as yet in no queue. */
  join(): Turn {
    return new Turn(this.#tails);
  }
}

/** One participant's places in the queues of {@link Turns}. */
export class Turn {
  readonly #tails: Map<string, Promise<unknown>>;
  readonly #places = new Map<string, () => void>();
  #limit: NodeJS.Timeout | undefined;

  constructor(tails: Map<string, Promise<unknown>>) {
    this.#tails = tails;
  }

  /** Waits for its turn in all queues named; leaves all and throws if the signal is aborted. */
  async take(keys: string[], signal: AbortSignal): Promise<void> {
    // In one order for all: calls do not wait for each other in a circle.
    for (const key of [...new Set(keys)].sort()) {
      if (this.#places.has(key)) continue;
      // Of two that wait for each other one should give in, not both.
      this.#leaveAfter(MAX_BLOCK * (1 + Math.random()));
      await this.#queue(key);
    }
    this.#leaveAfter(MAX_PAUSE);
    if (!signal.aborted) return;
    this.leave();
    signal.throwIfAborted();
  }

  /** Lets those next in line go ahead. */
  leave(): void {
    clearTimeout(this.#limit);
    for (const leave of this.#places.values()) leave();
    this.#places.clear();
  }

  #leaveAfter(milliseconds: number): void {
    clearTimeout(this.#limit);
    if (this.#places.size === 0) return;
    this.#limit = setTimeout(() => {
      this.leave();
    }, milliseconds).unref();
  }

  async #queue(key: string): Promise<void> {
    const before = this.#tails.get(key);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#tails.set(key, promise);
    // Resolved with the one before: leaving early does not let those behind overtake that one.
    this.#places.set(key, () => {
      resolve(before);
    });
    void promise.then(() => {
      if (this.#tails.get(key) === promise) this.#tails.delete(key);
    });
    await before;
  }
}
