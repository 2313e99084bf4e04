import { GIVE_UP_AFTER_MS } from '../config/limits';
import { BeyondBounds, Parkable, TooEarly } from '../errors';
import type { DueParkedEvent, WaitingRow } from '../ledger/parked-events';
import type { PaymentRow } from '../ledger/payment-row';
import { log } from '../log';
import { park, record, type Pipeline } from '../pipeline';
import { backOffMs } from '../schedule/back-off';

/** Parked rows tried in one run. */
const PAGE = 100;

/**
 * Writes the parked rows whose payment has come in the meantime. They are due at once. When one event
 * fails, the others go on.
 * @param until no further event is tried after this time.
 * @returns how many rows were written.
 */
export async function releaseParked(pipeline: Pipeline, until: Date): Promise<number> {
  const due = await pipeline.parked.due(pipeline.now(), PAGE);
  let released = 0;
  for (const event of due) {
    if (pipeline.now() > until) break;
    const wasReleased = await release(pipeline, event).catch((error: unknown) => {
      log.failure(error, { parked_id: event.id });
      return false;
    });
    if (wasReleased) released += 1;
  }
  return released;
}

async function release(pipeline: Pipeline, { id, waiting }: DueParkedEvent): Promise<boolean> {
  const { parked, now } = pipeline;
  if (waiting === undefined) return leaveToAPerson(pipeline, id, 'a parked event cannot be read');
  const { row, report } = waiting;
  try {
    await recordWithin(pipeline, row);
  } catch (error) {
    if (error instanceof TooEarly || error instanceof BeyondBounds) {
      return postpone(pipeline, id, waiting);
    }
    if (!(error instanceof Parkable)) throw error;
    await park(pipeline, report, error, { row });
    return leaveToAPerson(pipeline, id, 'a parked row is in conflict');
  }
  await parked.resolve(id, [row.paymentId], now());
  return true;
}

/** Writes a row; one that takes too much only if rows that wait will give as much back. */
async function recordWithin(pipeline: Pipeline, row: PaymentRow): Promise<void> {
  try {
    await record(pipeline, row, { leaseMs: 0 });
  } catch (error) {
    if (!(error instanceof BeyondBounds) || row.parentId === null || row.amountCents > 0)
      throw error;
    const expectedCents = await pipeline.parked.waitingCents(row.parentId);
    await record(pipeline, row, { leaseMs: 0, expectedCents });
  }
}

async function postpone(pipeline: Pipeline, id: string, waiting: WaitingRow): Promise<false> {
  const now = pipeline.now().getTime();
  if (now - waiting.parkedAt.getTime() > GIVE_UP_AFTER_MS) {
    return leaveToAPerson(pipeline, id, 'a parked row has waited too long for its payment');
  }
  const pause = backOffMs(waiting.attempts, pipeline.random());
  await pipeline.parked.postpone(id, new Date(now + pause));
  return false;
}

async function leaveToAPerson(
  { parked, now }: Pipeline,
  id: string,
  message: string,
): Promise<false> {
  // Alerted first: a write whose answer is lost may have been made, and the event is then due no more.
  log.alert(message, {
    parked_id: id,
    next_step: 'npm run ops -- story <parked_id>, then npm run ops -- parked --retry or --resolve',
  });
  await parked.giveUp(id, now());
  return false;
}
