import type { PaymentsMode } from '../../config/settings';
import { log } from '../../log';
import type { Movement, Reported } from '../../movement';
import type { StripeApi } from './api';
import { NAME } from './config';
import { isOurs, ownerOf, paymentOf, refundsOf, reviewOf } from './intents';
import type { Intent } from './objects';

/** An intent after we did our part, and all the money that it has moved or holds back. */
export interface AdvancedIntent {
  readonly intent: Intent;
  readonly movements: readonly Reported[];
  /** Whether the payment is ours and of our mode. */
  readonly isOurs: boolean;
}

export interface AdvanceDeps {
  readonly api: StripeApi;
  readonly mode: PaymentsMode;
}

/**
 * The one routine behind every event and the status call. It captures what may be captured, and
 * returns everything that the intent did. It reads the intent as it is now, so events may come late,
 * twice or in any order.
 * @param options.refunds whether to look for refunds even where the charge shows none: the charge's
 *   total may drop when a refund fails.
 */
export async function advanceIntent(
  held: Intent,
  { api, mode }: AdvanceDeps,
  { refunds }: { readonly refunds: boolean },
): Promise<AdvancedIntent> {
  if (!isOurs(held) || held.livemode !== (mode === 'live'))
    return { intent: held, movements: [], isOurs: false };
  // The owner is checked before the capture: we take no money that could not be credited.
  ownerOf(held);
  const intent = await api.advance(held);
  const charge = intent.latest_charge;
  const payment = [...paymentOf(intent), ...reviewOf(intent)];
  if (charge === null || !charge.captured) return { intent, movements: payment, isOurs: true };
  if (!refunds && charge.amount_refunded === 0) return { intent, movements: payment, isOurs: true };
  const movements = [...payment, ...refundsOf(intent, await api.listRefunds(intent))];
  warnOfExcess(movements);
  return { intent, movements, isOurs: true };
}

function warnOfExcess(reported: readonly Reported[]): void {
  const movements = reported.filter((one): one is Movement => 'kind' in one);
  const sum = movements.reduce((cents, movement) => cents + movement.amountCents, 0);
  const [payment] = movements;
  if (sum >= 0 || payment?.kind !== 'payment') return;
  log.alert('more was refunded than was paid', { payment_id: `${NAME}_${payment.id}` });
}
