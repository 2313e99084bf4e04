import { NotFound, Unavailable, Unusable } from '../../errors';
import { log } from '../../log';
import type { Movement, Reported } from '../../movement';
import { advanceIntent, type AdvancedIntent, type AdvanceDeps } from './advance';
import type { StripeApi } from './api';
import type { StripeEvent } from './events';
import { disputeOf, isOurs } from './intents';
import type { Intent } from './objects';
import { isUnderReview } from './reviews';

export type MovementsDeps = AdvanceDeps;

/**
 * Reads from Stripe's API all that the payment of an event has moved, and captures the payment when
 * that is left to us. Only ids are taken from the event.
 * @throws Unusable when our payment cannot be booked, or the account does not have it.
 * @throws Unavailable when Stripe does not answer, or its API is behind its own event.
 */
export async function readMovements(
  event: StripeEvent,
  deps: MovementsDeps,
): Promise<readonly Reported[]> {
  try {
    return await readSubject(event, deps);
  } catch (error) {
    // The key may be of another account. The event must be kept even then.
    if (error instanceof NotFound) throw new Unusable(error.message, { cause: error });
    throw error;
  }
}

async function readSubject(event: StripeEvent, deps: MovementsDeps): Promise<readonly Reported[]> {
  const { id, type, subject, disputeId } = event;
  const isForUs = event.account === null && event.livemode === (deps.mode === 'live');
  if (!isForUs || subject === 'nothing') return [];
  if (subject === 'notice') {
    if (await isOfOthers(event, deps)) return [];
    log.alert('Stripe reports what a person should see', {
      event_id: id,
      event_type: type,
      next_step: "Look at the event in Stripe's dashboard, and answer a dispute in time.",
    });
    return [];
  }
  const intentId = await readIntentId(deps.api, event);
  if (intentId === null) return [];
  const intent = await deps.api.readIntent(intentId);
  const advanced = await advanceIntent(intent, deps, { refunds: subject === 'refunds' });
  if (!advanced.isOurs) return [];
  const disputes = subject === 'dispute' ? await readDispute(intent, disputeId, deps) : [];
  const reported = [...advanced.movements, ...disputes];
  if (isBehind(event, advanced, reported)) {
    throw new Unavailable("Stripe's API is behind its own event.");
  }
  return reported;
}

async function readDispute(
  intent: Intent,
  disputeId: string | null,
  { api }: MovementsDeps,
): Promise<readonly Reported[]> {
  if (disputeId === null) return [new Unusable('The event of a dispute does not name it.')];
  return disputeOf(intent, await api.readDispute(disputeId));
}

/** Whether an event is about a payment that is not ours. One that cannot be read may be ours. */
async function isOfOthers(event: StripeEvent, deps: MovementsDeps): Promise<boolean> {
  try {
    const intentId = await readIntentId(deps.api, event);
    return intentId === null || !(await isOurs(await deps.api.readIntent(intentId), deps));
  } catch (error) {
    if (error instanceof NotFound || error instanceof Unusable) return false;
    throw error;
  }
}

/** The movement that an event reports. A refund may have failed since. */
const toldBy: ReadonlyMap<string, readonly Movement['kind'][]> = new Map([
  ['payment_intent.succeeded', ['payment']],
  ['charge.refunded', ['refund', 'refund_failed']],
  ['refund.failed', ['refund_failed']],
  ['charge.dispute.funds_withdrawn', ['dispute']],
  ['charge.dispute.funds_reinstated', ['dispute_reversed']],
]);

/** The statuses of an intent whose money is not held yet. */
const beforeHold = new Set([
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
]);

/**
 * Whether the API does not show yet what the event reports. A hold that is released is reported as a
 * refund, too, of a charge that was never captured.
 */
function isBehind(
  event: StripeEvent,
  advanced: AdvancedIntent,
  reported: readonly Reported[],
): boolean {
  if (reported.some((one) => one instanceof Unusable)) return false;
  const { intent } = advanced;
  if (event.type === 'payment_intent.amount_capturable_updated')
    return beforeHold.has(intent.status);
  if (event.type === 'review.closed') return isUnderReview(intent);
  if (lacksRefund(event, advanced)) return true;
  const kinds = toldBy.get(event.type);
  if (kinds === undefined) return false;
  const wasPaid = intent.latest_charge?.captured === true;
  if (!wasPaid && !kinds.includes('payment')) return false;
  return !reported.some((one) => 'kind' in one && kinds.includes(one.kind));
}

/** Whether the listed refunds lack the one that the event names, or a part of the charge's total. */
function lacksRefund(
  { type, refundId, refundedCents }: StripeEvent,
  { refunds: listed }: AdvancedIntent,
): boolean {
  if (listed === undefined) return false;
  const refunds = listed.filter((one) => !(one instanceof Unusable));
  if (refundId === null) {
    return refunds.reduce((cents, { amount }) => cents + amount, 0) < (refundedCents ?? 0);
  }
  const status = refunds.find(({ id }) => id === refundId)?.status;
  if (status === undefined) return true;
  return type === 'refund.failed' && status !== 'failed' && status !== 'canceled';
}

/**
 * The intent that an event is about; null when a charge was made without one, which is not our way.
 * @throws Unusable when the event names neither, which no event about money may.
 */
async function readIntentId(api: StripeApi, event: StripeEvent): Promise<string | null> {
  if (event.intentId !== null) return event.intentId;
  if (event.chargeId !== null) return api.findIntentOf(event.chargeId);
  throw new Unusable('The event names no payment.');
}
