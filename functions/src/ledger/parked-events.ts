import {
  FieldValue,
  Timestamp,
  type DocumentData,
  type DocumentReference,
  type Firestore,
} from '../firestore/client';
import { z } from 'zod';
import { FIRST_QUESTION_PAUSE_MS, RESOLVED_EVENT_LIFE_MS } from '../config/limits';
import type { Parkable } from '../errors';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { createOnce, tryWrite, withDeadline } from '../firestore/firestore';
import { toDocumentId, toStorable } from '../firestore/storable';
import type { AskedPayment, GatewayEvent } from '../gateway';
import { waitingRow, type PaymentRow } from './payment-row';
import { ledgerQueries } from './queries';
import { PARKED_EVENTS } from '../firestore/collections';

/** The origin of a row or of a parked event. */
export interface EventSource {
  readonly gateway: string;
  readonly event: GatewayEvent;
}

const parkedFields = {
  gateway: ['gateway', z.string()],
  /** Written whole, with the gateway's own fields; only these two are read. */
  event: ['event', z.object({ id: z.string(), type: z.string() })],
  /** Null when no row could be made of the event. */
  row: ['row', waitingRow.nullable()],
  parkedAt: ['parked_at', date],
  attempts: ['attempts', z.int()],
} as const;

const parkedEvent = defineDocument(parkedFields);

/** A row that waits for the row it corrects. */
export interface WaitingRow extends Pick<
  FieldValues<typeof parkedFields>,
  'parkedAt' | 'attempts'
> {
  readonly report: EventSource;
  readonly row: PaymentRow;
}

/** `waiting` is undefined when the document does not parse, because a person has edited it. */
export interface DueParkedEvent {
  readonly id: string;
  readonly waiting: WaitingRow | undefined;
}

