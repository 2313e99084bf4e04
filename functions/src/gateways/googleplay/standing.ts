import { ERASED } from '../../ids';
import type { Movement } from '../../movement';

/**
 * - `credited`: at least a part is credited and not refunded.
 * - `pending`: not paid yet. We ask again later.
 * - `unpaid`: a promotion without an order. It costs nothing, so it credits nothing.
 * - `refunded`: all of it is refunded, or it was cancelled unpaid.
 * - `barred`: purchases of its kind credit nothing on this deployment.
 * - `unclaimed`: its user is not known yet.
 * - `earlier`: it belongs to an earlier backend, which credits and consumes it.
 * - `ownerless`: its user has deleted the account. Google pays back what is not consumed.
 */
export type Standing =
  'credited' | 'pending' | 'unpaid' | 'refunded' | 'barred' | 'unclaimed' | 'earlier' | 'ownerless';

/** How a purchase stands that has moved money. */
export function standingOf(movements: readonly Movement[]): Standing {
  const cents = movements.reduce((sum, { amountCents }) => sum + amountCents, 0);
  if (cents <= 0) return 'refunded';
  return movements.some(({ uid }) => uid === ERASED) ? 'ownerless' : 'credited';
}
