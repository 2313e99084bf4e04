import type { Outcome } from '../retail/outcome';

/** Why a sweep ended early: every other push would end the same. */
export type StopReason = 'retail_down' | 'throttled' | 'misconfigured';

/** Users in a row for whom nothing went through, and pushes, before the API is taken for down. */
const FAULTY_USERS = 20;
const FAULTS = 100;

/**
 * Tells a fault of the Retail API from a fault of a row. An API that has answered anybody in this
 * sweep works, so a row that fails is to blame; one that answers nobody is down, and no row is.
 * Faults are counted by user: one user's rows say nothing about the others'.
 */
export class Breaker {
  readonly #faultyUsers = new Set<string>();
  #faults = 0;
  #hasAnswered = false;
  #stoppedBy: StopReason | undefined;

  get stoppedBy(): StopReason | undefined {
    return this.#stoppedBy;
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  note({ kind, status }: Pick<Outcome, 'kind' | 'status'>, uid: string): void {
    if (kind === 'throttled' || kind === 'misconfigured') {
      this.#stoppedBy = kind;
    } else if (kind === 'retryable') {
      this.#faultyUsers.add(uid);
      this.#faults += 1;
      if (this.#faultyUsers.size >= FAULTY_USERS || this.#faults >= FAULTS) this.stop();
    } else if (status !== null) {
      this.answered();
    }
  }

  /** Somebody got an answer: the API works. */
  answered(): void {
    this.#faultyUsers.clear();
    this.#faults = 0;
    this.#hasAnswered = true;
  }

  /** Nobody is answered. */
  stop(): void {
    this.#stoppedBy ??= 'retail_down';
  }
}
