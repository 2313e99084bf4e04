import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { Misconfigured, Unavailable } from '../errors';
import { HOLD_QUESTION_MS } from '../config/limits';
import { LARGEST_CENTS, paymentsMode, type PaymentsMode } from '../config/settings';
import { once } from '../once';
import { CallBudget, type Clock, type Priority } from './budget';
import { readRetailConfig, type RetailConfig } from './config';
import { retailNameOf } from './gateway-names';
import { Holds } from './holds';
import { answered, isNamedDuplicate, local, outcomesAfter, refusalOf } from './answers';
import type { Outcome } from './outcome';
import {
  isSuccess,
  RetailTransport,
  type NoAnswer,
  type RetailAnswer,
  type Turn,
} from './transport';
import { customerId, paymentId } from '../ids';
import { send, type Send } from '../send';

/** One change of a balance, as the Retail API is told. */
export interface Transaction {
  /** The idempotency key: the same for every try, never made anew. */
  readonly paymentId: string;
  readonly uid: string;
  readonly amountCents: number;
  readonly gateway: string;
  /** Undefined where a person has broken the row. */
  readonly mode?: PaymentsMode | undefined;
}

/** What the Retail API takes; anything else is refused here, without a call. */
const transactionSchema = z.object({
  paymentId,
  mode: paymentsMode,
  uid: customerId,
  amountCents: z
    .int()
    .min(-LARGEST_CENTS)
    .max(LARGEST_CENTS)
    .refine((cents) => cents !== 0),
});

/** What a customer's account holds, in US cents. */
export interface Balance {
  readonly total: number;
  /** Held for orders that are under way; a part of the total. */
  readonly reserved: number;
}

const balanceSchema = z.object({ total: z.int(), reserved: z.int() });

/** How long a push may wait for its turn. */
export interface PushTurn {
  /** A push that cannot be begun by then is not made: `unsent`. */
  readonly sendBy: Date;
  /** Ends the wait; what became of the transaction is then unknown: `retryable`. */
  readonly signal?: AbortSignal;
}

/** The typed client of the Retail API (Platfone), which holds the customers' balances. */
export class RetailApi {
  readonly #config: RetailConfig;
  readonly #transport: RetailTransport;
  readonly #clock: Clock;
  readonly #holds: Holds;

  constructor(config: RetailConfig, sendFunction: Send, clock: Clock = realClock) {
    const budget = new CallBudget(config.callsPerSecond, clock);
    this.#config = config;
    this.#transport = new RetailTransport(config, sendFunction, budget, clock);
    this.#clock = clock;
    this.#holds = new Holds(() => clock.now());
  }

  /** How many calls it takes at a time. */
  get concurrency(): number {
    return this.#config.concurrency;
  }

  /** How many calls one process makes in a second, at most. */
  get callsPerSecond(): number {
    return this.#config.callsPerSecond;
  }

