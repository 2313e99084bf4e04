import { GIVE_UP_AFTER_MS } from '../config/limits';
import { Misconfigured } from '../errors';
import type { AskedPayment } from '../gateway';
import type { BookedRow } from '../ledger/booked-rows';
import type { UnresolvedEvent } from '../ledger/unresolved-events';
import { log } from '../log';
import { pushNow } from '../retail/push';
import { questionAfter } from '../schedule/questions';
import { ask, askedAbout, bookAnswer, compare, toRows, type SecondLook } from './second-look';

/** Parked events that are read again in one run. */
const PAGE = 50;

/**
 * Asks again about parked events whose cause may be gone: a wrong key, an API that was behind, a
 * product that has since been listed. One whose movements are all booked is resolved by their rows.
 * @returns how many were resolved.
 * @throws Unavailable when Firestore or the gateway does not answer, Misconfigured when the gateway
 *   refuses our keys.
 */
export async function recheckParked(look: SecondLook): Promise<number> {
  const { name, gateway, pipeline, unresolved, isOver } = look;
  if (gateway.inquire === undefined) return 0;
  let resolved = 0;
  for (const event of await unresolved.due(name, pipeline.now(), PAGE)) {
    if (isOver()) break;
    if (await recheck(look, event)) resolved += 1;
  }
  return resolved;
}

async function recheck(look: SecondLook, event: UnresolvedEvent): Promise<boolean> {
  const { pipeline, unresolved, name } = look;
  const asked = askedAbout(look, event.event);
  if (asked === undefined) {
    await unresolved.postpone(event.id, null);
    return false;
  }
  const now = pipeline.now();
  const isLast = now.getTime() - event.parkedAt.getTime() > GIVE_UP_AFTER_MS;
  const recheckAt = isLast ? null : questionAfter(event.rechecks + 1, now);
  let by: readonly string[];
  try {
    by = await rowsThatCame(look, asked, event);
  } catch (error) {
    // One that always fails must not stand in the way of the others.
    if (!(error instanceof Misconfigured)) await unresolved.postpone(event.id, recheckAt);
    throw error;
  }
  if (by.length === 0) await unresolved.postpone(event.id, recheckAt);
  else {
    await pipeline.parked.resolve(event.id, by, now);
    log.info('a parked event is resolved: its rows are written', {
      gateway: name,
      parked_id: event.id,
    });
  }
  return by.length > 0;
}

/**
 * The rows that have come of an event: those that were written after it was parked, and the row that it
 * is about. Empty when a part of what the payment has moved is not booked, or differs.
 */
async function rowsThatCame(
  look: SecondLook,
  asked: AskedPayment,
  { subjects, parkedAt, reason }: UnresolvedEvent,
): Promise<readonly string[]> {
  const { name, pipeline } = look;
  const reported = await ask(look, asked);
  const { fresh, parked } = await bookAnswer(look, asked, reported);
  await pushNow(fresh, pipeline, pipeline.settings.pushBudgetMs);
  if (parked.length > 0 || toRows(name, reported).length === 0) return [];
  const roots = asked.paymentId === null ? [] : [`${name}_${asked.paymentId}`];
  const { differences, booked } = await compare(look, roots, reported);
  if (differences.length > 0) return [];
  const came = ({ paymentId, createdAt }: BookedRow) =>
    (reason === 'conflict' && subjects[0] === paymentId) ||
    (createdAt !== null && createdAt >= parkedAt);
  return booked.filter(came).map(({ paymentId }) => paymentId);
}
