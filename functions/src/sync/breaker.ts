import { isRefusal, type Outcome } from '../retail/outcome';

/** Why a sweep ended early: every other push would have the same result. */
export type StopReason =
  | 'retail_down'
  /** The API answers, but every push fails. */
  | 'failing'
  /** The API refuses many users alike. */
  | 'refusing'
  | 'throttled'
  | 'misconfigured'
  | 'time';

/** After so many users, or pushes, that failed in a row, the API is suspected to be down. */
const FAULTY_USERS = 20;
const FAULTS = 100;
/** After so many users who are refused alike, the API is the cause: when none was served, or some. */
const REFUSED_USERS = { noneServed: 5, someServed: 20 };

/**
 * Tells a fault of the Retail API from a fault of a row. When the API has answered in this sweep, it
 * works, and a row that fails is to blame. When it answers no user, it is down, and no row is to
 * blame. When it refuses more users alike than it serves, the fault is its own, too. Faults are
 * counted by user: one user's rows say nothing about the others'.
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

  /** Whether so many pushes failed that one question must tell whether the API works. */
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

  /** A push was answered: the API works. */
  answered(): void {
    this.#faultyUsers.clear();
    this.#faults = 0;
    this.#suspicions = 0;
    this.#hasAnswered = true;
  }

  /**
   * The API works, though many pushes failed. When that happens twice and no user was served in
   * between, its transactions do not work.
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
