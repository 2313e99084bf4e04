import { isRefusal, type Outcome } from '../retail/outcome';

/** Why a sweep ended early: every other push would end the same. */
export type StopReason =
  | 'retail_down'
  /** It answers, and every push comes to nothing. */
  | 'failing'
  /** It refuses everybody alike. */
  | 'refusing'
  | 'throttled'
  | 'misconfigured'
  | 'time';

/** Users in a row for whom nothing went through, and pushes, before the API is suspected. */
const FAULTY_USERS = 20;
const FAULTS = 100;
/** Users who are refused alike before the API is taken for the cause: none served, or some. */
const REFUSED_USERS = { noneServed: 5, someServed: 20 };

/**
 * Tells a fault of the Retail API from a fault of a row. An API that has answered anybody in this
 * sweep works, so a row that fails is to blame; one that answers nobody is down, and no row is. The
 * same refusal to more users than were served is the API's fault too. Faults are counted by user:
 * one user's rows say nothing about the others'.
 */
export class Breaker {
  readonly #faultyUsers = new Set<string>();
  readonly #served = new Set<string>();
  readonly #refused = new Map<string, Set<string>>();
  #faults = 0;
  #suspicions = 0;
  #hasAnswered = false;
  #wasThrottled = false;
  #stoppedBy: StopReason | undefined;

  get stoppedBy(): StopReason | undefined {
    return this.#stoppedBy;
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** So many pushes came to nothing that the API must be asked whether it works at all. */
  get suspectsOutage(): boolean {
    return this.#faultyUsers.size >= FAULTY_USERS || this.#faults >= FAULTS;
  }

  note(outcome: Pick<Outcome, 'kind' | 'status' | 'errorName'>, uid: string): void {
    const { kind } = outcome;
    if (kind === 'misconfigured') {
      this.stop(kind);
    } else if (kind === 'throttled') {
      this.#wasThrottled = true;
    } else if (kind === 'unsent') {
      this.stop(this.#wasThrottled ? 'throttled' : 'time');
    } else if (kind === 'retryable' || kind === 'ambiguous') {
      this.#faultyUsers.add(uid);
      this.#faults += 1;
    } else if (kind === 'applied' || kind === 'duplicate') {
      this.#served.add(uid);
      this.answered();
    } else if (isRefusal(outcome)) {
      this.#noteRefusal(`${kind} ${outcome.status} ${outcome.errorName}`, uid);
    }
  }

  /** Somebody got an answer: the API works. */
  answered(): void {
    this.#faultyUsers.clear();
    this.#faults = 0;
    this.#suspicions = 0;
    this.#hasAnswered = true;
  }

  /**
   * The API works, though many pushes came to nothing. Where that is found twice and nobody was
   * served in between, its transactions do not work.
   */
  cleared(): void {
    const suspicions = this.#suspicions + 1;
    this.answered();
    this.#suspicions = suspicions;
    if (suspicions > 1) this.stop('failing');
  }

  stop(reason: StopReason): void {
    this.#stoppedBy ??= reason;
  }

  #noteRefusal(reason: string, uid: string): void {
    const users = this.#refused.get(reason) ?? new Set();
    this.#refused.set(reason, users.add(uid));
    const served = this.#served.size;
    const most = served === 0 ? REFUSED_USERS.noneServed : REFUSED_USERS.someServed;
    if (users.size >= most && users.size > served) this.stop('refusing');
    else this.answered();
  }
}
