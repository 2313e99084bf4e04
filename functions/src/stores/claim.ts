import { Unusable } from '../errors';
import type { EventSource } from '../ledger/parked-events';
import type { ReceiptOwner } from './receipt';
import { park, ingest, type Pipeline } from '../pipeline';
import { accountToken } from './account-token';
import type { Movement } from '../movement';
import { expectCustomerId } from '../ids';

/**
 * Whose a purchase becomes when this user claims it.
 * @throws Forbidden when the Retail API could hold no balance for them: the account is in doubt
 *   then, not the purchase.
 */
export function claimantOf(uid: string): ReceiptOwner {
  expectCustomerId(uid);
  return { uid, accountToken: accountToken(uid) };
}

/**
 * Brings what an app has proven to the balance, before the app hears "success" and finishes the
 * purchase in the store. A proven purchase of which nothing can be made is parked and refused, so
 * that a person sees it; the app keeps it and may send it again after the fix.
 * @throws whatever `movements` throws, and why a movement could not become a row.
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
