import { z } from 'zod';
import { customerId, paymentId } from '../ledger/payment-row';
import type { RetailConfig } from './config';
import { retailNameOf } from './gateway-names';
import type { Outcome, OutcomeKind } from './outcome';

/** One change of a balance, as the Retail API is told. */
export interface Transaction {
  /** The idempotency key: the same for every try, never made anew. */
  readonly paymentId: string;
  readonly uid: string;
  readonly amountCents: number;
  readonly gateway: string;
}

interface Answer {
  readonly status: number;
  readonly result: string | undefined;
  readonly errorName: string | null;
  readonly retryAt: Date | null;
}

/** What the Retail API takes; anything else is refused here, without a call. */
const transactionSchema = z.object({
  paymentId,
  uid: customerId,
  amountCents: z
    .int()
    .min(-10_000_000)
    .max(10_000_000)
    .refine((cents) => cents !== 0),
});

/** A name of the vendor's vocabulary; null when there is none, '' when it is not readable as one. */
const errorName = z
  .string()
  .regex(/^\w{1,64}$/)
  .catch('')
  .nullable()
  .default(null);

const replySchema = z
  .object({ result: z.string().optional().catch(undefined), errorName })
  .catch({ result: undefined, errorName: null });

/** The typed client of the Retail API, which holds the customers' balances. */
export class RetailApi {
  readonly #config: RetailConfig;
  readonly #fetch: typeof fetch;
  readonly #now: () => Date;

  constructor(config: RetailConfig, fetchFunction: typeof fetch, now: () => Date) {
    this.#config = config;
    this.#fetch = fetchFunction;
    this.#now = now;
  }

  /** How many calls it takes at a time. */
  get concurrency(): number {
    return this.#config.concurrency;
  }

  /**
   * Applies one transaction; a customer that is not there yet is created. Never throws.
   * @param signal ends the wait; what became of the transaction is then unknown: `retryable`.
   */
  async push(transaction: Transaction, signal?: AbortSignal): Promise<Outcome> {
    if (!transactionSchema.safeParse(transaction).success) return local('rejected');
    const first = await this.#transact(transaction, signal);
    if (first?.status !== 404) return outcomeOf(first);
    const created = await this.#post('m/customer', { customer_id: transaction.uid }, signal);
    if (created === undefined || !(isSuccess(created) || created.status === 409)) {
      return created?.status === 404 ? told('misconfigured', created) : outcomeOf(created);
    }
    const second = await this.#transact(transaction, signal);
    return outcomeOf(second);
  }

  /**
   * Whether the API works for others than those whose transactions fail. Asked by creating a
   * customer that is there, or soon would be. Never throws.
   */
  async isUp(uid: string): Promise<boolean> {
    const answer = await this.#post('m/customer', { customer_id: uid });
    return answer !== undefined && (isSuccess(answer) || answer.status === 409);
  }

  #transact(transaction: Transaction, signal?: AbortSignal): Promise<Answer | undefined> {
    const path = `m/customer/${encodeURIComponent(transaction.uid)}/transaction`;
    const { paymentId, amountCents, gateway } = transaction;
    const body = { transaction_id: paymentId, amount: amountCents };
    const named = { ...body, gateway: retailNameOf(gateway) };
    return this.#post(path, this.#config.sendGateway ? named : body, signal);
  }

  /** The answer, or undefined when none came: a timeout, a broken connection, a cut-off body. */
  async #post(path: string, body: object, signal?: AbortSignal): Promise<Answer | undefined> {
    const timeout = AbortSignal.timeout(this.#config.timeoutMs);
    try {
      const response = await this.#fetch(`${this.#config.url}/retail/${path}`, {
        method: 'POST',
        headers: {
          'x-api-key': this.#config.apiKey,
          'content-type': 'application/json',
          accept: 'application/json',
        },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      return await answerOf(response, this.#now());
    } catch {
      return undefined;
    }
  }
}

async function answerOf(response: Response, now: Date): Promise<Answer> {
  const text = await response.text();
  const reply = replySchema.parse(parseJson(text));
  return {
    status: response.status,
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

function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** A 409 means "already there", unless it names another reason, in whatever words. */
function isDuplicate({ errorName: name }: Answer): boolean {
  return name === null || (/duplicate|already_?exists?/i.test(name) && !/not/i.test(name));
}

function outcomeOf(answer: Answer | undefined): Outcome {
  if (answer === undefined) return local('retryable');
  if (isSuccess(answer)) return told(answer.result === 'success' ? 'applied' : 'retryable', answer);
  if (answer.status === 409) return told(isDuplicate(answer) ? 'duplicate' : 'rejected', answer);
  if (answer.status >= 500) return told('retryable', answer);
  // It is somewhere else: no row is to blame for our address of it.
  if (answer.status >= 300 && answer.status < 400) return told('misconfigured', answer);
  return told(byStatus[answer.status] ?? 'rejected', answer);
}

const byStatus: Readonly<Record<number, OutcomeKind>> = {
  401: 'misconfigured',
  402: 'refused_funds',
  403: 'on_hold',
  408: 'retryable',
  429: 'throttled',
};

function told(kind: OutcomeKind, answer: Answer): Outcome {
  const { status, retryAt } = answer;
  return { kind, status, errorName: answer.errorName, retryAt };
}

function local(kind: OutcomeKind): Outcome {
  return { kind, status: null, errorName: null, retryAt: null };
}
