import { log } from '../log';

/**
 * Wraps the work of a scheduled function. A failure is logged by our own rules and thrown on for the
 * platform to count. The new error has no cause, because the library logs the message of any error
 * that reaches it.
 * @param name the deployed name, for the log.
 */
export function scheduled(name: string, run: () => Promise<void>): () => Promise<void> {
  return () =>
    run().catch((error: unknown) => {
      log.failure(error, { function: name });
      throw new Error('the run has failed');
    });
}
