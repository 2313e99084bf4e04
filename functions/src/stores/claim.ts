import { Unusable } from '../errors';
import type { EventSource } from '../ledger/parked-events';
import type { ReceiptOwner } from './receipt';
import { park, ingest, type Pipeline } from '../pipeline';
import { accountToken } from './account-token';
import type { Movement } from '../movement';
import { expectCustomerId } from '../ids';

/**
 * The owner that a receipt gets when this user claims it.
 * @throws Forbidden when the Retail API cannot hold a balance for this uid. The fault is then in
 *   the account, not in the purchase.
 */
export function claimantOf(uid: string): ReceiptOwner {
  expectCustomerId(uid);
  return { uid, accountToken: accountToken(uid) };
}

/**
 * Brings the movements that an app has proven to the balance, before the app hears "success" and
 * finishes the purchase in the store. If a proven purchase yields no row, it is parked for a person
 * and refused. The app keeps it and may send it again after the fix.
 * @param work proves the purchase and returns all it has moved.
 * @returns the result of `work`.
 * @throws what `work` throws, and the reason why a movement could not become a row.
 */
export async function ingestClaim<Result extends { readonly movements: readonly Movement[] }>(
  pipeline: Pipeline,
  source: EventSource,
  work: () => Promise<Result>,
): Promise<Result> {
  const result = await work().catch(async (error: unknown) => {
    if (error instanceof Unusable) await park(pipeline, source, error);
    throw error;
  });
  const [parked] = await ingest(pipeline, source, result.movements);
  if (parked !== undefined) throw parked;
  return result;
}
