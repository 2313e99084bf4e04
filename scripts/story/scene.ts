import type { StackClient, User } from '../stack/client.ts';

/** One scene: what happens, and what must have come of it. */
export interface Scene {
  readonly title: string;
  /** The rows it makes, in any order, as `kind cents`. */
  readonly rows: readonly `${string} ${number}`[];
  /** USD cents by which the balance moves. */
  readonly balanceChange: number;
  /** Rows of the user that wait for their push when it is over. */
  readonly waiting?: number;
  /** @throws when something on the way came out otherwise than told. */
  play(client: StackClient, user: User): Promise<void>;
}

/** What came of a scene. */
export interface Told {
  readonly title: string;
  readonly rows: readonly string[];
  readonly waiting: number;
  readonly balanceCents: number;
  /** Why it did not come out as told. */
  readonly fault: string | undefined;
}
