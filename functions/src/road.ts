import { Parkable, TooEarly, Unusable } from './errors';
import { openFirestore } from './firestore';
import { readSettings, type Settings } from './config/settings';
import type { Reported } from './gateways/gateway';
import { DuePayments } from './ledger/due-payments';
import { Ledger, type RecordedRow } from './ledger/ledger';
import { ParkedEvents, type Report } from './ledger/parked-events';
import { rowOf, type PaymentRow } from './ledger/payment-row';
import { log } from './log';
import { once } from './once';
import { readRetailConfig } from './sync/config';
import { pushNow } from './sync/push';
import { RetailApi } from './sync/retail-api';

/** What a proven movement passes on its way to the balance. */
export interface Road {
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly parked: ParkedEvents;
  readonly payments: DuePayments;
  readonly retail: RetailApi;
  readonly now: () => Date;
  /** From 0 to 1. */
  readonly random: () => number;
}

export const openRoad = once((): Road => {
  const firestore = openFirestore();
  const now = () => new Date();
  return {
    settings: readSettings(),
    ledger: new Ledger(firestore),
    parked: new ParkedEvents(firestore),
    payments: new DuePayments(firestore),
    retail: new RetailApi(readRetailConfig(), fetch, now),
    now,
    random: Math.random,
  };
});

/** The first pause before a parked row is tried again; later ones grow. */
const RELEASE_AFTER_MS = 60_000;

/**
 * Brings what a gateway has proven into the ledger and to the balance: each movement becomes a
 * row, what cannot is parked, and the new rows are pushed at once. When this returns, everything
 * the gateway told us is stored; whether a push went through changes nothing about that.
 * Returns why what was parked could not become a row.
 * @throws Unavailable when Firestore does not answer: the gateway must tell us again.
 */
export async function settle(
  road: Road,
  report: Report,
  movements: readonly Reported[],
): Promise<readonly Parkable[]> {
  const stored = new Set<string>();
  const fresh: RecordedRow[] = [];
  const parked: Parkable[] = [];
  for (const reported of movements) {
    const recorded = await recordOrPark(road, report, reported, stored);
    if (recorded instanceof Parkable) parked.push(recorded);
    else if (recorded !== undefined) fresh.push(recorded);
  }
  await pushNow(fresh, road, road.settings.pushBudgetMs);
  return parked;
}

async function recordOrPark(
  road: Road,
  report: Report,
  movement: Reported,
  stored: Set<string>,
): Promise<RecordedRow | Parkable | undefined> {
  let row: PaymentRow | null = null;
  try {
    if (movement instanceof Unusable) throw movement;
    row = rowOf(report.gateway, movement);
    const recorded = await record(road, row, stored);
    log.info(recorded === undefined ? 'the row was there already' : 'a row was written', {
      ...namesOf(report),
      payment_id: row.paymentId,
    });
    return recorded;
  } catch (error) {
    if (!(error instanceof Parkable)) throw error;
    await park(road, report, error, row);
    return error;
  }
}

/** Writes a row, a correction only after the payment it corrects. */
async function record(
  { ledger, settings, now }: Road,
  row: PaymentRow,
  stored: Set<string>,
): Promise<RecordedRow | undefined> {
  if (!stored.has(row.parentId ?? '')) await ledger.expectParent(row);
  const recorded = await ledger.record(row, now(), settings.pushBudgetMs);
  stored.add(row.paymentId);
  return recorded;
}

/** Stores an event, or one row of it, that must wait or needs a person. */
export async function park(
  { parked, now }: Road,
  report: Report,
  error: Parkable,
  row: PaymentRow | null = null,
): Promise<void> {
  const at = now();
  const waits = error instanceof TooEarly;
  const releaseAt = waits ? new Date(at.getTime() + RELEASE_AFTER_MS) : null;
  await parked.park(report, error, row, at, releaseAt);
  const fields = { ...namesOf(report), reason: error.reason };
  const named = row === null ? fields : { ...fields, payment_id: row.paymentId };
  if (waits) log.warn(error.message, named);
  else log.alert(error.message, named);
}

function namesOf({ gateway, event }: Report) {
  return { gateway, event_id: event.id, event_type: event.type };
}
