import { SWEEP_LEASE_MS } from '../config/limits';
import type { DuePayment, DuePayments, SyncDecision } from '../ledger/due-payments';
import { log } from '../log';
import { decisionOf } from '../retail/decision';
import { isRefusal, logOutcome, type Outcome } from '../retail/outcome';
import type { PushDeps } from '../retail/push';
import { backOffMs } from '../schedule/back-off';
import { forEachByKey } from '../schedule/by-key';
import { Breaker, type StopReason } from './breaker';

/** Counts what a sweep has done, and decides whether it goes on. */
export class Run {
  readonly #deps: PushDeps;
  readonly #until: Date;
  readonly #breaker = new Breaker();
  /** Users whose push failed in this sweep. Their other rows wait. */
  readonly #failedUsers = new Set<string>();
  #question: Promise<void> | undefined;
  #synced = 0;
  #failed = 0;

  constructor(deps: PushDeps, until: Date) {
    this.#deps = deps;
    this.#until = until;
  }

  get mayGoOn(): boolean {
    return this.#breaker.stoppedBy === undefined && this.#deps.now() < this.#until;
  }

  get result(): { synced: number; failed: number; stoppedBy: StopReason | undefined } {
    const inTime = this.#deps.now() < this.#until;
    const stoppedBy = this.#breaker.stoppedBy ?? (inTime ? undefined : 'time');
    return { synced: this.#synced, failed: this.#failed, stoppedBy };
  }

  /**
   * Pushes a few rows one by one. When none is answered, either these rows always fail or the Retail
   * API is down: one question of another kind tells which.
   */
  async probe(rows: readonly DuePayment[]): Promise<void> {
    await this.push(rows, 1);
    const [failed] = this.#failedUsers;
    if (failed === undefined || !this.mayGoOn || this.#breaker.hasAnswered) return;
    await this.#askWhetherUp(failed);
  }

  /**
   * Claims the rows, pushes them, and writes the decisions down. A claimed row that was not pushed is
   * given back.
   * @returns how many rows could be claimed.
   */
  async push(rows: readonly DuePayment[], concurrency: number): Promise<number> {
    if (rows.length === 0) return 0;
    const { payments, retail, now } = this.#deps;
    const claimed = await payments.claim(rows, new Date(now().getTime() + SWEEP_LEASE_MS));
    const outcomes = new Map<DuePayment, Outcome>();
    await forEachByKey(claimed, { key: ({ uid }) => uid, concurrency }, async (row) => {
      if (!this.mayGoOn || this.#failedUsers.has(row.uid)) return;
      const outcome = await retail.push(row, { sendBy: this.#until });
      outcomes.set(row, outcome);
      this.#breaker.note(outcome, row.uid);
      if (hasFailed(outcome)) this.#failedUsers.add(row.uid);
      if (this.#breaker.suspectsOutage) await this.#askWhetherUp(row.uid);
    });
    const decided = claimed.map((row) => ({ row, decision: this.#decide(row, outcomes.get(row)) }));
    const synced = decided.filter(({ decision }) => decision.kind === 'synced').length;
    this.#synced += synced;
    this.#failed += outcomes.size - synced;
    await writeDown(payments, decided, now());
    return claimed.length;
  }

  /** Asks once for all pushes under way. */
  async #askWhetherUp(uid: string): Promise<void> {
    this.#question ??= this.#deps.retail.isUp(uid).then((isUp) => {
      if (isUp) this.#breaker.cleared();
      else this.#breaker.stop('retail_down');
      this.#question = undefined;
    });
    await this.#question;
  }

  #decide(row: DuePayment, outcome: Outcome | undefined): SyncDecision {
    const now = this.#deps.now();
    const random = this.#deps.random();
    const { stoppedBy, hasAnswered } = this.#breaker;
    if (outcome === undefined) {
      const waits = this.#failedUsers.has(row.uid) && stoppedBy === undefined;
      const pauseMs = waits ? backOffMs(row.attempts, random) : 0;
      return { kind: 'kept', dueAt: new Date(now.getTime() + pauseMs), wasPushed: false };
    }
    const isApisFault =
      stoppedBy === 'retail_down' ||
      stoppedBy === 'failing' ||
      (stoppedBy === 'refusing' && isRefusal(outcome));
    const blameRow = hasAnswered && !isApisFault;
    if (blameRow || !isRefusal(outcome)) logOutcome(row, outcome);
    else log.warn('a refusal that many users met is repeated', { payment_id: row.paymentId });
    const decision = decisionOf(outcome, row.attempts, { blameRow, now, random });
    return decision.kind === 'kept' ? { dueAt: now, ...decision } : decision;
  }
}

function hasFailed({ kind }: Outcome): boolean {
  return kind === 'retryable' || kind === 'ambiguous';
}

/** Tries once more when Firestore did not answer: a decision that was written is not written again. */
async function writeDown(
  payments: DuePayments,
  decided: readonly { row: DuePayment; decision: SyncDecision }[],
  now: Date,
): Promise<void> {
  await payments.decide(decided, now).catch(() => payments.decide(decided, now));
}
