import { HOUR_MS } from '../../config/limits';
import { Malformed, NotFound, Unavailable, Unusable } from '../../errors';
import { log } from '../../log';
import type { Gateway } from '../../gateway';
import { NAME, readPlayConfig, readPushConfig } from './config';
import { parseEvent, type PlayEvent, type Subject } from './events';
import { openStore, type GivenParts, type Store } from './open';
import { receiptIdOf } from './purchases';
import { senderCheck } from './sender';
import type { Movement } from '../../movement';

/**
 * By then Google shows a purchase that it has announced, or a person should see why not: before
 * Pub/Sub gives the message up, which it does after sixteen hours of the longest pauses.
 */
const PATIENCE_MS = 12 * HOUR_MS;

export function openGateway(given: GivenParts = {}): Gateway<PlayEvent> {
  const config = readPlayConfig();
  const checkSender = senderCheck(readPushConfig());
  const store = openStore(config, given);
  const now = given.now ?? (() => new Date());
  return {
    // The proof is in a header: the body is not looked at before.
    verify: async (request) => {
      await checkSender(request.headers.authorization);
      return parseEvent(request);
    },
    trace: ({ id, type, at, packageName, subject }) => {
      return { id, type, at, packageName, ...traceOf(subject) };
    },
    movements: async (event) => {
      try {
        return await movementsOf(store, config.packageName, event);
      } catch (error) {
        throw patient(error, event, now());
      }
    },
  };
}

async function movementsOf(
  { purchases, voids }: Store,
  packageName: string,
  { id, type, subject, packageName: from }: PlayEvent,
): Promise<readonly Movement[]> {
  if (subject.kind === 'unreadable') throw new Unusable('Pub/Sub pushed what cannot be read.');
  if (from !== packageName) {
    log.warn('a notification of another app', { gateway: NAME, event_id: id, event_type: type });
    return [];
  }
  switch (subject.kind) {
    case 'purchase':
      return (await purchases.settle(subject.token)).movements;
    case 'void':
      return voids.announced(subject);
    case 'review':
      throw new Unusable('Google asks for a word on a chargeback, within a day.');
    case 'nothing':
      return [];
  }
}

/** What a person needs to find the purchase, but for its token: who has that may claim it. */
function traceOf(subject: Subject): object {
  switch (subject.kind) {
    case 'purchase':
      return { receiptId: receiptIdOf(subject.token) };
    case 'void':
      return { receiptId: receiptIdOf(subject.token), orderId: subject.orderId };
    case 'review':
      return { review: subject.review };
    case 'nothing':
    case 'unreadable':
      return {};
  }
}

/**
 * A purchase that Google does not show may show up: Pub/Sub sends the notification again. What is
 * not there after half a day is a person's matter, and what Google takes for no purchase of ours is
 * at once.
 */
function patient(error: unknown, { at }: PlayEvent, now: Date): unknown {
  if (error instanceof NotFound && now.getTime() - at.getTime() < PATIENCE_MS) {
    return new Unavailable(error.message, { cause: error });
  }
  return error instanceof NotFound || error instanceof Malformed
    ? new Unusable(error.message, { cause: error })
    : error;
}
