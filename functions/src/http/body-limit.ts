import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** No gateway and no app sends more. */
export const MAX_BODY_BYTES = 1_000_000;

/**
 * Guards every request of the process before the functions framework reads its body: left alone,
 * the framework inflates and parses up to a gigabyte of JSON before a handler runs, for anyone.
 * Over the limit is 413, counted while it arrives when no length is announced; a compressed body
 * is 415, for its size is not known. What passes is marked as plain bytes, so that the framework
 * hands it over unparsed and our own code answers for what it holds.
 */
export function limitBodies(maxBytes: number = MAX_BODY_BYTES): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as Exchange;
    guard(request, response, maxBytes);
  });
}

/** The documented message of Node's channel `http.server.request.start`. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function guard(request: IncomingMessage, response: ServerResponse, maxBytes: number): void {
  const { headers } = request;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    refuse(response, 415, 'UnsupportedMediaTypeException');
  } else if (Number(headers['content-length'] ?? 0) > maxBytes) {
    refuse(response, 413, 'PayloadTooLargeException');
  } else {
    headers['content-type'] = 'application/octet-stream';
    if (headers['content-length'] === undefined) countBytes(request, response, maxBytes);
  }
}

/** Watches the bytes on their way into the stream; a listener for `data` would start the flow. */
function countBytes(request: IncomingMessage, response: ServerResponse, maxBytes: number): void {
  const push = request.push.bind(request);
  let bytes = 0;
  request.push = (chunk: Buffer | null, ...rest) => {
    bytes += chunk?.length ?? 0;
    if (bytes <= maxBytes) return push(chunk, ...rest);
    refuse(response, 413, 'PayloadTooLargeException');
    return true;
  };
}

/**
 * Answers and leaves the closing to the server: to destroy the request as well makes a proxy in
 * front report a failure of ours.
 */
function refuse(response: ServerResponse, status: number, errorName: string): void {
  if (response.headersSent) return;
  const body = JSON.stringify({ errorName, errorMessage: 'The body is refused.' });
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(body);
}
