import { Unusable } from '../../errors';
import type { Reported } from '../../movement';
import type { StripeApi } from './api';
import {
  disputeOf,
  isOurs,
  ownerOf,
  paymentOf,
  refundsOf,
  reviewOf,
  type OwnershipDeps,
} from './intents';
import type { Intent, Refund } from './objects';

/** An intent after we did our part, and all the money that it has moved or holds back. */
export interface AdvancedIntent {
  readonly intent: Intent;
  readonly movements: readonly Reported[];
  /** The refunds behind the movements; absent where they were not looked for. */
  readonly refunds?: readonly (Refund | Unusable)[];
  /** Whether the payment is of this deployment and mode. */
  readonly isOurs: boolean;
}

export interface AdvanceDeps extends OwnershipDeps {
  readonly api: StripeApi;
  /** Nothing is captured or canceled. */
  readonly isReadOnly?: boolean;
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
  deps: AdvanceDeps,
  { refunds }: { readonly refunds: boolean },
): Promise<AdvancedIntent> {
  if (!(await isOurs(held, deps))) return { intent: held, movements: [], isOurs: false };
  // The owner is checked before the capture: we take no money that could not be credited.
  ownerOf(held);
  const intent = deps.isReadOnly === true ? held : await deps.api.advance(held);
  const charge = intent.latest_charge;
  const payment = [...paymentOf(intent), ...reviewOf(intent)];
  if (charge === null || !charge.captured) return { intent, movements: payment, isOurs: true };
  if (!refunds && charge.amount_refunded === 0) return { intent, movements: payment, isOurs: true };
  const listed = await deps.api.listRefunds(intent);
  const movements = [...payment, ...refundsOf(intent, listed)];
  return { intent, movements, refunds: listed, isOurs: true };
}

/**
 * Everything that an intent did, its disputes among it.
 * @throws as `advanceIntent`.
 */
export async function readAll(held: Intent, deps: AdvanceDeps): Promise<readonly Reported[]> {
  const { intent, movements, isOurs } = await advanceIntent(held, deps, { refunds: true });
  if (!isOurs) return movements;
  const listed = intent.latest_charge?.disputed === true ? await deps.api.listDisputes(intent) : [];
  const disputes = listed.flatMap((one) =>
    one instanceof Unusable ? [one] : disputeOf(intent, one),
  );
  const { orderId } = ownerOf(intent);
  return [...movements, ...disputes].map((one) => withOrder(one, orderId));
}

/** A fault of a refund or a dispute names the order, by which the payment is asked about again. */
function withOrder(one: Reported, orderId: string | null): Reported {
  if (!(one instanceof Unusable) || orderId === null) return one;
  const about = one.about === undefined ? {} : { about: one.about };
  return new Unusable(one.message, { ...about, orderId, cause: one });
}
