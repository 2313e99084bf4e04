import { z } from 'zod';
import { LONGEST_PAUSE_MS } from '../config/limits';
import { parseJson } from '../json';
import { exchange, type Answer } from '../outbound';
import type { Send } from '../send';
import type { CallBudget, Clock, Priority } from './budget';
import type { RetailConfig } from './config';

/** What the Retail API answered, in the words that every call of it has in common. */
export interface RetailAnswer {
  readonly status: number;
  /** The parsed body, unchecked; undefined where it is not JSON. */
  readonly body: unknown;
  readonly result: string | undefined;
  /** Null when the answer names no error, '' when the name is not one plain word. */
  readonly errorName: string | null;
  /** The answer speaks of another request under way. */
  readonly isBusy: boolean;
  /** When it listens again, if it said so. */
  readonly retryAt: Date | null;
}

/**
 * A call without an answer. `unsent`: it was not made, as no turn came in time. `unanswered`: it was
 * made, and may have had its effect.
 */
export type NoAnswer = 'unsent' | 'unanswered';

/** How a call waits for its turn. */
export interface Turn {
  readonly priority: Priority;
  /** A call that cannot be made by then is not made. */
  readonly sendBy: Date;
  /** Ends the wait, for the turn and for the answer. */
  readonly signal?: AbortSignal | undefined;
}

const errorName = z
  .string()
  .regex(/^\w{1,64}$/)
  .catch('')
  .nullable()
  .default(null);

const words = z.string().optional().catch(undefined);

const replySchema = z
  .object({ result: words, errorName, message: words, errorMessage: words })
  .catch({ result: undefined, errorName: null, message: undefined, errorMessage: undefined });

/** How the Retail API is spoken to: the key, the pace, the deadline, the words of its answers. */
export class RetailTransport {
  readonly #config: RetailConfig;
  readonly #budget: CallBudget;
  readonly #send: Send;
  readonly #clock: Clock;

  constructor(config: RetailConfig, send: Send, budget: CallBudget, clock: Clock) {
    this.#config = config;
    this.#send = send;
    this.#budget = budget;
    this.#clock = clock;
  }

  /** When the next call may be made. */
  get freeAt(): Date {
    return this.#budget.freeAt;
  }

  get(path: string, turn: Turn): Promise<RetailAnswer | NoAnswer> {
    return this.#ask(path, { method: 'GET' }, turn);
  }

  post(path: string, body: object, turn: Turn): Promise<RetailAnswer | NoAnswer> {
    return this.#ask(path, { method: 'POST', body: JSON.stringify(body) }, turn);
  }

  /** A time-out, a broken connection and a body that was cut off are `unanswered`. */
  async #ask(
    path: string,
    { method, body }: { method: 'GET' | 'POST'; body?: string },
    { priority, sendBy, signal }: Turn,
  ): Promise<RetailAnswer | NoAnswer> {
    if (!(await this.#budget.take(priority, sendBy, signal))) return 'unsent';
    try {
      const reply = await exchange(
        'The Retail API',
        `${this.#config.url}/retail/${path}`,
        {
          method,
          headers: {
            'x-api-key': this.#config.apiKey,
            accept: 'application/json',
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body }),
          timeoutMs: this.#config.timeoutMs,
          ...(signal && { signal }),
        },
        this.#send,
      );
      const answer = toAnswer(reply, this.#clock.now());
      if (answer.status === 429) this.#budget.throttle(answer.retryAt);
      else this.#budget.recover();
      return answer;
    } catch {
      return 'unanswered';
    }
  }
}

export function isSuccess(answer: RetailAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

function toAnswer({ status, headers, text }: Answer, now: Date): RetailAnswer {
  const body = parseJson(text);
  const reply = replySchema.parse(body);
  return {
    status,
    body,
    result: reply.result,
    errorName: reply.errorName,
    isBusy: /progress|lock|busy|again/i.test(reply.message ?? reply.errorMessage ?? ''),
    retryAt: retryAtOf(headers, now),
  };
}

/** At most six hours, as a header may say anything. `x-ratelimit-reset` is in Unix seconds; `retry-after` in seconds from now. */
function retryAtOf(headers: Answer['headers'], now: Date): Date | null {
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN) * 1000 - now.getTime();
  const after = Number(headers['retry-after'] ?? Number.NaN) * 1000;
  const waitMs = [reset, after].find((ms) => Number.isFinite(ms) && ms > 0);
  return waitMs === undefined ? null : new Date(now.getTime() + Math.min(waitMs, LONGEST_PAUSE_MS));
}
