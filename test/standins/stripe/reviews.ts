import type { Account } from './account.ts';
import { impossible } from './errors.ts';
import type { PaymentIntent, Review } from './objects.ts';

/** Why a review ended. */
export type ClosedReason = NonNullable<Review['closed_reason']>;

/**
 * Closes the review of a payment. The payment itself keeps its status and its reference to the
 * review: approving captures nothing, refusing releases nothing.
 */
export function closeReview(account: Account, intentId: string, reason: ClosedReason): Review {
  const review = closeReviewOf(account, account.get('payment_intent', intentId), reason);
  if (!review) throw impossible(`${intentId} has no open review`);
  return review;
}

/** Closes the payment's review if it has an open one. */
export function closeReviewOf(
  account: Account,
  intent: PaymentIntent,
  reason: ClosedReason,
): Review | undefined {
  if (intent.review === null) return undefined;
  const review = account.get('review', intent.review);
  if (!review.open) return undefined;
  review.open = false;
  review.closed_reason = reason;
  review.reason = reason;
  account.record('review.closed', review);
  return review;
}
