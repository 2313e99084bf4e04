import type { DuePayment, DuePayments, SyncDecision } from '../ledger/due-payments';
import { Breaker, type StopReason } from './breaker';
import { decisionOf } from '../retail/decision';
import { logOutcome, type Outcome } from '../retail/outcome';
import { forEachByKey } from '../schedule/by-key';
import type { RetailApi } from '../retail/retail-api';

export interface SweepParts {
  readonly payments: DuePayments;
  readonly retail: RetailApi;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface SweepResult {
  readonly synced: number;
  readonly failed: number;
  /** Age of the oldest row that was due, in seconds. */
  readonly oldestS: number;
  readonly stoppedBy: StopReason | 'time' | undefined;
}

/** Rows read from either end to choose the probes from: with those, all an outage costs. */
const PROBE_PAGE = 25;
const LATE_PROBES = 2;
const PROBES = 5;
const PAGE = 300;
/** Shorter than the pause between two sweeps. A page that takes longer repeats calls, no credit. */
const LEASE_MS = 4 * 60_000;

/**
 * Pushes every row that is due until none is left, the time is up or the Retail API is found not
 * to work. A few rows go first, one by one, to find that out; then whole pages.
 * @param until no further push starts after it.
 */
export async function sweep(parts: SweepParts, until: Date): Promise<SweepResult> {
  const { payments, now } = parts;
  const run = new Run(parts, until);
  const oldest = await payments.page(now(), PROBE_PAGE);
  const latest = oldest.length < PROBE_PAGE ? [] : await payments.latest(now(), PROBE_PAGE);
  await run.probe(probesOf(oldest, latest, parts.random));
  while (run.mayGoOn) {
    const page = leastFailedFirst(await payments.page(now(), PAGE), parts.random);
    if (page.length === 0 || (await run.push(page, parts.retail.concurrency)) === 0) break;
  }
  const ages = oldest.map((row) => now().getTime() - row.createdAt.getTime());
  return { ...run.result, oldestS: Math.round(Math.max(0, ...ages) / 1000) };
}

/** Rows that always fail gather at one end of the queue, and must not pass for an API that is down. */
function leastFailedFirst(rows: readonly DuePayment[], random: () => number): DuePayment[] {
  return rows
    .map((row) => ({ row, order: row.attempts + random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ row }) => row);
}

/** Rows of different users, from both ends of the queue. */
function probesOf(
  oldest: readonly DuePayment[],
  latest: readonly DuePayment[],
  random: () => number,
): DuePayment[] {
  const late = leastFailedFirst(latest, random).slice(0, LATE_PROBES);
  const queue = [...late, ...leastFailedFirst([...oldest, ...latest], random)];
  const users = new Set<string>();
  const ofNewUser = ({ uid }: DuePayment) => !users.has(uid) && users.add(uid).has(uid);
  return queue.filter(ofNewUser).slice(0, PROBES);
}

class Run {
  readonly #parts: SweepParts;
  readonly #until: Date;
  readonly #breaker = new Breaker();
  #synced = 0;
  #failed = 0;

  constructor(parts: SweepParts, until: Date) {
    this.#parts = parts;
    this.#until = until;
  }

  get mayGoOn(): boolean {
    return this.#breaker.stoppedBy === undefined && this.#parts.now() < this.#until;
  }

  get result(): Omit<SweepResult, 'oldestS'> {
    const inTime = this.#parts.now() < this.#until;
    const stoppedBy = this.#breaker.stoppedBy ?? (inTime ? undefined : 'time');
    return { synced: this.#synced, failed: this.#failed, stoppedBy };
  }

  /**
   * Pushes a few rows one by one. When none is answered, either these always fail or the Retail
   * API is down: it is asked once more, about something else.
   */
  async probe(rows: readonly DuePayment[]): Promise<void> {
    const claimed = await this.push(rows, 1);
    const [row] = rows;
    if (claimed === 0 || row === undefined || !this.mayGoOn || this.#breaker.hasAnswered) return;
    if (await this.#parts.retail.isUp(row.uid)) this.#breaker.answered();
    else this.#breaker.stop();
  }

  /**
   * Claims the rows, pushes them, and writes down what was decided. Returns how many could be
   * claimed.
   */
  async push(rows: readonly DuePayment[], concurrency: number): Promise<number> {
    if (rows.length === 0) return 0;
    const { payments, retail, now } = this.#parts;
    const claimed = await payments.claim(rows, new Date(now().getTime() + LEASE_MS));
    const pushed: { row: DuePayment; outcome: Outcome }[] = [];
    await forEachByKey(claimed, { key: ({ uid }) => uid, concurrency }, async (row) => {
      if (!this.mayGoOn) return;
      const outcome = await retail.push(row);
      this.#breaker.note(outcome, row.uid);
      pushed.push({ row, outcome });
    });
    const decided = pushed.flatMap(({ row, outcome }) => {
      const decision = this.#decide(row, outcome);
      return decision === undefined ? [] : [{ row, decision }];
    });
    this.#synced += decided.filter(({ decision }) => decision.synced).length;
    this.#failed += pushed.length - decided.filter(({ decision }) => decision.synced).length;
    await payments.decide(decided, now());
    return claimed.length;
  }

  #decide(row: DuePayment, outcome: Outcome): SyncDecision | undefined {
    const { now, random } = this.#parts;
    const blameRow = this.#breaker.hasAnswered;
    const decision = decisionOf(outcome, row, { blameRow, now: now(), random: random() });
    logOutcome(row, outcome);
    return decision;
  }
}
