import { log } from '../log';

/**
 * What a scheduled function runs. A failure is logged in our own words and thrown on, without its
 * own, for the platform to count: the library logs the message of whatever reaches it.
 * @param name as it is deployed, for the log.
 */
export function scheduled(name: string, run: () => Promise<void>): () => Promise<void> {
  return () =>
    run().catch((error: unknown) => {
      log.failure(error, { function: name });
      throw new Error('the run has failed');
    });
}
