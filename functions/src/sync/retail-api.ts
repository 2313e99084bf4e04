import { z } from 'zod';
import { customerId, paymentId } from '../ledger/payment-row';
import type { RetailConfig } from './config';
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

const replySchema = z
  .object({
    result: z.string().optional().catch(undefined),
    errorName: z
      .string()
      .regex(/^\w{1,64}$/)
      .nullable()
      .catch(null),
  })
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

  #transact(transaction: Transaction, signal?: AbortSignal): Promise<Answer | undefined> {
    const path = `m/customer/${encodeURIComponent(transaction.uid)}/transaction`;
    const { paymentId, amountCents, gateway } = transaction;
    const body = { transaction_id: paymentId, amount: amountCents };
    return this.#post(path, this.#config.sendGateway ? { ...body, gateway } : body, signal);
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

/** `x-ratelimit-reset` is in Unix seconds; `retry-after` in seconds from now. */
function retryAtOf(headers: Headers, now: Date): Date | null {
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  if (Number.isFinite(reset) && reset > 0) return new Date(reset * 1000);
  const after = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(after) && after > 0 ? new Date(now.getTime() + after * 1000) : null;
}

function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** A 409 means "already there", unless it names another reason. */
function isDuplicate(answer: Answer): boolean {
  return answer.errorName === null || /duplicate|exist/i.test(answer.errorName);
}

function outcomeOf(answer: Answer | undefined): Outcome {
  if (answer === undefined) return local('retryable');
  if (isSuccess(answer)) return told(answer.result === 'success' ? 'applied' : 'retryable', answer);
  if (answer.status === 409) return told(isDuplicate(answer) ? 'duplicate' : 'rejected', answer);
  if (answer.status >= 500) return told('retryable', answer);
  return told(byStatus[answer.status] ?? 'rejected', answer);
}

const byStatus: Readonly<Record<number, OutcomeKind>> = {
  401: 'misconfigured',
  402: 'refused_funds',
  403: 'on_hold',
  408: 'retryable',
  429: 'throttled',
};

function told(kind: OutcomeKind, { status, errorName, retryAt }: Answer): Outcome {
  return { kind, status, errorName, retryAt };
}

function local(kind: OutcomeKind): Outcome {
  return { kind, status: null, errorName: null, retryAt: null };
}
