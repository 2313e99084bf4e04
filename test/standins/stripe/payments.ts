import type { Account } from './account.ts';
import { ApiError, impossible, invalid, unexpectedState } from './errors.ts';
import { chargeBalance, newCharge, newPaymentIntent, newReview } from './new-payment.ts';
import type { PaymentIntent } from './objects.ts';
import { closeReviewOf } from './reviews.ts';

const CONFIRMABLE = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
const CANCELABLE = [...CONFIRMABLE, 'requires_capture', 'processing'];

/** A payment starts; nobody has paid yet. */
export function createPayment(
  account: Account,
  fields: Parameters<typeof newPaymentIntent>[1],
): PaymentIntent {
  const intent = newPaymentIntent(account, fields);
  account.record('payment_intent.created', intent);
  return intent;
}

/**
 * The buyer pays: the money is held, or taken at once where the payment is not captured by hand.
 * With `isReviewed` Radar opens a review of it.
 */
export function confirmPayment(account: Account, id: string, isReviewed: boolean): PaymentIntent {
  const intent = account.get('payment_intent', id);
  if (!CONFIRMABLE.includes(intent.status)) throw unexpectedState(intent, 'confirmed');
  const charge = newCharge(account, intent, isReviewed);
  const review = isReviewed ? newReview(account, intent) : null;
  charge.review = review?.id ?? null;
  const isHeld = intent.capture_method === 'manual';
  Object.assign(intent, {
    latest_charge: charge.id,
    payment_method: charge.payment_method,
    review: charge.review,
    status: 'requires_capture',
    amount_capturable: intent.amount,
  } satisfies Partial<PaymentIntent>);
  if (!isHeld) take(account, intent, intent.amount);
  account.record('charge.succeeded', charge);
  account.record(
    isHeld ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded',
    intent,
  );
  if (review) account.record('review.opened', review);
  return intent;
}

/** The bank refuses; the same payment may be tried again. Returns what the API answers to that. */
export function declinePayment(
  account: Account,
  intent: PaymentIntent,
  shown: (intent: PaymentIntent) => object,
): ApiError {
  if (!CONFIRMABLE.includes(intent.status)) return unexpectedState(intent, 'confirmed');
  const decline = {
    type: 'card_error' as const,
    code: 'card_declined' as const,
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
  };
  intent.last_payment_error = decline;
  account.record('payment_intent.payment_failed', intent);
  return new ApiError(402, { ...decline, payment_intent: structuredClone(shown(intent)) }, true);
}

/** Takes held money, all of it or `amount`; the rest of the hold is released. */
export function capturePayment(
  account: Account,
  id: string,
  amount?: number,
  metadata: PaymentIntent['metadata'] = {},
): PaymentIntent {
  const intent = account.get('payment_intent', id);
  if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'captured');
  if (amount !== undefined && amount > intent.amount_capturable) {
    throw invalid('amount_to_capture', 'More than the amount held.', 'amount_too_large');
  }
  const charge = take(account, intent, amount ?? intent.amount_capturable);
  Object.assign(intent.metadata, metadata);
  account.record('charge.captured', charge);
  account.record('payment_intent.succeeded', intent);
  return intent;
}

/** Ends a payment that has not been captured; a hold is released, an open review closes. */
export function cancelPayment(account: Account, id: string, reason?: string): PaymentIntent {
  const intent = account.get('payment_intent', id);
  if (!CANCELABLE.includes(intent.status)) throw unexpectedState(intent, 'canceled');
  end(account, intent, reason ?? null);
  account.record('payment_intent.canceled', intent);
  closeReviewOf(account, intent, 'canceled');
  return intent;
}

/** The hold outlives its term: nothing was captured and nothing can be. */
export function expireHold(account: Account, id: string): PaymentIntent {
  const intent = account.get('payment_intent', id);
  if (intent.status !== 'requires_capture' || intent.latest_charge === null) {
    throw impossible(`${id} holds no money`);
  }
  end(account, intent, 'expired');
  account.record('charge.expired', account.get('charge', intent.latest_charge));
  account.record('payment_intent.canceled', intent);
  closeReviewOf(account, intent, 'canceled');
  return intent;
}

function take(account: Account, intent: PaymentIntent, amount: number) {
  if (intent.latest_charge === null) throw impossible(`${intent.id} has no charge`);
  const charge = account.get('charge', intent.latest_charge);
  charge.captured = true;
  charge.amount_captured = amount;
  charge.balance_transaction = chargeBalance(account, charge);
  intent.status = 'succeeded';
  intent.amount_capturable = 0;
  intent.amount_received = amount;
  return charge;
}

function end(account: Account, intent: PaymentIntent, reason: string | null): void {
  intent.status = 'canceled';
  intent.amount_capturable = 0;
  intent.canceled_at = account.now();
  intent.cancellation_reason = reason;
}
