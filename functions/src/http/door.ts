import { DOOR_WINDOW_MS } from '../config/limits';

/** So many refusals are no stranger's single try. */
const MOST_REFUSALS = 10;

/**
 * Tells a webhook that only refuses, because a setting is wrong, from one that strangers try now and
 * then. Each instance of the function counts for itself.
 */
export class Door {
  readonly #now: () => Date;
  /** The times of the last refusals, in ms, `MOST_REFUSALS` at the most. */
  #refusals: number[] = [];
  #provenAt = Number.NEGATIVE_INFINITY;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** An event was proven to come from the gateway. */
  open(): void {
    this.#provenAt = this.#now().getTime();
    this.#refusals = [];
  }

  /**
   * A request was refused.
   * @returns whether a person must be told: ten were refused within the window, none was proven in it,
   *   and it was not told in this window before.
   */
  refuse(): boolean {
    const now = this.#now().getTime();
    this.#refusals = [...this.#refusals, now].slice(-MOST_REFUSALS);
    const [first = now] = this.#refusals;
    const isWithin = (time: number) => now - time < DOOR_WINDOW_MS;
    if (this.#refusals.length < MOST_REFUSALS || !isWithin(first)) return false;
    if (isWithin(this.#provenAt) || isWithin(this.#toldAt)) return false;
    this.#toldAt = now;
    return true;
  }
}
