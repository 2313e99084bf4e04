import type Stripe from 'stripe';
import { Unavailable, Unusable } from '../../errors';
import { parseAnswer } from '../../outbound';
import { asked, movedOn } from './client';
import {
  disputeSchema,
  intentExpansions,
  intentSchema,
  refundExpansions,
  refundSchema,
  type Dispute,
  type Intent,
  type Refund,
} from './objects';

const expand = intentExpansions;
/** More refunds than a payment of 1,000 dollars can sensibly have. */
const MOST_REFUNDS = 1_000;

/** PaymentIntents and what belongs to them, read through Stripe's API. */
export class Intents {
  readonly #stripe: Stripe;

  constructor(stripe: Stripe) {
    this.#stripe = stripe;
  }

  async read(id: string): Promise<Intent> {
    return parseAnswer(
      'Stripe',
      intentSchema,
      await asked(this.#stripe.paymentIntents.retrieve(id, { expand })),
    );
  }

  /** The intent that a charge belongs to; null when it has none. */
  async idOfCharge(chargeId: string): Promise<string | null> {
    const charge = await asked(this.#stripe.charges.retrieve(chargeId));
    return typeof charge.payment_intent === 'string' ? charge.payment_intent : null;
  }

  /**
   * Does with a held payment what its review allows, and returns the intent as it is then. A
   * payment that somebody else has moved on in the meantime is read again.
   */
  async advance(intent: Intent): Promise<Intent> {
    const step = nextStep(intent);
    if (step === 'none') return intent;
    const call = this.#stripe.paymentIntents[step](intent.id, { expand });
    const moved = await asked(call.catch(movedOn));
    if (typeof moved !== 'string') return parseAnswer('Stripe', intentSchema, moved);
    const now = await this.read(intent.id);
    const isStuck = nextStep(now) !== 'none' && moved !== 'expired';
    if (isStuck) throw new Unavailable(`The ${step} did not go through.`);
    return now;
  }

  /** Every Refund object of the intent; one that cannot be read is the reason why. */
  async refundsOf(intent: Intent): Promise<(Refund | Unusable)[]> {
    const pages = this.#stripe.refunds.list({
      payment_intent: intent.id,
      limit: 100,
      expand: refundExpansions,
    });
    const refunds = await asked(pages.autoPagingToArray({ limit: MOST_REFUNDS }));
    if (refunds.length === MOST_REFUNDS) throw new Unusable('There are too many refunds to read.');
    return refunds.map((refund) => {
      const { data } = refundSchema.safeParse(refund);
      return data ?? new Unusable('Stripe returned an unusable refund.', { about: refund.id });
    });
  }

  async dispute(id: string): Promise<Dispute> {
    return parseAnswer('Stripe', disputeSchema, await asked(this.#stripe.disputes.retrieve(id)));
  }
}

/** Radar holds the payment: its review is open, or announced and not there yet. */
export function isUnderReview(intent: Intent): boolean {
  if (intent.status !== 'requires_capture' || !wasHeldForReview(intent)) return false;
  return intent.review === null || intent.review.open;
}

/** Radar holds the payment, or once did. */
export function wasHeldForReview({ review, latest_charge: charge }: Intent): boolean {
  return review !== null || charge?.outcome?.type === 'manual_review';
}

/** Approving a review captures nothing; refusing one cancels nothing: both are left to us. */
function nextStep(intent: Intent): 'capture' | 'cancel' | 'none' {
  if (intent.status !== 'requires_capture' || isUnderReview(intent)) return 'none';
  const { review } = intent;
  return review === null || review.closed_reason === 'approved' ? 'capture' : 'cancel';
}
