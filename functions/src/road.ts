import { Parkable, TooEarly, Unusable } from './errors';
import { openFirestore } from './firestore';
import { readSettings, type Settings } from './config/settings';
import type { Movement, Reported } from './gateways/gateway';
import { ERASED, MONEY_FOR_NOBODY } from './ledger/deleted-account';
import { DuePayments } from './ledger/due-payments';
import { Ledger, type Entry, type RecordedRow } from './ledger/ledger';
import { ParkedEvents, type Report } from './ledger/parked-events';
import { rowOf, type PaymentRow } from './ledger/payment-row';
import { Reviews } from './ledger/reviews';
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
  readonly reviews: Reviews;
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
    reviews: new Reviews(firestore),
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
 * row, what cannot is parked, what is held for a check is noted, and the new rows are pushed at
 * once. When this returns, everything the gateway told us is stored; whether a push went through
 * changes nothing about that.
 * @returns why what was parked could not become a row.
 * @throws Unavailable when Firestore does not answer: the gateway must tell us again.
 */
export async function settle(
  road: Road,
  report: Report,
  reported: readonly Reported[],
): Promise<readonly Parkable[]> {
  const owners = new Map<string, string>();
  const fresh: RecordedRow[] = [];
  const parked: Parkable[] = [];
  for (const one of reported) {
    if ('review' in one) {
      await road.reviews.note(one, report.gateway, road.now());
      continue;
    }
    const recorded = await recordOrPark(road, report, one, owners);
    if (recorded instanceof Parkable) parked.push(recorded);
    else if (recorded !== undefined) fresh.push(recorded);
  }
  await pushNow(fresh, road, road.settings.pushBudgetMs);
  return parked;
}

async function recordOrPark(
  road: Road,
  report: Report,
  movement: Movement | Unusable,
  owners: Map<string, string>,
): Promise<RecordedRow | Parkable | undefined> {
  let row: PaymentRow | null = null;
  try {
    if (movement instanceof Unusable) throw movement;
    row = rowOf(report.gateway, movement);
    const { uid, written } = await record(road, row, road.settings.pushBudgetMs, owners);
    log.info(written === undefined ? 'the row was there already' : 'a row was written', {
      ...namesOf(report),
      payment_id: row.paymentId,
    });
    return uid === ERASED ? undefined : written;
  } catch (error) {
    if (!(error instanceof Parkable)) throw error;
    await park(road, report, error, row);
    return error;
  }
}

/**
 * Writes a row, a correction only after the payment it corrects and as of the same user.
 * @param leaseMs as for `Ledger.record`.
 * @param owners whose the rows are that were looked at before, by payment id.
 */
export async function record(
  { ledger, now }: Road,
  row: PaymentRow,
  leaseMs: number,
  owners = new Map<string, string>(),
): Promise<Entry> {
  const uid = owners.get(row.parentId ?? '') ?? (await ledger.ownerOf(row));
  const entry = await ledger.record({ ...row, uid }, now(), leaseMs);
  owners.set(row.paymentId, entry.uid);
  if (entry.isOwnerless) logOwnerless(row, entry);
  return entry;
}

/** Money is told of each time, so that an alert that a crash has swallowed comes with the repetition. */
function logOwnerless({ kind, gateway, paymentId }: PaymentRow, { written }: Entry): void {
  const fields = { gateway, payment_id: paymentId };
  if (kind === 'payment') log.alert(MONEY_FOR_NOBODY, fields);
  else if (written) log.warn('a correction of a deleted account is not pushed', fields);
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
