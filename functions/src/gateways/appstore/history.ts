import { createHash } from 'node:crypto';
import type { PaymentsMode } from '../../config/settings';
import { DAY_MS, HOUR_MS } from '../../config/limits';
import { Parkable, Unauthentic, Unusable } from '../../errors';
import type { History } from '../../gateway';
import type { Movement, Reported } from '../../movement';
import type { AppStoreApi } from './api';
import type { AppStoreEvent } from './events';
import { readMovements, type MovementsDeps } from './movements';
import { NothingPaid, receiptIdOf } from './sales';

/**
 * Apple keeps notifications for 180 days, those of the sandbox for 30, and refuses an earlier start:
 * https://developer.apple.com/documentation/appstoreserverapi/get-notification-history. An hour is left
 * for clocks that differ.
 */
const REACH_MS: Readonly<Record<PaymentsMode, number>> = {
  live: 180 * DAY_MS - HOUR_MS,
  test: 30 * DAY_MS - HOUR_MS,
};

/** Apple does not say how late a notification may appear in its history. */
const LAG_MS = DAY_MS;

const EVERY_MS = HOUR_MS;

export interface HistoryDeps {
  readonly mode: PaymentsMode;
  readonly apple: Pick<AppStoreApi, 'listNotifications'>;
  /** Verifies and reads a signed payload, as the webhook does. */
  readonly readEvent: (jws: string) => Promise<AppStoreEvent>;
  /** Opens the books for one look. */
  readonly open: () => MovementsDeps;
  readonly now: () => Date;
}

/** Apple's history of notifications. Each goes through the routine of the webhook. */
export function openHistory(deps: HistoryDeps): History {
  return {
    // Apple may make no notification of a payment.
    kinds: ['refund', 'refund_reversed'],
    reachMs: REACH_MS[deps.mode],
    lagMs: LAG_MS,
    everyMs: EVERY_MS,
    list: (since, until) => list(deps, since, until),
  };
}

async function* list(
  { mode, apple, readEvent, open, now }: HistoryDeps,
  since: Date,
  until: Date,
): AsyncGenerator<readonly Reported[]> {
  const start = new Date(Math.max(since.getTime(), now().getTime() - REACH_MS[mode]));
  // Apple is told about consumption when it asks, and not once more.
  const deps = { ...open(), api: undefined };
  for await (const page of apple.listNotifications(start, until)) {
    const { reported, failure } = await readPage(page, readEvent, deps);
    yield reported;
    if (failure !== undefined) throw failure;
  }
}

interface ReadPage {
  readonly reported: readonly Reported[];
  readonly failure?: Error;
}

/**
 * Ends at the first failure, with what was read before it. A movement that several notifications tell
 * is told once.
 */
async function readPage(
  page: readonly (string | undefined)[],
  readEvent: HistoryDeps['readEvent'],
  deps: MovementsDeps,
): Promise<ReadPage> {
  const movements = new Map<string, Movement>();
  const unusable: Unusable[] = [];
  const reported = () => [...movements.values(), ...unusable];
  for (const jws of page) {
    try {
      for (const one of await readNotification(jws, readEvent, deps)) {
        if (one instanceof Unusable) unusable.push(one);
        else movements.set(one.id, one);
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { reported: reported(), failure: error };
    }
  }
  return { reported: reported() };
}

/** What one notification moved; an Unusable when only this one cannot be read. */
async function readNotification(
  jws: string | undefined,
  readEvent: HistoryDeps['readEvent'],
  deps: MovementsDeps,
): Promise<readonly (Movement | Unusable)[]> {
  let about = digest(jws ?? '');
  try {
    if (jws === undefined) throw new Unusable('A notification that Apple lists is not there.');
    const event = await readEvent(jws);
    about = nameOf(event);
    return await readMovements(event, deps);
  } catch (error) {
    if (error instanceof NothingPaid) return [];
    if (!(error instanceof Parkable || error instanceof Unauthentic)) throw error;
    return [new Unusable(error.message, { cause: error, about })];
  }
}

function nameOf({ id, transaction }: AppStoreEvent): string {
  return transaction === null || transaction instanceof Unusable ? id : receiptIdOf(transaction);
}

/** A name for a payload that cannot be read. */
function digest(jws: string): string {
  return createHash('sha256').update(jws).digest('hex').slice(0, 32);
}
