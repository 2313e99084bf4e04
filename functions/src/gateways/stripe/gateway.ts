import type Stripe from 'stripe';
import type { PaymentsMode } from '../../config/settings';
import { NotFound, Unauthentic, Unusable } from '../../errors';
import { log } from '../../log';
import type { Gateway, WebhookRequest } from '../../gateway';
import { openClient } from './client';
import { readApiConfig, readWebhookSecrets } from './config';
import { parseEvent, type StripeEvent } from './events';
import { Intents } from './intents';
import { disputeOf } from './movements';
import { settleIntent } from './settlement';
import type { Reported } from '../../movement';

export function openGateway(now: () => Date = () => new Date()): Gateway<StripeEvent> {
  const config = readApiConfig();
  const secrets = readWebhookSecrets();
  const stripe = openClient(config);
  const intents = new Intents(stripe);
  return {
    verify: async (request) => {
      checkSignature(stripe, request, secrets, now());
      return parseEvent(request.body);
    },
    movements: async (event) => {
      try {
        return await movementsOf(intents, config.mode, event);
      } catch (error) {
        // The key may be another account's: the event must not be lost for it.
        if (error instanceof NotFound) throw new Unusable(error.message, { cause: error });
        throw error;
      }
    },
  };
}

/** Stripe limits the age of a signature; one from the future is no better. */
const TOLERANCE_S = 300;

/** Stripe's scheme (https://docs.stripe.com/webhooks#verify-manually) by Stripe's own code. */
function checkSignature(
  { webhooks: { signature } }: Stripe,
  { headers, body }: WebhookRequest,
  secrets: readonly string[],
  now: Date,
): void {
  const header = headers['stripe-signature'];
  if (typeof header !== 'string') throw new Unauthentic('There is no signature.');
  const signedAt = Number(/(?:^|,)t=(\d+)/.exec(header)?.[1]);
  if (signedAt - now.getTime() / 1000 > TOLERANCE_S) {
    throw new Unauthentic('The signature is from the future.');
  }
  const isRight = (secret: string): boolean => {
    try {
      // Any throwable means no: the SDK has several for a header it cannot read.
      return (
        signature?.verifyHeader(body, header, secret, TOLERANCE_S, undefined, now.getTime()) ===
        true
      );
    } catch {
      return false;
    }
  };
  if (!secrets.some(isRight)) throw new Unauthentic('The signature is wrong.');
}

async function movementsOf(
  intents: Intents,
  mode: PaymentsMode,
  event: StripeEvent,
): Promise<readonly Reported[]> {
  const { id, type, subject, disputeId } = event;
  const isForUs = event.account === null && event.livemode === (mode === 'live');
  if (!isForUs || subject === 'nothing') return [];
  if (subject === 'notice') {
    log.alert('Stripe reports what a person should see', { event_id: id, event_type: type });
    return [];
  }
  const intentId = await intentIdOf(intents, event);
  if (intentId === null) return [];
  const intent = await intents.read(intentId);
  const settled = await settleIntent(intents, mode, intent, { refunds: subject === 'refunds' });
  if (disputeId === null || subject !== 'dispute' || !settled.isOurs) return settled.movements;
  return [...settled.movements, ...disputeOf(intent, await intents.dispute(disputeId))];
}

/**
 * The intent an event is about; null when a charge was made without one, which is none of ours.
 * @throws Unusable when the event names neither, which no event about money may.
 */
async function intentIdOf(intents: Intents, event: StripeEvent): Promise<string | null> {
  if (event.intentId !== null) return event.intentId;
  if (event.chargeId !== null) return intents.idOfCharge(event.chargeId);
  throw new Unusable('The event names no payment.');
}
