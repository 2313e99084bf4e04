import { Unusable } from '../errors';
import type { EventSource } from '../ledger/parked-events';
import type { ReceiptOwner } from './receipt';
import { park, ingest, type Pipeline } from '../pipeline';
import { accountToken } from './account-token';
import type { Movement } from '../movement';
import { expectCustomerId } from '../ids';

/**
 * The owner of a purchase that this user claims.
 * @throws Forbidden when the Retail API could not hold a balance for this uid. The purchase itself
 *   may be good.
 */
export function claimantOf(uid: string): ReceiptOwner {
  expectCustomerId(uid);
  return { uid, accountToken: accountToken(uid) };
}

/**
 * Brings the movements of a proven purchase to the balance, before the app hears "success" and
 * finishes the purchase in the store. A proven purchase that cannot become a row is parked, so that a
 * person sees it, and refused: the app keeps it and may send it again after the fix.
 * @throws the errors of `movements`, and the reason why a movement could not become a row.
 */
export async function settleClaim(
  pipeline: Pipeline,
  report: EventSource,
  movements: () => Promise<readonly Movement[]>,
): Promise<void> {
  const [parked] = await ingest(pipeline, report, await movements().catch(parkUnusable));
  if (parked !== undefined) throw parked;

  async function parkUnusable(error: unknown): Promise<never> {
    if (error instanceof Unusable) await park(pipeline, report, error);
    throw error;
  }
}
