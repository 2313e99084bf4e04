import { LONGEST_PAUSE_MS } from '../config/limits';
import type { SyncDecision } from '../ledger/due-payments';
import { backOffMs } from '../schedule/back-off';
import type { Outcome } from './outcome';

/**
 * What a push's outcome means for its row. A fault that is not the row's leaves it due, and its
 * back-off does not grow.
 * @param attempts how often the row had failed before.
 * @param blameRow whether the Retail API is known to work, so that a failure is the row's own.
 * @param random from 0 to 1, spreads the rows that failed together.
 */
export function decisionOf(
  outcome: Outcome,
  attempts: number,
  { blameRow, now, random }: { blameRow: boolean; now: Date; random: number },
): SyncDecision {
  const { kind, status, errorName, retryAt } = outcome;
  const fault = { outcome: kind, status, error_name: errorName };
  const mayBeApplied = kind === 'retryable';
  const failed = (retryAt: Date | null): SyncDecision => {
    return { kind: 'failed', retryAt, fault, mayBeApplied };
  };
  const after = (ms: number) => new Date(now.getTime() + ms);
  switch (kind) {
    case 'applied':
    case 'duplicate':
      return { kind: 'synced', as: kind };
    case 'malformed':
    case 'other_mode':
      return failed(null);
    case 'rejected':
      return blameRow ? failed(null) : { kind: 'kept' };
    case 'refused_funds':
    case 'on_hold':
      if (!blameRow) return { kind: 'kept' };
      return failed(after(LONGEST_PAUSE_MS * (0.8 + 0.2 * random)));
    case 'ambiguous':
    case 'retryable':
      if (!blameRow) return { kind: 'kept', mayBeApplied };
      return failed(after(backOffMs(attempts, random)));
    case 'throttled':
      return retryAt === null ? { kind: 'kept' } : { kind: 'kept', dueAt: retryAt };
    case 'unsent':
    case 'misconfigured':
      return { kind: 'kept' };
  }
}
