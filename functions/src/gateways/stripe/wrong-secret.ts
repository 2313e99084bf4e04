import { STRANGE_EVENT_PAUSE_MS } from '../../config/limits';
import type { WebhookRequest } from '../../gateway';
import { log } from '../../log';
import type { StripeApi } from './api';
import { NAME } from './config';
import { claimedId } from './events';

/**
 * Tells a wrong STRIPE_WEBHOOK_SECRET from a stranger, at the first refusal: Stripe is asked whether it
 * has the event, whose id a stranger does not know. A person is then told. The request stays refused,
 * and no answer of Stripe is no news.
 * @returns the routine for a request whose signature was refused. It asks once in a while only, because
 *   strangers can call it.
 */
export function openSecretCheck(
  api: Pick<StripeApi, 'hasEvent'>,
  now: () => Date,
): (request: WebhookRequest) => Promise<void> {
  let askedAt = Number.NEGATIVE_INFINITY;
  return async ({ headers, body }) => {
    const time = now().getTime();
    if (headers['stripe-signature'] === undefined || time - askedAt < STRANGE_EVENT_PAUSE_MS)
      return;
    const id = claimedId(body);
    if (id === undefined) return;
    askedAt = time;
    if (!(await api.hasEvent(id).catch(() => false))) return;
    log.alert('Stripe has sent this event, and STRIPE_WEBHOOK_SECRET does not fit its signature', {
      gateway: NAME,
      event_id: id,
      next_step:
        "Set STRIPE_WEBHOOK_SECRET to the signing secret that Stripe's dashboard shows for this destination, or to a new one by npm run setup:stripe -- --replace, and deploy.",
    });
  };
}
