import type Stripe from 'stripe';
import { Unusable } from '../../errors';
import { parseAnswer } from '../../outbound';
import { callStripe, openClient, outcomeOf, Stuck } from './client';
import type { StripeApiConfig } from './config';
import { moneyTypes } from './events';
import {
  chargeSchema,
  disputeSchema,
  intentExpansions,
  intentSchema,
  pageSchema,
  refundExpansions,
  refundSchema,
  type Dispute,
  type Intent,
  type ListPage,
  type Refund,
} from './objects';
import { nextStep } from './reviews';

const expand = intentExpansions;
const listedExpansions = intentExpansions.map((field) => `data.${field}`);
const PAGE = 100;

/** More refunds than a payment of 1,000 dollars can sensibly have. */
const MAX_REFUNDS = 1_000;

/** A span of time: from its first moment to before its last. */
export interface Span {
  readonly since: Date;
  readonly until: Date;
}

/** What Stripe lists by the time that it was made. */
export type ListedKind = 'paymentIntents' | 'refunds' | 'disputes' | 'events';

/**
 * The calls of Stripe's API. Each throws Unavailable when Stripe does not answer, Misconfigured when
 * Stripe refuses our key, NotFound when the account has no such object, and Unusable when Stripe
 * returns an object that lacks what its API promises.
 */
export class StripeApi {
  readonly #stripe: Stripe;

  constructor(config: StripeApiConfig) {
    this.#stripe = openClient(config);
  }

  /** @param idempotencyKey Stripe answers a repeated key with the intent of the first call. */
  createIntent(
    intent: Stripe.PaymentIntentCreateParams,
    idempotencyKey: string,
  ): Promise<Stripe.PaymentIntent> {
    return callStripe(this.#stripe.paymentIntents.create(intent, { idempotencyKey }));
  }

  async readIntent(id: string): Promise<Intent> {
    const intent = await callStripe(this.#stripe.paymentIntents.retrieve(id, { expand }));
    return parseAnswer('Stripe', intentSchema, intent);
  }

  /** The id of the intent that a charge belongs to; null when it has none. */
  async findIntentOf(chargeId: string): Promise<string | null> {
    const charge = await callStripe(this.#stripe.charges.retrieve(chargeId));
    return parseAnswer('Stripe', chargeSchema, charge).payment_intent;
  }

  /**
   * Captures or cancels a held payment, as its review allows, and returns the intent as it is then.
   * If somebody else has moved the payment on in the meantime, the intent is read again.
   */
  async advance(intent: Intent): Promise<Intent> {
    const step = nextStep(intent);
    if (step === 'none') return intent;
    const call = this.#stripe.paymentIntents[step](intent.id, { expand });
    const result = await callStripe(call.catch(outcomeOf));
    if (typeof result !== 'string') return parseAnswer('Stripe', intentSchema, result);
    const now = await this.readIntent(intent.id);
    const isStuck = nextStep(now) !== 'none' && result !== 'expired';
    if (isStuck) throw new Stuck(`The ${step} did not go through.`);
    return now;
  }

  /** @param key Stripe answers a repeated key with the refund of the first call, for a day at least. */
  async createRefund(intentId: string, cents: number, key: string): Promise<Refund> {
    const metadata = { refund_request: key };
    const params = { payment_intent: intentId, amount: cents, metadata };
    const made = this.#stripe.refunds.create(params, { idempotencyKey: key });
    return parseAnswer('Stripe', refundSchema, await callStripe(made));
  }

  /** Lists every refund of an intent. In place of an unreadable refund stands the error. */
  async listRefunds(intent: Pick<Intent, 'id'>): Promise<(Refund | Unusable)[]> {
    const query = { payment_intent: intent.id, limit: PAGE, expand: refundExpansions };
    const refunds: (Refund | Unusable)[] = [];
    for (let after: string | undefined; refunds.length < MAX_REFUNDS;) {
      const page = await callStripe(
        this.#stripe.refunds.list({ ...query, ...(after && { starting_after: after }) }),
      );
      const { data, has_more: hasMore } = parseAnswer('Stripe', pageSchema, page);
      refunds.push(...data.map(toRefund));
      after = data.at(-1)?.id;
      if (!hasMore || after === undefined) return refunds;
    }
    throw new Unusable('There are too many refunds to read.');
  }

  /** Lists the disputes of an intent. In place of an unreadable dispute stands the error. */
  async listDisputes({ id }: Intent): Promise<(Dispute | Unusable)[]> {
    const query = { payment_intent: id, limit: PAGE };
    const page = await callStripe(this.#stripe.disputes.list(query));
    return parseAnswer('Stripe', pageSchema, page).data.map((entry) => {
      const { data } = disputeSchema.safeParse(entry);
      const about = entry === null ? {} : { about: entry.id };
      return data ?? new Unusable('Stripe returned an unusable dispute.', about);
    });
  }

  /**
   * Reads one page of what was made in a span of time, newest first.
   * @param after the id that ended the page before.
   */
  async listMade(kind: ListedKind, { since, until }: Span, after?: string): Promise<ListPage> {
    const query = {
      limit: PAGE,
      created: { gte: inSeconds(since), lt: Math.ceil(until.getTime() / 1000) },
      ...(after !== undefined && { starting_after: after }),
    };
    const stripe = this.#stripe;
    const calls = {
      paymentIntents: () => stripe.paymentIntents.list({ ...query, expand: listedExpansions }),
      refunds: () => stripe.refunds.list(query),
      disputes: () => stripe.disputes.list(query),
      events: () => stripe.events.list({ ...query, types: moneyTypes }),
    };
    return parseAnswer('Stripe', pageSchema, await callStripe<object>(calls[kind]()));
  }

  /** Whether the account of our key has an event. Stripe keeps events for 30 days. */
  async hasEvent(id: string): Promise<boolean> {
    const event = await callStripe(this.#stripe.events.retrieve(id));
    return event.id === id;
  }

  async readDispute(id: string): Promise<Dispute> {
    const dispute = await callStripe(this.#stripe.disputes.retrieve(id));
    return parseAnswer('Stripe', disputeSchema, dispute);
  }
}

function inSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

function toRefund(entry: { readonly id: string } | null): Refund | Unusable {
  const { data } = refundSchema.safeParse(entry);
  const about = entry === null ? {} : { about: entry.id };
  return data ?? new Unusable('Stripe returned an unusable refund.', about);
}
