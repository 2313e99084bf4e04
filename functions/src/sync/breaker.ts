import type { OutcomeKind } from './outcome';

/** Why a sweep ended early: every other push would end the same. */
export type StopReason = 'retail_down' | 'throttled' | 'misconfigured';

/** Failures in a row before the API has answered once, and after. */
const FAULTS_AT_START = 5;
const FAULTS_LATER = 20;

/**
 * Tells a fault of the Retail API from a fault of a row. An API that has just answered others
 * works, so a row that fails is to blame; one that answers nobody is down, and no row is.
 */
export class Breaker {
  #faults = 0;
  #answered = false;
  #stoppedBy: StopReason | undefined;

  get stoppedBy(): StopReason | undefined {
    return this.#stoppedBy;
  }

  get provesRetailWorks(): boolean {
    return this.#answered && this.#stoppedBy !== 'retail_down';
  }

  note(kind: OutcomeKind): void {
    if (kind === 'throttled' || kind === 'misconfigured') {
      this.#stoppedBy = kind;
    } else if (kind === 'retryable') {
      this.#faults += 1;
      if (this.#faults >= (this.#answered ? FAULTS_LATER : FAULTS_AT_START)) {
        this.#stoppedBy ??= 'retail_down';
      }
    } else {
      this.#faults = 0;
      this.#answered = true;
    }
  }
}
