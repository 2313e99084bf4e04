/**
 * The events that the destination of the webhook must send: those of `events.ts`, but for older names
 * of the same event, and for news of a dispute that asks nothing of a person.
 */
export const webhookEvents: readonly string[] = [
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'review.closed',
  'charge.refunded',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'charge.dispute.created',
  'charge.dispute.closed',
  'radar.early_fraud_warning.created',
];