  /**
   * Applies one transaction; a customer that is not there yet is created. Never throws.
   * @param transaction `mayBeApplied` after a try whose end is not known: a 409 that names no reason
   *   then says that the transaction is there.
   */
  async push(
    transaction: Transaction & { readonly mayBeApplied?: boolean },
    { sendBy, signal }: PushTurn,
  ): Promise<Outcome> {
    if (!transactionSchema.safeParse(transaction).success) return local('malformed');
    if (transaction.mode !== this.#config.mode) return local('other_mode');
    const turn: Turn = { priority: 'push', sendBy, signal };
    const toOutcome = outcomesAfter(transaction.mayBeApplied === true);
    const first = await this.#transact(transaction, turn);
    if (first === 'unsent' || first === 'unanswered' || first.status !== 404) {
      return toOutcome(first);
    }
    const created = await this.#create(transaction.uid, turn);
    if (created === 'unsent' || created === 'unanswered') return local('unsent');
    if (!isSuccess(created) && created.status !== 409) {
      return created.status === 404 ? answered('misconfigured', created) : toOutcome(created);
    }
    return toOutcome(await this.#transact(transaction, turn));
  }

  /**
   * Whether the API works for others than those whose transactions fail: it creates a customer, says
   * that it has one of that name, or tells a balance. Never throws.
   */
  async isUp(uid: string): Promise<boolean> {
    const turn = this.#turn('push');
    const created = await this.#create(uid, turn);
    if (created === 'unsent' || created === 'unanswered') return false;
    if (isSuccess(created) || isNamedDuplicate(created)) return true;
    if (created.status !== 409) return false;
    const balance = await this.#transport.get(
      `a/customer/${encodeURIComponent(uid)}/balance`,
      turn,
    );
    return typeof balance === 'object' && balanceSchema.safeParse(balance.body).success;
  }

  /**
   * What the customer's account holds; undefined when there is no such customer.
   * @param uid fits `customerId`.
   * @throws AccountOnHold, TooManyRequests, Misconfigured or Unavailable, as `refusalOf` says.
   */
  async balance(uid: string): Promise<Balance | undefined> {
    const path = `a/customer/${encodeURIComponent(uid)}/balance`;
    const answer = await this.#transport.get(path, this.#turn('question'));
    this.#noteHold(uid, answer);
    if (typeof answer === 'object' && answer.status === 404) return undefined;
    if (typeof answer === 'string' || !isSuccess(answer)) {
      throw refusalOf(answer, this.#transport.freeAt);
    }
    const { data } = balanceSchema.safeParse(answer.body);
    if (data === undefined) throw new Unavailable('The Retail API told no balance.');
    return data;
  }

  /**
   * Whether the Retail API has put the account on hold, as far as it says so within a second: an order
   * does not wait for it any longer. Asked once a minute, or not at all when another answer has told.
   * @param uid fits `customerId`.
   */
  isOnHold(uid: string): Promise<boolean> {
    return this.#holds.isOnHold(uid, async () => {
      const answer = await this.#transport.get(`a/customer/${encodeURIComponent(uid)}/balance`, {
        priority: 'question',
        sendBy: new Date(this.#clock.now().getTime() + HOLD_QUESTION_MS),
        signal: AbortSignal.timeout(HOLD_QUESTION_MS),
      });
      return typeof answer === 'object' && answer.status === 403;
    });
  }

  /**
   * Creates a customer; false when it was there already.
   * @throws as `balance`.
   */
  async createCustomer(uid: string): Promise<boolean> {
    const answer = await this.#create(uid, this.#turn('question'));
    if (typeof answer === 'object') {
      if (isSuccess(answer)) return true;
      if (answer.status === 409) return false;
      if (answer.status === 404) {
        throw new Misconfigured(
          'The Retail API is not at its address; check PLATFONE_API_URL and PAYMENTS_MODE.',
        );
      }
    }
    throw refusalOf(answer, this.#transport.freeAt);
  }

  #turn(priority: Priority): Turn {
    const sendBy = new Date(this.#clock.now().getTime() + this.#config.timeoutMs);
    return { priority, sendBy };
  }

  #create(uid: string, turn: Turn): Promise<RetailAnswer | NoAnswer> {
    return this.#transport.post('m/customer', { customer_id: uid }, turn);
  }

  async #transact(transaction: Transaction, turn: Turn): Promise<RetailAnswer | NoAnswer> {
    const path = `m/customer/${encodeURIComponent(transaction.uid)}/transaction`;
    const { paymentId, amountCents, gateway } = transaction;
    const body = { transaction_id: paymentId, amount: amountCents };
    const named = { ...body, gateway: retailNameOf(gateway) };
    const answer = await this.#transport.post(path, this.#config.sendGateway ? named : body, turn);
    this.#noteHold(transaction.uid, answer);
    return answer;
  }

  #noteHold(uid: string, answer: RetailAnswer | NoAnswer): void {
    if (typeof answer === 'string') return;
    if (answer.status === 403 || isSuccess(answer)) this.#holds.note(uid, answer.status === 403);
  }
}

const realClock: Clock = {
  now: () => new Date(),
  sleep: (ms) => delay(ms),
};

/** One client a process: all its callers share one budget. */
export const openRetailApi = once(() => new RetailApi(readRetailConfig(), send));
