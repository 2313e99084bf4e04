import { Parkable, TooEarly } from '../errors';
import type { DueParkedEvent, WaitingRow } from '../ledger/parked-events';
import { log } from '../log';
import { park, record, type Road } from '../road';
import { backOffMs } from './decision';

/** Parked rows tried in one run. */
const PAGE = 100;
/** After this long without its payment, a correction is a person's matter. */
const GIVE_UP_MS = 30 * 24 * 60 * 60_000;

/**
 * Writes the parked rows whose payment has come in the meantime; they are due at once. Returns how
 * many were written. An event that cannot be dealt with holds up no other.
 * @param until no further event is tried after it.
 */
export async function releaseParked(road: Road, until: Date): Promise<number> {
  const due = await road.parked.due(road.now(), PAGE);
  let released = 0;
  for (const event of due) {
    if (road.now() > until) break;
    const wasReleased = await release(road, event).catch((error: unknown) => {
      log.failure(error, { parked_id: event.id });
      return false;
    });
    if (wasReleased) released += 1;
  }
  return released;
}

async function release(road: Road, { id, waiting }: DueParkedEvent): Promise<boolean> {
  const { parked, now } = road;
  if (waiting === undefined) return leaveToAPerson(road, id, 'a parked event cannot be read');
  const { row, report } = waiting;
  try {
    await record(road, row, 0);
  } catch (error) {
    if (error instanceof TooEarly) return postpone(road, id, waiting);
    if (!(error instanceof Parkable)) throw error;
    await park(road, report, error, row);
    return leaveToAPerson(road, id, 'a parked row is in conflict');
  }
  await parked.released(id, now());
  return true;
}

async function postpone(road: Road, id: string, waiting: WaitingRow): Promise<false> {
  const now = road.now().getTime();
  if (now - waiting.parkedAt.getTime() > GIVE_UP_MS) {
    return leaveToAPerson(road, id, 'a parked row has waited too long for its payment');
  }
  const pause = backOffMs(waiting.attempts, road.random());
  await road.parked.postponed(id, new Date(now + pause));
  return false;
}

async function leaveToAPerson({ parked }: Road, id: string, message: string): Promise<false> {
  await parked.postponed(id, null);
  log.alert(message, { parked_id: id });
  return false;
}
