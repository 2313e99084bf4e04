import type { ServerResponse } from 'node:http';
import { MethodNotAllowed, NotFound, PaymentsError, TooManyRequests } from '../errors';

/** Answers with JSON; nobody keeps a copy of what is about money. */
export function respondJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}

/**
 * Answers a failure in the words of the client protocol. What is our own trouble stays ours: the
 * caller learns that there is some, not which.
 */
export function respondError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return;
  if (!(error instanceof PaymentsError) || error.status >= 500) {
    const status = error instanceof PaymentsError ? error.status : 500;
    const errorName =
      error instanceof PaymentsError ? error.errorName : 'InternalServerErrorException';
    const errorMessage = status === 503 ? 'Try again later.' : 'Something went wrong.';
    respondJson(response, status, { errorName, errorMessage });
    return;
  }
  if (error instanceof MethodNotAllowed) response.setHeader('allow', error.allow);
  if (error instanceof TooManyRequests) {
    const seconds = Math.ceil(error.resetAt.getTime() / 1000);
    response.setHeader('x-ratelimit-reset', String(seconds));
  }
  const { status, errorName } = error;
  // What is not there and what is somebody else's: nobody learns which of the two it is.
  const errorMessage = error instanceof NotFound ? 'There is no such thing.' : error.message;
  respondJson(response, status, { errorName, errorMessage });
}
