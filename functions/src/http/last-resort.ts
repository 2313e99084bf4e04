import type { ServerResponse } from 'node:http';
import { Unavailable } from '../errors';
import { log } from '../log';
import { respondError } from './respond';

/** Requests that have no answer yet. */
const unanswered = new Set<ServerResponse>();

/**
 * Runs the handler of a request; until it is done, the request is answered should all else fail. A
 * handler whose client has broken off may wait for ever, and needs no answer.
 */
export async function untilDone(response: ServerResponse, run: () => Promise<void>): Promise<void> {
  unanswered.add(response);
  response.once('close', () => unanswered.delete(response));
  try {
    await run();
  } finally {
    unanswered.delete(response);
  }
}

/**
 * Takes the errors that no handler can catch: of a timer, of an event emitter, of a promise that is
 * not awaited. Which request one belongs to cannot be told, and what it has left undone neither. So
 * each request that is open is answered 503, for its caller to repeat, and the process ends. The
 * platform starts another one.
 */
export function endOnStrayErrors(): void {
  process.once('uncaughtException', end);
  process.once('unhandledRejection', end);
}

/** The framework's own listener comes later, and would print the message, which may hold a secret. */
function end(error: unknown): void {
  log.failure(error);
  const cause = new Unavailable('The process has ended on an error that no handler caught.');
  for (const response of unanswered) respondError(response, cause);
  process.exit(1);
}