/** Events that are stored because they cannot become a row, or not yet. */
export class ParkedEvents {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Stores an event. Parking the same event again changes nothing, unless it was resolved or given up.
   * @param row the row that could not be written; null when no row could be made.
   * @param subjects all that it is about, besides: see `subjectsOf`.
   * @param releaseAt when the schedule writes the row again; null when that cannot help: then the
   *   gateway is asked about it again, see `UnresolvedEvents`.
   */
  async park(
    report: EventSource,
    error: Parkable,
    row: PaymentRow | null,
    now: Date,
    releaseAt: Date | null,
    subjects: readonly string[] = subjectsOf(report.gateway, error, row),
  ): Promise<void> {
    const [subject = report.gateway] = subjectsOf(report.gateway, error, row);
    const recheckAt = new Date(now.getTime() + FIRST_QUESTION_PAUSE_MS);
    // A row that waits for its payment has one document, however many events report it.
    const id = toDocumentId(
      error.reason,
      subject,
      ...(releaseAt === null ? [report.event.id] : []),
    );
    const fields = {
      gateway: report.gateway,
      event: toStorable(report.event),
      row: row === null ? null : waitingRow.encode(row),
      parked_at: Timestamp.fromDate(now),
      attempts: 0,
      reason: error.reason,
      message: error.message,
      subjects,
      has_own_subject: row !== null || error.about !== undefined,
      ...(releaseAt === null
        ? { recheck_at: Timestamp.fromDate(recheckAt) }
        : { release_at: Timestamp.fromDate(releaseAt) }),
    };
    if ((await createOnce(this.#document(id), fields)) !== undefined) return;
    if (releaseAt === null) await this.#reopen(id, fields);
    else await this.#rearm(id, now, releaseAt);
  }

  /**
   * Whether a person was told already: an event with the same reason waits to be resolved, or a person
   * has settled one of the same words; and its own subject is one of these, or it has none and is about
   * one of these.
   * @throws Unavailable when Firestore does not answer.
   */
  async isTold(
    subjects: readonly string[],
    { reason, message }: Pick<Parkable, 'reason' | 'message'>,
  ): Promise<boolean> {
    const query = ledgerQueries.parkedEventsAbout(this.#firestore, subjects);
    const { docs } = await withDeadline(query.get());
    return docs.some((one) => {
      // A list tells the same fault at every look, for as long as it goes back.
      const isSettled = one.get('resolution') !== undefined && one.get('message') === message;
      const isOpen = one.get('resolved_at') === undefined;
      if (one.get('reason') !== reason || !(isOpen || isSettled)) return false;
      const [own]: unknown[] = z.array(z.string()).catch([]).parse(one.get('subjects'));
      return one.get('has_own_subject') !== true || subjects.some((subject) => subject === own);
    });
  }

  /** A fault that comes again after its event was resolved is news. */
  async #reopen(id: string, fields: DocumentData): Promise<void> {
    const stored = await withDeadline(this.#document(id).get());
    const { updateTime } = stored;
    if (updateTime === undefined || stored.get('resolved_at') === undefined) return;
    const gone = FieldValue.delete();
    const how = { resolved_at: gone, resolved_by: gone, resolution: gone, expires_at: gone };
    const update = { ...how, rechecks: gone, ...fields };
    await tryWrite(this.#document(id).update(update, { lastUpdateTime: updateTime }));
  }

  /** A row that was given up waits anew when it is reported again. */
  async #rearm(id: string, now: Date, releaseAt: Date): Promise<void> {
    const stored = await withDeadline(this.#document(id).get());
    const isOver = stored.get('resolved_at') !== undefined;
    if (isOver || stored.get('release_at') !== undefined) return;
    await this.#update(id, {
      parked_at: Timestamp.fromDate(now),
      release_at: Timestamp.fromDate(releaseAt),
      recheck_at: FieldValue.delete(),
      attempts: 0,
    });
  }

  /** Events that are due for another try, longest due first. */
  async due(now: Date, limit: number): Promise<DueParkedEvent[]> {
    const query = ledgerQueries.dueParkedEvents(this.#firestore, Timestamp.fromDate(now));
    const found = await withDeadline(query.limit(limit).get());
    return found.docs.map((stored) => ({ id: stored.id, waiting: toWaitingRow(stored.data()) }));
  }

  /**
   * Sums up the waiting rows that will give money of a payment back, in US cents.
   * @throws Unavailable when Firestore does not answer.
   */
  async waitingCents(paymentId: string): Promise<number> {
    const query = ledgerQueries.parkedCorrectionsOf(this.#firestore, paymentId);
    const found = await withDeadline(query.get());
    return found.docs
      .filter((stored) => stored.get('release_at') !== undefined)
      .map((stored) => toWaitingRow(stored.data())?.row.amountCents ?? 0)
      .reduce((cents, amountCents) => cents + Math.max(0, amountCents), 0);
  }

  /**
   * Ends the wait. The document stays as a trace, until Firestore removes it.
   * @param by the payment ids of the rows that came of it.
   */
  async resolve(id: string, by: readonly string[], now: Date): Promise<void> {
    await this.#update(id, {
      resolved_at: Timestamp.fromDate(now),
      resolved_by: by,
      expires_at: Timestamp.fromMillis(now.getTime() + RESOLVED_EVENT_LIFE_MS),
      release_at: FieldValue.delete(),
      recheck_at: FieldValue.delete(),
    });
  }

  /** @param releaseAt the next try. */
  async postpone(id: string, releaseAt: Date): Promise<void> {
    await this.#update(id, {
      attempts: FieldValue.increment(1),
      release_at: Timestamp.fromDate(releaseAt),
    });
  }

  /** Leaves an event to a person. Its gateway is asked about it once more: see `UnresolvedEvents`. */
  async giveUp(id: string, now: Date): Promise<void> {
    await this.#update(id, {
      attempts: FieldValue.increment(1),
      release_at: FieldValue.delete(),
      recheck_at: Timestamp.fromMillis(now.getTime() + FIRST_QUESTION_PAUSE_MS),
    });
  }

  async #update(id: string, fields: DocumentData): Promise<void> {
    // A person may have deleted the document.
    await tryWrite(this.#document(id).update(fields));
  }

  #document(id: string): DocumentReference {
    return this.#firestore.collection(PARKED_EVENTS).doc(id);
  }
}

/**
 * The names by which a parked event is found again, the most exact one first: the row's payment id,
 * or the gateway's id of the object; then those of the payment. Of an event that tells none of them
 * the gateway's name.
 */
export function subjectsOf(
  gateway: string,
  { about }: Parkable,
  row: PaymentRow | null,
  payment?: AskedPayment,
): readonly string[] {
  const own = row?.paymentId ?? (about === undefined ? undefined : `${gateway}_${about}`);
  const ids = payment ? [payment.paymentId, payment.ref, payment.orderId] : [];
  const named = ids.filter((id) => id !== null).map((id) => `${gateway}_${id}`);
  // Half of a surrogate pair is no text that Firestore takes.
  const subjects = (own === undefined ? named : [own, ...named]).map((id) => id.toWellFormed());
  return subjects.length > 0 ? [...new Set(subjects)] : [gateway];
}

function toWaitingRow(stored: DocumentData): WaitingRow | undefined {
  const { data } = parkedEvent.safeParse(stored);
  if (!data?.row) return undefined;
  const { gateway, event, row, parkedAt, attempts } = data;
  return { report: { gateway, event }, row, parkedAt, attempts };
}
