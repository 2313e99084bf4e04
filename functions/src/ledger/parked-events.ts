import {
  FieldValue,
  Timestamp,
  type DocumentData,
  type DocumentReference,
  type Firestore,
} from 'firebase-admin/firestore';
import { z } from 'zod';
import type { Parkable } from '../errors';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { createOnce, tryWrite, withDeadline } from '../firestore/firestore';
import type { GatewayEvent } from '../gateway';
import { waitingRow, type PaymentRow } from './payment-row';
import { ledgerQueries } from './queries';
import { PARKED_EVENTS } from '../firestore/collections';

/** Who reported what: the origin of a row or of a parked event. */
export interface EventSource {
  readonly gateway: string;
  readonly event: GatewayEvent;
}

const parkedFields = {
  gateway: ['gateway', z.string()],
  /** Written with all that the gateway keeps of it. */
  event: ['event', z.object({ id: z.string(), type: z.string() })],
  /** Null when the event came to no row. */
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

/** `waiting` is undefined where somebody has changed the document into something that is none. */
export interface DueParkedEvent {
  readonly id: string;
  readonly waiting: WaitingRow | undefined;
}

export class ParkedEvents {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Stores what must not be lost. Parking the same thing again changes nothing.
   * @param row the row that could not be written, if it came that far.
   * @param releaseAt when the schedule tries it again; null when only a person can help.
   */
  async park(
    report: EventSource,
    error: Parkable,
    row: PaymentRow | null,
    now: Date,
    releaseAt: Date | null,
  ): Promise<void> {
    const about = error.about === undefined ? report.gateway : `${report.gateway}_${error.about}`;
    const subject = row?.paymentId ?? about;
    // What waits for its payment waits once, however many events tell of it.
    const id = [error.reason, subject, ...(releaseAt === null ? [report.event.id] : [])].join('_');
    const created = await createOnce(this.#document(id), {
      ...parkedEvent.encode({ ...report, row, parkedAt: now, attempts: 0 }),
      event: report.event,
      reason: error.reason,
      message: error.message,
      ...(releaseAt !== null && { release_at: Timestamp.fromDate(releaseAt) }),
    });
    if (created === undefined && releaseAt !== null) await this.#rearm(id, now, releaseAt);
  }

  /** Told again of what was given up: it waits anew. */
  async #rearm(id: string, now: Date, releaseAt: Date): Promise<void> {
    const stored = await withDeadline(this.#document(id).get());
    const isOver = stored.get('released_at') !== undefined;
    if (isOver || stored.get('release_at') !== undefined) return;
    await this.#update(id, {
      parked_at: Timestamp.fromDate(now),
      release_at: Timestamp.fromDate(releaseAt),
      attempts: 0,
    });
  }

  /** Those whose time to be tried again has come, longest waiting first. */
  async due(now: Date, limit: number): Promise<DueParkedEvent[]> {
    const query = ledgerQueries.dueParkedEvents(this.#firestore, Timestamp.fromDate(now));
    const found = await withDeadline(query.limit(limit).get());
    return found.docs.map((stored) => ({ id: stored.id, waiting: toWaitingRow(stored.data()) }));
  }

  /** The event's fate is decided: its row is written. The document stays, as a trace. */
  async released(id: string, now: Date): Promise<void> {
    await this.#update(id, {
      released_at: Timestamp.fromDate(now),
      release_at: FieldValue.delete(),
    });
  }

  /** @param releaseAt the next try; null leaves the event to a person. */
  async postponed(id: string, releaseAt: Date | null): Promise<void> {
    await this.#update(id, {
      attempts: FieldValue.increment(1),
      release_at: releaseAt === null ? FieldValue.delete() : Timestamp.fromDate(releaseAt),
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

function toWaitingRow(stored: DocumentData): WaitingRow | undefined {
  const { data } = parkedEvent.safeParse(stored);
  if (!data?.row) return undefined;
  const { gateway, event, row, parkedAt, attempts } = data;
  return { report: { gateway, event }, row, parkedAt, attempts };
}
