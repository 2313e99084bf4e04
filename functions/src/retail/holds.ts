import { HOLD_KNOWN_MS } from '../config/limits';

/** More users than order within the time that an answer is kept. */
const MOST_USERS = 10_000;

interface Known {
  readonly answer: Promise<boolean>;
  /** In ms since the epoch. */
  readonly until: number;
}

/** What the Retail API has said last: whose accounts are on hold. Kept in memory for a short while. */
export class Holds {
  readonly #known = new Map<string, Known>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Keeps what an answer says besides. */
  note(uid: string, isOnHold: boolean): void {
    this.#keep(uid, Promise.resolve(isOnHold));
  }

  /**
   * Whether the account is on hold.
   * @param ask asks the Retail API; never rejects. Calls for one user at once share its answer.
   */
  isOnHold(uid: string, ask: () => Promise<boolean>): Promise<boolean> {
    const known = this.#known.get(uid);
    if (known !== undefined && known.until > this.#now().getTime()) return known.answer;
    const answer = ask();
    this.#keep(uid, answer);
    return answer;
  }

  #keep(uid: string, answer: Promise<boolean>): void {
    // A map keeps the order of its entries: the first one is the oldest.
    this.#known.delete(uid);
    this.#known.set(uid, { answer, until: this.#now().getTime() + HOLD_KNOWN_MS });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_USERS && oldest !== undefined) this.#known.delete(oldest);
  }
}
