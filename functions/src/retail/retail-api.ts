import { z } from 'zod';
import {
  AccountOnHold,
  Misconfigured,
  TooManyRequests,
  Unavailable,
  type PaymentsError,
} from '../errors';
import type { RetailConfig } from './config';
import { retailNameOf } from './gateway-names';
import type { Outcome, OutcomeKind } from './outcome';
import { isSuccess, RetailTransport, type RetailAnswer } from './transport';
import { customerId, paymentId } from '../ids';

/** One change of a balance, as the Retail API is told. */
export interface Transaction {
  /** The idempotency key: the same for every try, never made anew. */
  readonly paymentId: string;
  readonly uid: string;
  readonly amountCents: number;
  readonly gateway: string;
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

/** What a customer's account holds, in US cents. */
export interface Balance {
  readonly total: number;
  /** Held for orders that are under way; a part of the total. */
  readonly reserved: number;
}

const balanceSchema = z.object({ total: z.int(), reserved: z.int() });

/** The typed client of the Retail API, which holds the customers' balances. */
export class RetailApi {
  readonly #config: RetailConfig;
  readonly #transport: RetailTransport;
  readonly #now: () => Date;

  constructor(config: RetailConfig, fetchFunction: typeof fetch, now: () => Date) {
    this.#config = config;
    this.#transport = new RetailTransport(config, fetchFunction, now);
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
    const created = await this.#create(transaction.uid, signal);
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
    const answer = await this.#create(uid);
    return answer !== undefined && (isSuccess(answer) || answer.status === 409);
  }

  /**
   * What the customer's account holds; undefined when there is no such customer.
   * @param uid fits `customerId`.
   * @throws AccountOnHold, TooManyRequests, Misconfigured or Unavailable, as `refusalOf` says.
   */
  async balance(uid: string): Promise<Balance | undefined> {
    const answer = await this.#transport.get(`a/customer/${encodeURIComponent(uid)}/balance`);
    if (answer?.status === 404) return undefined;
    if (answer === undefined || !isSuccess(answer)) throw refusalOf(answer, this.#now());
    const { data } = balanceSchema.safeParse(answer.body);
    if (data === undefined) throw new Unavailable('The Retail API told no balance.');
    return data;
  }

  /**
   * Creates a customer; false when it was there already.
   * @throws as `balance`.
   */
  async createCustomer(uid: string): Promise<boolean> {
    const answer = await this.#create(uid);
    if (answer?.status === 409) return false;
    if (answer?.status === 404) throw new Misconfigured('The Retail API is not at its address.');
    if (answer === undefined || !isSuccess(answer)) throw refusalOf(answer, this.#now());
    return true;
  }

  #create(uid: string, signal?: AbortSignal): Promise<RetailAnswer | undefined> {
    return this.#transport.post('m/customer', { customer_id: uid }, signal);
  }

  #transact(transaction: Transaction, signal?: AbortSignal): Promise<RetailAnswer | undefined> {
    const path = `m/customer/${encodeURIComponent(transaction.uid)}/transaction`;
    const { paymentId, amountCents, gateway } = transaction;
    const body = { transaction_id: paymentId, amount: amountCents };
    const named = { ...body, gateway: retailNameOf(gateway) };
    return this.#transport.post(path, this.#config.sendGateway ? named : body, signal);
  }
}

/** A 409 means "already there", unless it names another reason, in whatever words. */
function isDuplicate({ errorName: name }: RetailAnswer): boolean {
  return name === null || (/duplicate|already_?exists?/i.test(name) && !/not/i.test(name));
}

function outcomeOf(answer: RetailAnswer | undefined): Outcome {
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

function told(kind: OutcomeKind, answer: RetailAnswer): Outcome {
  const { status, retryAt } = answer;
  return { kind, status, errorName: answer.errorName, retryAt };
}

function local(kind: OutcomeKind): Outcome {
  return { kind, status: null, errorName: null, retryAt: null };
}

/** A throttled caller who was not told how long waits for this. */
const THROTTLED_MS = 60_000;

/** What an app is told where a call that it waits for was not answered as it should be. */
function refusalOf(answer: RetailAnswer | undefined, now: Date): PaymentsError {
  switch (answer?.status) {
    case 401:
      return new Misconfigured('The Retail API refuses our key.');
    case 403:
      return new AccountOnHold('This account is on hold.');
    case 429: {
      const resetAt = answer.retryAt ?? new Date(now.getTime() + THROTTLED_MS);
      return new TooManyRequests('Too many requests; wait.', resetAt);
    }
    default:
      return new Unavailable('The Retail API did not answer.');
  }
}
