import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { PayloadTooLarge, UnsupportedEncoding, type PaymentsError } from '../errors';

/** No gateway and no app sends more. */
const MAX_BODY_BYTES = 1_000_000;

/** Marks a request whose body was not kept; on the request itself, wherever it is looked at. */
const refusal = Symbol.for('payments.refusal');

type Guarded = IncomingMessage & { [refusal]?: 'length' | 'encoding' };

/**
 * Guards every request of the process before the functions framework reads its body: left alone,
 * the framework inflates and parses up to a gigabyte of JSON before a handler runs, for anyone.
 * A body over the limit is let go as it arrives, counted where no length is announced; so is a
 * compressed one, for its size is not known. What passes is marked as plain bytes, so that the
 * framework hands it over unparsed and our own code answers for what it holds.
 */
export function limitBodies(maxBytes: number = MAX_BODY_BYTES): void {
  // The documented message of Node's channel.
  subscribe('http.server.request.start', (message) => {
    guard((message as { request: Guarded }).request, maxBytes);
  });
}

/** @throws PayloadTooLarge, or UnsupportedEncoding, when the request's body was let go. */
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
  const letGo = (why: 'length' | 'encoding') => {
    request[refusal] = why;
    // The other side sends to the end and is answered then: a line that is cut loses the answer.
    request.push = (chunk: unknown, ...rest) => chunk !== null || push(null, ...rest);
  };

  headers['content-type'] = 'application/octet-stream';
  const compressed = (headers['content-encoding'] ?? 'identity') !== 'identity';
  if (compressed || Number(headers['content-length'] ?? 0) > maxBytes) {
    letGo(compressed ? 'encoding' : 'length');
    delete headers['content-encoding'];
    headers['content-length'] = '0';
  } else if (headers['content-length'] === undefined) {
    // On their way into the stream: a listener for `data` would start the flow.
    request.push = (chunk: Buffer | null, ...rest) => {
      bytes += chunk?.length ?? 0;
      if (bytes <= maxBytes) return push(chunk, ...rest);
      letGo('length');
      return true;
    };
  }
}
