import { HOUR_MS } from '../../config/limits';
import { Malformed, NotFound, Unavailable, Unusable } from '../../errors';
import { log } from '../../log';
import type { Movement } from '../../movement';
import { NAME } from './config';
import type { PlayEvent } from './events';
import type { Purchases } from './purchases';
import type { Voids } from './voids';

export interface MovementsDeps {
  /** The app whose purchases are ours. */
  readonly packageName: string;
  readonly purchases: Pick<Purchases, 'syncPurchase'>;
  readonly voids: Pick<Voids, 'handleAnnouncement'>;
  readonly now: () => Date;
}

/**
 * How long Google may take to show a purchase that it has announced. After that a person should
 * look. The limit is shorter than Pub/Sub's patience, which ends after sixteen hours of the longest
 * pauses.
 */
const PATIENCE_MS = 12 * HOUR_MS;

/**
 * Reads the purchase that a notification names, and returns all that the purchase has ever moved.
 * @throws Unusable when no row can be made of it, or a person must act.
 * @throws Unavailable when Google or Firestore does not answer, or Google does not show it yet.
 * @throws Misconfigured when Google refuses us.
 */
export async function readMovements(
  event: PlayEvent,
  deps: MovementsDeps,
): Promise<readonly Movement[]> {
  try {
    return await readSubject(event, deps);
  } catch (error) {
    throw toEventError(error, event, deps.now());
  }
}

async function readSubject(
  { id, type, subject, packageName }: PlayEvent,
  deps: MovementsDeps,
): Promise<readonly Movement[]> {
  if (subject.kind === 'unreadable') throw new Unusable('Pub/Sub pushed what cannot be read.');
  if (packageName !== deps.packageName) {
    log.warn('a notification of another app', { gateway: NAME, event_id: id, event_type: type });
    return [];
  }
  switch (subject.kind) {
    case 'purchase':
      return (await deps.purchases.syncPurchase(subject.token)).movements;
    case 'void':
      return deps.voids.handleAnnouncement(subject);
    case 'review':
      throw new Unusable('Google asks for a word on a chargeback, within a day.');
    case 'nothing':
      return [];
  }
}

/**
 * A purchase that Google does not show yet is Unavailable: Pub/Sub sends the notification again. It
 * becomes Unusable after the limit. A token that Google rejects is Unusable at once.
 */
function toEventError(error: unknown, { at }: PlayEvent, now: Date): unknown {
  if (error instanceof NotFound && now.getTime() - at.getTime() < PATIENCE_MS) {
    return new Unavailable(error.message, { cause: error });
  }
  return error instanceof NotFound || error instanceof Malformed
    ? new Unusable(error.message, { cause: error })
    : error;
}
