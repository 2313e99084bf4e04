import { leaveDomain } from '../domain';
import { log } from '../log';

/** So many runs that fail one after another are no passing fault. */
const STUCK_RUNS = 3;

/**
 * Wraps the work of a scheduled function. A failure is logged by our own rules and thrown on for the
 * platform to count. The new error has no cause, because the library logs the message of any error
 * that reaches it. Each instance counts for itself the runs that fail.
 * @param name the deployed name, for the log.
 */
export function scheduled(name: string, run: () => Promise<void>): () => Promise<void> {
  let failedRuns = 0;
  return async () => {
    leaveDomain();
    await run().catch((error: unknown) => {
      log.failure(error, { function: name });
      failedRuns += 1;
      if (failedRuns === STUCK_RUNS) tellStuck(name);
      throw new Error('the run has failed');
    });
    failedRuns = 0;
    // Counted by monitoring: a run that is missing is found by it.
    log.info('the run is complete', { function: name });
  };
}

function tellStuck(name: string): void {
  log.alert('a schedule is stuck: three runs in a row have failed', {
    function: name,
    next_step: 'The lines of the same function before this one say why each run has failed.',
  });
}
