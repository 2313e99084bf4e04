import { LONGEST_PAUSE_MS } from '../config/limits';
import type { DuePayment, SyncDecision } from '../ledger/due-payments';
import { backOffMs } from '../schedule/back-off';
import type { Outcome } from './outcome';

/**
 * What a push's outcome means for its row; undefined when it means nothing, because the fault is
 * not the row's: then the row stays due, and its back-off does not grow.
 * @param blameRow whether a push that failed for no stated reason is taken as the row's own fault.
 * @param random from 0 to 1, spreads the rows that failed together.
 */
export function decisionOf(
  outcome: Outcome,
  row: DuePayment,
  context: { blameRow: boolean; now: Date; random: number },
): SyncDecision | undefined {
  const pause = pauseOf(outcome, row.attempts, context);
  if (pause === 'done') return { synced: true };
  if (pause === 'keep') return undefined;
  const { kind, status, errorName } = outcome;
  return {
    synced: false,
    retryAt: pause === 'never' ? null : pause,
    fault: { outcome: kind, status, error_name: errorName },
  };
}

function pauseOf(
  { kind, retryAt }: Outcome,
  attempts: number,
  { blameRow, now, random }: { blameRow: boolean; now: Date; random: number },
): 'done' | 'keep' | 'never' | Date {
  const after = (ms: number) => new Date(now.getTime() + ms);
  switch (kind) {
    case 'applied':
    case 'duplicate':
      return 'done';
    case 'rejected':
      return 'never';
    case 'refused_funds':
    case 'on_hold':
      return after(LONGEST_PAUSE_MS * (0.8 + 0.2 * random));
    case 'retryable':
      return blameRow ? after(backOffMs(attempts, random)) : 'keep';
    case 'throttled':
      return retryAt ?? 'keep';
    case 'misconfigured':
      return 'keep';
  }
}
