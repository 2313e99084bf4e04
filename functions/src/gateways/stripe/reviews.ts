import type { Intent } from './objects';

/** Whether Radar holds the payment: its review is open, or announced and not yet there. */
export function isUnderReview(intent: Intent): boolean {
  if (intent.status !== 'requires_capture' || !wasHeldForReview(intent)) return false;
  return intent.review === null || intent.review.open;
}

/** Whether Radar holds the payment, or has held it. */
export function wasHeldForReview({ review, latest_charge: charge }: Intent): boolean {
  return review !== null || charge?.outcome?.type === 'manual_review';
}

/**
 * What is left to us to do with a held payment: Stripe does not capture it when a review is
 * approved, and does not cancel it when a review is refused.
 */
export function nextStep(intent: Intent): 'capture' | 'cancel' | 'none' {
  if (intent.status !== 'requires_capture' || isUnderReview(intent)) return 'none';
  const { review } = intent;
  return review === null || review.closed_reason === 'approved' ? 'capture' : 'cancel';
}
