import { BeyondBounds, Parkable, TooEarly, Unusable } from './errors';
import { FIRST_RELEASE_PAUSE_MS } from './config/limits';
import { openFirestore } from './firestore/firestore';
import { readSettings, type Settings } from './config/settings';
import { DuePayments } from './ledger/due-payments';
import { Ledger, type RecordResult, type RecordedRow } from './ledger/ledger';
import { ParkedEvents, subjectsOf, type EventSource } from './ledger/parked-events';
import { toPaymentRow, type PaymentRow } from './ledger/payment-row';
import { Reviews } from './orders/reviews';
import { log } from './log';
import { once } from './once';
import { pushNow } from './retail/push';
import { openRetailApi, type RetailApi } from './retail/retail-api';
import type { AskedPayment } from './gateway';
import type { Movement, Reported } from './movement';
import { PAY_BACK, PAYMENT_AFTER_DELETION } from './ledger/sync-fault';

/** The parts that a verified movement passes on its way to the balance. */
export interface Pipeline {
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

export const openPipeline = once(async (): Promise<Pipeline> => {
  const firestore = openFirestore();
  const now = () => new Date();
  return {
    settings: readSettings(),
    ledger: new Ledger(firestore),
    parked: new ParkedEvents(firestore),
    reviews: new Reviews(firestore),
    payments: new DuePayments(firestore),
    retail: await openRetailApi(),
    now,
    random: Math.random,
  };
});

export interface BookOptions {
  /** The results are read again and again: only what is new is told. */
  readonly isSecondLook?: boolean;
  /** The payment that they are of, for an event that is parked. */
  readonly payment?: AskedPayment | undefined;
}

/** What became of the results of an event. */
export interface Booked {
  /** The rows that the caller pushes. */
  readonly fresh: readonly RecordedRow[];
  /** Why movements are no rows, whether they were parked now or before. */
  readonly parked: readonly Parkable[];
}

/**
 * Brings the results of a verified event into the ledger and to the balance: `book`, then one push of
 * the new rows. When this function returns, the whole event is stored, whether or not a push went
 * through.
 * @returns the reasons why movements are no rows.
 * @throws Unavailable when Firestore does not answer: the gateway must send the event again.
 */
export async function ingest(
  pipeline: Pipeline,
  report: EventSource,
  reported: readonly Reported[],
  options: BookOptions = {},
): Promise<readonly Parkable[]> {
  const { fresh, parked } = await book(pipeline, report, reported, options);
  await pushNow(fresh, pipeline, pipeline.settings.pushBudgetMs);
  return parked;
}

/**
 * Brings the results of an event into the ledger. Each movement becomes a row, or is parked when it
 * cannot. Reviews are noted.
 * @throws Unavailable when Firestore does not answer.
 */
export async function book(
  pipeline: Pipeline,
  report: EventSource,
  reported: readonly Reported[],
  options: BookOptions = {},
): Promise<Booked> {
  const fresh: RecordedRow[] = [];
  const parked: Parkable[] = [];
  for (const one of reported) {
    if ('review' in one) {
      await pipeline.reviews.note(one, report.gateway, pipeline.now());
      continue;
    }
    const recorded = await recordOrPark(pipeline, report, one, options);
    if (recorded instanceof Parkable) parked.push(recorded);
    else if (recorded !== undefined) fresh.push(recorded);
  }
  return { fresh, parked };
}

async function recordOrPark(
  pipeline: Pipeline,
  report: EventSource,
  movement: Movement | Unusable,
  options: BookOptions,
): Promise<RecordedRow | Parkable | undefined> {
  let row: PaymentRow | null = null;
  try {
    if (movement instanceof Unusable) throw movement;
    row = toPaymentRow(report.gateway, movement);
    const leaseMs = pipeline.settings.pushBudgetMs;
    const { isNew, due } = await record(pipeline, row, { ...options, leaseMs });
    const { notice } = movement;
    // A row that is found due may be of a process that died before it told a person.
    if ((isNew || due !== undefined) && notice !== undefined)
      log.alert(notice, {
        gateway: row.gateway,
        payment_id: row.paymentId,
        next_step: 'npm run ops -- story <payment_id>',
      });
    if (isNew || options.isSecondLook !== true) {
      log.info(isNew ? 'a row was written' : 'there is nothing new in it', {
        ...namesOf(report),
        payment_id: row.paymentId,
      });
    }
    return due;
  } catch (error) {
    if (!(error instanceof Parkable)) throw error;
    await park(pipeline, report, error, { ...options, row });
    return error;
  }
}

/** Both numbers as for `Ledger.record`. */
interface RecordOptions extends BookOptions {
  readonly leaseMs: number;
  readonly expectedCents?: number;
}

/** Writes a row. A correction is written after its payment only, and gets the payment's user. */
export async function record(
  { ledger, now }: Pipeline,
  row: PaymentRow,
  { leaseMs, expectedCents = 0, isSecondLook }: RecordOptions,
): Promise<RecordResult> {
  const result = await ledger.record(row, now(), leaseMs, expectedCents);
  const isTold = isSecondLook === true && !result.isNew;
  if (result.isOwnerless && !isTold) logOwnerless(row, result);
  return result;
}

/** Each report of money is an alert, so that an alert that a crash has swallowed comes again. */
function logOwnerless({ kind, gateway, paymentId }: PaymentRow, { isNew }: RecordResult): void {
  const fields = { gateway, payment_id: paymentId };
  if (kind === 'payment') log.alert(PAYMENT_AFTER_DELETION, { ...fields, next_step: PAY_BACK });
  else if (isNew) log.warn('a correction of a deleted account is not pushed', fields);
}

interface ParkOptions extends BookOptions {
  /** The row that could not be written; null where none could be made. */
  readonly row?: PaymentRow | null;
}

/** Stores an event, or one row of it, that must wait or needs a person. */
export async function park(
  { parked, now }: Pipeline,
  report: EventSource,
  error: Parkable,
  { row = null, isSecondLook, payment }: ParkOptions = {},
): Promise<void> {
  const { gateway } = report;
  const isNamed = row !== null || error.about !== undefined;
  const own = subjectsOf(gateway, error, row, isNamed ? undefined : payment);
  const subjects = subjectsOf(gateway, error, row, payment);
  const at = now();
  const isTriedAgain = error instanceof TooEarly || error instanceof BeyondBounds;
  const releaseAt = isTriedAgain ? new Date(at.getTime() + FIRST_RELEASE_PAUSE_MS) : null;
  if (isSecondLook === true) {
    const isTold = await parked.isTold(own, error);
    if (isTold && releaseAt === null) return;
    // Told first: once it is parked, no later look tells it, and the process may die in between.
    if (!isTold) tell(report, error, row);
  }
  await parked.park(report, error, row, at, releaseAt, subjects);
  if (isSecondLook !== true) tell(report, error, row);
}

const PARKED =
  'The event is parked, and the money is not in the balance. npm run ops -- parked names it; once the cause is mended: npm run ops -- parked --retry <event>.';

function tell(report: EventSource, error: Parkable, row: PaymentRow | null): void {
  const fields = { ...namesOf(report), reason: error.reason };
  const named =
    row === null ? { ...fields, ...about(error) } : { ...fields, payment_id: row.paymentId };
  if (error instanceof TooEarly) log.warn(error.message, named);
  else log.alert(error.message, { ...named, next_step: PARKED });
}

/** The gateway's id, when it has the form of one. Any other text may say anything. */
function about({ about: id }: Parkable): { about?: string } {
  return id !== undefined && /^[\w.:-]{1,128}$/.test(id) ? { about: id } : {};
}

function namesOf({ gateway, event }: EventSource) {
  return { gateway, event_id: event.id, event_type: event.type };
}
