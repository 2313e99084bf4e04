import type { DuePayment, DuePayments, SyncDecision } from '../ledger/due-payments';
import { Breaker, type StopReason } from './breaker';
import { decisionOf } from './decision';
import { logOutcome, type Outcome } from './outcome';
import { forEachByUser } from './pool';
import type { RetailApi } from './retail-api';

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

/** Rows read to choose the probes from, and the probes: all that a sweep costs during an outage. */
const PROBE_PAGE = 25;
const PROBES = 5;
const PAGE = 300;
/** Longer than a page takes, shorter than the pause between two sweeps. */
const LEASE_MS = 4 * 60_000;

/**
 * Pushes every row that is due until none is left, the time is up or the Retail API is found not
 * to work. A few rows go first, one by one, to find that out; then whole pages.
 * @param until no further push starts after it.
 */
export async function sweep(parts: SweepParts, until: Date): Promise<SweepResult> {
  const run = new Run(parts, until);
  const oldest = await parts.payments.page(parts.now(), PROBE_PAGE);
  await run.push(probesOf(oldest, parts.random), 1);
  while (run.mayGoOn) {
    const page = await parts.payments.page(parts.now(), PAGE);
    if (page.length === 0) break;
    await run.push(page, parts.retail.concurrency);
  }
  const ages = oldest.map((row) => parts.now().getTime() - row.createdAt.getTime());
  return { ...run.result, oldestS: Math.round(Math.max(0, ...ages) / 1000) };
}

/** The rows that failed least go first, so that a row that always fails proves nothing. */
function probesOf(rows: readonly DuePayment[], random: () => number): DuePayment[] {
  const drawn = rows.map((row) => ({ row, order: row.attempts + random() }));
  return drawn
    .sort((a, b) => a.order - b.order)
    .slice(0, PROBES)
    .map(({ row }) => row);
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

  /** Claims the rows, pushes them, and writes down what was decided. */
  async push(rows: readonly DuePayment[], concurrency: number): Promise<void> {
    if (rows.length === 0) return;
    const { payments, retail, now } = this.#parts;
    const claimed = await payments.claim(rows, new Date(now().getTime() + LEASE_MS));
    const pushed: { row: DuePayment; outcome: Outcome }[] = [];
    await forEachByUser(claimed, concurrency, async (row) => {
      if (!this.mayGoOn) return;
      const outcome = await retail.push(row);
      this.#breaker.note(outcome.kind);
      pushed.push({ row, outcome });
    });
    const decided = pushed.flatMap(({ row, outcome }) => {
      const decision = this.#decide(row, outcome);
      return decision === undefined ? [] : [{ row, decision }];
    });
    this.#synced += decided.filter(({ decision }) => decision.synced).length;
    this.#failed += pushed.length - decided.filter(({ decision }) => decision.synced).length;
    await payments.decide(decided, now());
  }

  #decide(row: DuePayment, outcome: Outcome): SyncDecision | undefined {
    const { now, random } = this.#parts;
    const blameRow = this.#breaker.provesRetailWorks;
    const decision = decisionOf(outcome, row, { blameRow, now: now(), random: random() });
    logOutcome(row, outcome);
    return decision;
  }
}
