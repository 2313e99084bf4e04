import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MethodNotAllowed, NotFound, PaymentsError, TooManyRequests } from '../errors';

/** Answers with JSON that no cache may keep, because it is about money. */
export function respondJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}

/**
 * Answers with public JSON; with 304 when the caller has it already (RFC 9110, 13.1.2).
 * @param freshS how long a cache may use its copy without asking again, in seconds.
 */
export function respondCacheable(
  request: IncomingMessage,
  response: ServerResponse,
  body: object,
  freshS: number,
): void {
  const text = JSON.stringify(body);
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  response.setHeader('etag', etag);
  response.setHeader('cache-control', `public, max-age=${freshS}`);
  const known = (request.headers['if-none-match'] ?? '').split(/\s*,\s*/);
  if (known.some((one) => one === '*' || one.replace(/^W\//, '') === etag)) {
    response.writeHead(304);
    response.end();
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.end(text);
}

/**
 * Answers a failure in the words of the client protocol. For a failure of our own (5xx) the caller
 * learns that there is one, and nothing about its cause.
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
  // One message for both cases, so that a caller cannot find out which ids of others exist.
  const errorMessage = error instanceof NotFound ? 'There is no such thing.' : error.message;
  respondJson(response, status, { errorName, errorMessage });
}
