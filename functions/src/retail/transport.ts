import { z } from 'zod';
import type { RetailConfig } from './config';

/** What the Retail API answered, in the words that every call of it has in common. */
export interface RetailAnswer {
  readonly status: number;
  /** The parsed body, unchecked; undefined where it is not JSON. */
  readonly body: unknown;
  readonly result: string | undefined;
  /** Null when the answer names no error, '' when what it names is none of the vendor's words. */
  readonly errorName: string | null;
  /** When it listens again, if it said so. */
  readonly retryAt: Date | null;
}

const errorName = z
  .string()
  .regex(/^\w{1,64}$/)
  .catch('')
  .nullable()
  .default(null);

const replySchema = z
  .object({ result: z.string().optional().catch(undefined), errorName })
  .catch({ result: undefined, errorName: null });

/** How the Retail API is spoken to: the key, the deadline, what its answers have in common. */
export class RetailTransport {
  readonly #config: RetailConfig;
  readonly #fetch: typeof fetch;
  readonly #now: () => Date;

  constructor(config: RetailConfig, fetchFunction: typeof fetch, now: () => Date) {
    this.#config = config;
    this.#fetch = fetchFunction;
    this.#now = now;
  }

  get(path: string): Promise<RetailAnswer | undefined> {
    return this.#ask(path, { method: 'GET' });
  }

  post(path: string, body: object, signal?: AbortSignal): Promise<RetailAnswer | undefined> {
    return this.#ask(path, { method: 'POST', body: JSON.stringify(body) }, signal);
  }

  /** The answer, or undefined when none came: a timeout, a broken connection, a cut-off body. */
  async #ask(
    path: string,
    { method, body }: { method: 'GET' | 'POST'; body?: string },
    signal?: AbortSignal,
  ): Promise<RetailAnswer | undefined> {
    const timeout = AbortSignal.timeout(this.#config.timeoutMs);
    try {
      const response = await this.#fetch(`${this.#config.url}/retail/${path}`, {
        method,
        headers: {
          'x-api-key': this.#config.apiKey,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body }),
        redirect: 'manual',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      return await answerOf(response, this.#now());
    } catch {
      return undefined;
    }
  }
}

export function isSuccess(answer: RetailAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

async function answerOf(response: Response, now: Date): Promise<RetailAnswer> {
  const body = parseJson(await response.text());
  const reply = replySchema.parse(body);
  return {
    status: response.status,
    body,
    result: reply.result,
    errorName: reply.errorName,
    retryAt: retryAtOf(response.headers, now),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The longest that a throttled row waits: a header may say anything. */
const LONGEST_MS = 6 * 60 * 60_000;

/** `x-ratelimit-reset` is in Unix seconds; `retry-after` in seconds from now. */
function retryAtOf(headers: Headers, now: Date): Date | null {
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN) * 1000 - now.getTime();
  const after = Number(headers.get('retry-after') ?? Number.NaN) * 1000;
  const waitMs = [reset, after].find((ms) => Number.isFinite(ms) && ms > 0);
  return waitMs === undefined ? null : new Date(now.getTime() + Math.min(waitMs, LONGEST_MS));
}
