import type { ServerResponse } from 'node:http';
import cors from 'cors';
import type { z } from 'zod';
import { readSettings, type Settings } from '../config/settings';
import { Malformed } from '../errors';
import { log } from '../log';
import { once } from '../once';
import type { Call, CallContract, Reply } from './call';
import { authenticate } from './caller';
import type { FrameworkRequest, Handler, PublishedHandler } from './on-request';
import { readRequest } from './request';
import { respondCacheable, respondError, respondJson } from './respond';

const openSettings = once(() => readSettings());

/**
 * Wraps what a call does with what every call needs: CORS, the token, the schema, the errors.
 * @param name as it is deployed, for the log.
 */
export function endpoint<Contract extends CallContract>(
  name: string,
  contract: Contract,
  handle: (call: Call<Contract>) => Promise<Reply<Contract>>,
): PublishedHandler {
  const handler = guarded(name, contract, async (request, response) => {
    const received = fieldsOf(request, contract);
    const caller = await authenticate(request.headers.authorization);
    const input = parse<Contract['input']>(received(), contract.input);
    const idempotencyKey = readKey(request.headers['idempotency-key']);
    respondJson(response, 200, await handle({ input, caller, idempotencyKey }));
  });
  return Object.assign(handler, {
    published: { kind: 'call', contract, isPublic: false } as const,
  });
}

/** The same for what everybody may read without a token, and keep until it changes. */
export function publicEndpoint<Contract extends CallContract>(
  name: string,
  contract: Contract,
  read: (input: z.output<Contract['input']>) => Promise<Reply<Contract>>,
): PublishedHandler {
  const handler = guarded(name, contract, async (request, response) => {
    const input = parse<Contract['input']>(fieldsOf(request, contract)(), contract.input);
    respondCacheable(request, response, await read(input));
  });
  return Object.assign(handler, { published: { kind: 'call', contract, isPublic: true } as const });
}

function guarded(name: string, { method }: CallContract, answer: Handler): Handler {
  return async (request, response) => {
    try {
      if (await isPreflight(request, response, await openSettings(), method)) return;
      await answer(request, response);
    } catch (error) {
      log.failure(error, { function: name });
      respondError(response, error);
    }
  };
}

/** Sets the CORS headers; true when the request was a preflight and is answered. */
function isPreflight(
  request: FrameworkRequest,
  response: ServerResponse,
  { allowedOrigins }: Settings,
  method: string,
): Promise<boolean> {
  const middleware = cors({
    origin: [...allowedOrigins],
    methods: [method],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-none-match'],
    exposedHeaders: ['x-ratelimit-reset', 'x-etag'],
    maxAge: 3600,
  });
  return new Promise((resolve, reject) => {
    response.once('finish', () => {
      resolve(true);
    });
    middleware(request, response, (error?: unknown) => {
      if (error === undefined) resolve(false);
      else reject(new Error('CORS', { cause: error }));
    });
  });
}

/**
 * The method and the size are checked at once, so that the token is not looked at for nothing; the
 * fields are read when they are asked for.
 */
function fieldsOf(request: FrameworkRequest, { method }: CallContract): () => unknown {
  const { body } = readRequest(request, method);
  if (method === 'POST') return () => jsonOf(body);
  return () => Object.fromEntries(new URL(request.url ?? '/', 'http://here').searchParams);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Malformed('The body must be JSON.');
  }
}

function parse<Schema extends z.ZodType>(fields: unknown, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  const names = new Set(result.error.issues.map((issue) => issue.path.join('.')));
  throw new Malformed(`Missing or malformed: ${[...names].join(', ') || 'the body'}.`);
}

function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw new Malformed('The Idempotency-Key must be 1 to 255 visible characters.');
}
