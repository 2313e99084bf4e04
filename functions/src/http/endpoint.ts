import type { ServerResponse } from 'node:http';
import cors from 'cors';
import type { z } from 'zod';
import { readSettings, type Settings } from '../config/settings';
import { Malformed } from '../errors';
import { log } from '../log';
import { once } from '../once';
import { authenticate, type Caller } from './caller';
import type { FrameworkRequest, Handler } from './on-request';
import { readPost } from './request';
import { respondError, respondJson } from './respond';

/** A call of an app: plain JSON in, plain JSON out, with a Firebase ID token. */
export interface Call<Input> {
  readonly input: Input;
  readonly caller: Caller;
  /** The `Idempotency-Key` header. */
  readonly idempotencyKey: string | undefined;
}

const openSettings = once(() => readSettings());

/**
 * Wraps what a call does with what every call needs: CORS, the token, the schema, the errors.
 * @param name as it is deployed, for the log.
 */
export function endpoint<Input, Output extends object>(
  name: string,
  schema: z.ZodType<Input>,
  handle: (call: Call<Input>) => Promise<Output>,
): Handler {
  return async (request, response) => {
    try {
      const settings = await openSettings();
      if (await isPreflight(request, response, settings)) return;
      const received = readPost(request);
      const caller = await authenticate(request.headers.authorization);
      const input = parse(received.body, schema);
      const idempotencyKey = readKey(request.headers['idempotency-key']);
      respondJson(response, 200, await handle({ input, caller, idempotencyKey }));
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
): Promise<boolean> {
  const middleware = cors({
    origin: [...allowedOrigins],
    methods: ['POST'],
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

function parse<Input>(body: Buffer, schema: z.ZodType<Input>): Input {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    throw new Malformed('The body must be JSON.');
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const fields = new Set(result.error.issues.map((issue) => issue.path.join('.')));
  throw new Malformed(`Missing or malformed: ${[...fields].join(', ') || 'the body'}.`);
}

function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw new Malformed('The Idempotency-Key must be 1 to 255 visible characters.');
}
