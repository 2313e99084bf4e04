import type { Decided, DuePayment, DuePayments } from '../ledger/due-payments';
import type { RecordedRow } from '../ledger/ledger';
import { log } from '../log';
import { decisionOf } from './decision';
import { logOutcome } from './outcome';
import { forEachByKey } from '../schedule/by-key';
import type { RetailApi } from './retail-api';

/** What Firestore is given to write an outcome down when the budget is used up. */
const LEAST_MS = 500;

/**
 * Pushes rows that were just written, while somebody waits. Never throws: a row that was not
 * pushed, or whose outcome could not be written down, is due soon and the schedule pushes it.
 * @param budgetMs for all of them together; a row that is not through by then stays due.
 */
export async function pushNow(
  rows: readonly RecordedRow[],
  parts: { payments: DuePayments; retail: RetailApi; now: () => Date; random: () => number },
  budgetMs: number,
): Promise<void> {
  const { payments, retail, now, random } = parts;
  const signal = AbortSignal.timeout(budgetMs);
  const decided: Decided[] = [];
  const startedMs = performance.now();
  const byUser = { key: ({ uid }: RecordedRow) => uid, concurrency: rows.length };
  await forEachByKey(rows, byUser, async (recorded) => {
    const row: DuePayment = { ...recorded, attempts: 0, createdAt: now() };
    const outcome = await retail.push(row, signal);
    logOutcome(row, outcome);
    const context = { blameRow: false, now: now(), random: random() };
    const decision = decisionOf(outcome, row, context);
    if (decision !== undefined) decided.push({ row, decision });
  });
  if (decided.length === 0) return;
  const leftMs = Math.max(budgetMs - (performance.now() - startedMs), LEAST_MS);
  await payments.decide(decided, now(), leftMs).catch((error: unknown) => {
    log.failure(error);
  });
}
