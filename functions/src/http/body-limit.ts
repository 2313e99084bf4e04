import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { PayloadTooLarge, UnsupportedEncoding, type PaymentsError } from '../errors';
import { mendRequest } from './broken-requests';

/** No gateway and no app sends more. */
const MAX_BODY_BYTES = 1_000_000;

/** Marks a request whose body was dropped. The mark is on the request, so every reader sees it. */
const refusal = Symbol.for('payments.refusal');

type Guarded = IncomingMessage & { [refusal]?: 'length' | 'encoding' };

/**
 * Guards every request of the process before the functions framework reads its body. The framework
 * alone would inflate and parse up to a gigabyte of JSON of any caller before a handler runs. A body
 * over the limit is dropped as it arrives; without a `content-length` the bytes are counted. A
 * compressed body is dropped too, because its size is unknown. A body that passes is marked as plain
 * bytes: the framework hands it over unparsed, and our own code parses it.
 */
export function limitBodies(maxBytes: number = MAX_BODY_BYTES): void {
  // The documented message of Node's channel.
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: Guarded };
    mendRequest(request);
    guard(request, maxBytes);
  });
}

/** @throws PayloadTooLarge, or UnsupportedEncoding, when the request's body was dropped. */
export function checkBody(request: IncomingMessage): void {
  const why = (request as Guarded)[refusal];
  if (why !== undefined) throw refusals[why]();
}

const refusals: Readonly<Record<'length' | 'encoding', () => PaymentsError>> = {
  length: () => new PayloadTooLarge(`A body may have ${MAX_BODY_BYTES} bytes.`),
  encoding: () => new UnsupportedEncoding('Send the body as it is, not compressed.'),
};

function guard(request: Guarded, maxBytes: number): void {
  const { headers } = request;
  const push = request.push.bind(request);
  let bytes = 0;
  const drop = (why: 'length' | 'encoding') => {
    request[refusal] = why;
    // The caller sends all of it and then gets the answer; a cut connection would lose the answer.
    request.push = (chunk: unknown, ...rest) => chunk !== null || push(null, ...rest);
  };

  headers['content-type'] = 'application/octet-stream';
  const compressed = (headers['content-encoding'] ?? 'identity') !== 'identity';
  if (compressed || Number(headers['content-length'] ?? 0) > maxBytes) {
    drop(compressed ? 'encoding' : 'length');
    delete headers['content-encoding'];
    headers['content-length'] = '0';
  } else if (headers['content-length'] === undefined) {
    // Counted on the way into the stream, because a listener for `data` would start the flow.
    request.push = (chunk: Buffer | null, ...rest) => {
      bytes += chunk?.length ?? 0;
      if (bytes <= maxBytes) return push(chunk, ...rest);
      drop('length');
      return true;
    };
  }
}
