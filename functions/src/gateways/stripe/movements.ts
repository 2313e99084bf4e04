import { NotFound, Unusable } from '../../errors';
import { log } from '../../log';
import type { Reported } from '../../movement';
import { advanceIntent, type AdvanceDeps } from './advance';
import type { StripeApi } from './api';
import type { StripeEvent } from './events';
import { disputeOf } from './intents';

export type MovementsDeps = AdvanceDeps;

/**
 * Reads from Stripe's API all that the payment of an event has moved, and captures the payment when
 * that is left to us. Only ids are taken from the event.
 * @throws Unusable when our payment cannot be booked, or the account does not have it.
 * @throws Unavailable when Stripe does not answer.
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
    log.alert('Stripe reports what a person should see', { event_id: id, event_type: type });
    return [];
  }
  const intentId = await readIntentId(deps.api, event);
  if (intentId === null) return [];
  const intent = await deps.api.readIntent(intentId);
  const advanced = await advanceIntent(intent, deps, { refunds: subject === 'refunds' });
  if (subject !== 'dispute' || !advanced.isOurs) return advanced.movements;
  if (disputeId === null) {
    return [...advanced.movements, new Unusable('The event of a dispute does not name it.')];
  }
  return [...advanced.movements, ...disputeOf(intent, await deps.api.readDispute(disputeId))];
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
