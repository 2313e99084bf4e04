import type { PaymentsMode } from '../../config/settings';
import { log } from '../../log';
import { NAME } from './config';
import type { Intents } from './intents';
import { isOurs, ownerOf, paymentOf, refundsOf, reviewOf } from './movements';
import type { Intent } from './objects';
import type { Movement, Reported } from '../../movement';

/** An intent as it is after we did our part, and all the money it has moved, or holds back. */
export interface Settled {
  readonly intent: Intent;
  readonly movements: readonly Reported[];
  /** Whether the payment is one of ours, in our mode. */
  readonly isOurs: boolean;
}

/**
 * The one routine behind every event and the status call: captures what may be captured, and says
 * everything the intent did. Since it reads the intent as it is now, events may come late, twice or
 * in any order.
 * @param refunds whether to look for refunds even where the charge shows none: its running total
 *   may drop when a refund fails.
 */
export async function settleIntent(
  intents: Intents,
  mode: PaymentsMode,
  held: Intent,
  { refunds }: { refunds: boolean },
): Promise<Settled> {
  if (!isOurs(held) || held.livemode !== (mode === 'live'))
    return { intent: held, movements: [], isOurs: false };
  // Before the capture: no money is taken that could not be credited.
  ownerOf(held);
  const intent = await intents.advance(held);
  const charge = intent.latest_charge;
  const payment = [...paymentOf(intent), ...reviewOf(intent)];
  if (charge === null || !charge.captured) return { intent, movements: payment, isOurs: true };
  if (!refunds && charge.amount_refunded === 0) return { intent, movements: payment, isOurs: true };
  const movements = [...payment, ...refundsOf(intent, await intents.refundsOf(intent))];
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
