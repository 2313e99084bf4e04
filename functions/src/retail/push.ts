import type { Decided, DuePayment, DuePayments } from '../ledger/due-payments';
import type { RecordedRow } from '../ledger/ledger';
import { log } from '../log';
import { forEachByKey } from '../schedule/by-key';
import { decisionOf } from './decision';
import { isRefusal, logOutcome } from './outcome';
import type { RetailApi } from './retail-api';

/** What Firestore is given to write an outcome down when the budget is used up. */
const LEAST_MS = 500;

export interface PushDeps {
  readonly payments: DuePayments;
  readonly retail: RetailApi;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
}

/**
 * Pushes rows that were just written, while somebody waits. Never throws: a row that was not
 * pushed, was refused, or whose outcome could not be written down, is due soon. The schedule pushes
 * it then, and knows from the other rows whether the row or the Retail API is at fault.
 * @param budgetMs for all of them together; a row that is not through by then stays due.
 */
export async function pushNow(
  rows: readonly RecordedRow[],
  deps: PushDeps,
  budgetMs: number,
): Promise<void> {
  const { payments, retail, now, random } = deps;
  const turn = {
    signal: AbortSignal.timeout(budgetMs),
    sendBy: new Date(now().getTime() + budgetMs),
  };
  const decided: Decided[] = [];
  const startedMs = performance.now();
  await forEachByKey(
    rows,
    { key: ({ uid }) => uid, concurrency: rows.length },
    async (recorded) => {
      const row: DuePayment = {
        mayBeApplied: false,
        ...recorded,
        attempts: 0,
        tries: 0,
        createdAt: now(),
      };
      const outcome = await retail.push(row, turn);
      if (isRefusal(outcome)) {
        log.warn('the Retail API refused a transaction, which is repeated once by the schedule', {
          payment_id: row.paymentId,
          ...(outcome.status !== null && { status: outcome.status }),
        });
      } else logOutcome(row, outcome);
      const decision = decisionOf(outcome, 0, { blameRow: false, now: now(), random: random() });
      if (decision.kind !== 'kept' || decision.mayBeApplied) decided.push({ row, decision });
    },
  );
  if (decided.length === 0) return;
  const leftMs = Math.max(budgetMs - (performance.now() - startedMs), LEAST_MS);
  await payments.decide(decided, now(), leftMs).catch((error: unknown) => {
    log.failure(error);
  });
}
