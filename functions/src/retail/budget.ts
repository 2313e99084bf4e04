/** Pushes move money and go before questions, which only show it. */
export type Priority = 'push' | 'question';

/** Time, as the budget needs it. */
export interface Clock {
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

interface Waiter {
  readonly sendBy: Date;
  readonly resolve: (mayCall: boolean) => void;
}

/** Calls take unequal times on their way: at the exact pace some would come too early. */
const MARGIN = 1.02;
/** The longest pause that a 429 brings: then one call finds out whether the API listens again. */
const LONGEST_PAUSE_MS = 60_000;
/** A 429 without a time. */
const PAUSE_MS = 1_000;
/** The slowest pace after many 429s: a call every ten seconds. */
const SLOWEST_MS = 10_000;

/**
 * The calls that one process may make to the Retail API: evenly spaced, pushes first. A 429 widens
 * the space between calls by half and holds all of them back for a while. Each answer after that
 * takes a tenth of the space away again, down to the configured pace. It never stops for good.
 */
export class CallBudget {
  readonly #paceMs: number;
  readonly #clock: Clock;
  readonly #waiting: Readonly<Record<Priority, Set<Waiter>>> = {
    push: new Set(),
    question: new Set(),
  };
  #spaceMs: number;
  /** When the next call may be made, in ms since the epoch. */
  #freeAt = 0;
  #isPumping = false;

  constructor(callsPerSecond: number, clock: Clock) {
    this.#paceMs = (1000 / callsPerSecond) * MARGIN;
    this.#spaceMs = this.#paceMs;
    this.#clock = clock;
  }

  /**
   * Waits for a turn.
   * @param sendBy a call that cannot be made by then is not made.
   * @param signal ends the wait.
   * @returns whether the call may be made now.
   */
  async take(priority: Priority, sendBy: Date, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted === true || this.#freeAt > sendBy.getTime()) return false;
    const queue = this.#waiting[priority];
    return new Promise((resolve) => {
      const leave = () => {
        queue.delete(waiter);
        resolve(false);
      };
      const waiter: Waiter = {
        sendBy,
        resolve: (mayCall) => {
          signal?.removeEventListener('abort', leave);
          resolve(mayCall);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      queue.add(waiter);
      void this.#pump();
    });
  }

  /** When the next call may be made. */
  get freeAt(): Date {
    return new Date(this.#freeAt);
  }

  /** The API has answered 429. @param until when it listens again, if it said so. */
  throttle(until: Date | null): void {
    const now = this.#clock.now().getTime();
    const pauseMs = Math.min((until?.getTime() ?? now + PAUSE_MS) - now, LONGEST_PAUSE_MS);
    this.#spaceMs = Math.min(this.#spaceMs * 1.5, Math.max(SLOWEST_MS, this.#paceMs));
    this.#freeAt = Math.max(this.#freeAt, now + pauseMs);
  }

  /** The API has answered anything else. */
  recover(): void {
    this.#spaceMs = Math.max(this.#paceMs, this.#spaceMs * 0.9);
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      const now = this.#clock.now().getTime();
      if (this.#freeAt > now) {
        this.#dismissLate();
        await this.#clock.sleep(this.#freeAt - now);
        continue;
      }
      const [queue, waiter] = next;
      queue.delete(waiter);
      const isInTime = now <= waiter.sendBy.getTime();
      if (isInTime) this.#freeAt = now + this.#spaceMs;
      waiter.resolve(isInTime);
    }
    this.#isPumping = false;
  }

  #first(): [Set<Waiter>, Waiter] | undefined {
    for (const queue of [this.#waiting.push, this.#waiting.question]) {
      for (const waiter of queue) return [queue, waiter];
    }
    return undefined;
  }

  /** Lets those go whose time is over before the next call may be made. */
  #dismissLate(): void {
    for (const queue of Object.values(this.#waiting)) {
      for (const waiter of queue) {
        if (waiter.sendBy.getTime() >= this.#freeAt) continue;
        queue.delete(waiter);
        waiter.resolve(false);
      }
    }
  }
}
