import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A received request: the path without its query, the body as text. */
export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
  /** The body as it came, for one that is no text. */
  bytes: Buffer;
}

/** What a stand-in answers, and how much of the answer reaches the wire. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** A string is sent as it stands, any other value as JSON, undefined as an empty body. */
  body?: unknown;
  /** Milliseconds between the answer being ready and its first byte. */
  delayMs?: number;
  /**
   * `whole` unless told otherwise; `half` breaks the connection in the middle of the body,
   * `nothing` before the first byte, `never` leaves the caller waiting.
   */
  sends?: 'whole' | 'half' | 'nothing' | 'never';
}

/** Answers requests. */
export type Handler = (call: Call) => Reply | Promise<Reply>;

/** A server on the loopback address. */
export interface Listener {
  /** For example `http://127.0.0.1:9202`, without a trailing slash. */
  origin: string;
  port: number;
  /** Resolves when the port is free again; open connections are cut. */
  stop(): Promise<void>;
}

/** Serves `handler` on the loopback address; port 0 picks a free one. */
export async function listen(handler: Handler, port = 0): Promise<Listener> {
  const server = createServer((request, response) => {
    void answer(handler, request, response);
  });
  // A server that closes idle connections races with a client that reuses them.
  server.keepAliveTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      ? new Error(`port ${port} is taken`)
      : error;
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    origin: `http://127.0.0.1:${actual}`,
    port: actual,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer(
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const call = await received(request);
    await send(await attempt(handler, call), response);
  } catch {
    // The caller hung up while its request was being read: nobody is left to answer.
    response.destroy();
  }
}

async function attempt(handler: Handler, call: Call): Promise<Reply> {
  try {
    return await handler(call);
  } catch (error) {
    return { status: 500, body: { error: `stand-in failed: ${String(error)}` } };
  }
}

async function received(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const bytes = Buffer.concat(chunks);
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: bytes.toString('utf8'),
    bytes,
  };
}

async function send(reply: Reply, response: ServerResponse): Promise<void> {
  if (reply.delayMs) await delay(reply.delayMs, undefined, { ref: false });
  if (reply.sends === 'never' || response.destroyed) return;
  if (reply.sends === 'nothing') {
    response.destroy();
    return;
  }
  const isText = typeof reply.body === 'string' || reply.body === undefined;
  const body = Buffer.from(isText ? ((reply.body as string | undefined) ?? '') : json(reply.body));
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': body.length,
    ...reply.headers,
  });
  if (reply.sends === 'half') {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
  } else {
    response.end(body);
  }
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
