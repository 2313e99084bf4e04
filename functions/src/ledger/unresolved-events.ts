import {
  FieldValue,
  Timestamp,
  type Firestore,
  type QueryDocumentSnapshot,
} from '../firestore/client';
import { z } from 'zod';
import { PARKED_EVENTS } from '../firestore/collections';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { waitingRow, type PaymentRow } from './payment-row';
import { ledgerQueries } from './queries';

const PAGE = 300;

const recheckFields = {
  /** With the gateway's own fields. */
  event: ['event', z.looseObject({ id: z.string(), type: z.string() })],
  parkedAt: ['parked_at', date],
  reason: ['reason', z.string().catch('')],
  /** See `subjectsOf`. */
  subjects: ['subjects', z.array(z.string()).catch([]).default([])],
  /** How often the gateway was asked about it. */
  rechecks: ['rechecks', z.int().catch(0).default(0)],
} as const;

const recheckedEvent = defineDocument(recheckFields);

/** A parked event that the schedule does not release. Its gateway may tell more of it by now. */
export interface UnresolvedEvent extends FieldValues<typeof recheckFields> {
  readonly id: string;
}

/** A parked event as a report names it. */
export interface OpenEvent {
  readonly id: string;
  readonly gateway: string;
  /** See `subjectsOf`. */
  readonly subjects: readonly string[];
  readonly reason: string;
  readonly message: string;
  readonly parkedAt: Date | undefined;
  /** With the gateway's own fields. */
  readonly event?: unknown;
  /** The row that could not be written; null where none could be made. */
  readonly row: PaymentRow | null;
}

const openEvent = z.object({
  gateway: z.string().catch(''),
  subjects: z.array(z.string()).catch([]),
  reason: z.string().catch(''),
  message: z.string().catch(''),
  parked_at: date.optional().catch(undefined),
  event: z.unknown().optional(),
  row: waitingRow.nullable().catch(null),
});

/** The parked events that have not become rows: see `ParkedEvents`. */
export class UnresolvedEvents {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * The events that their gateway is asked about again, longest due first. One that a person has made
   * unreadable is due no more.
   * @throws Unavailable when Firestore does not answer.
   */
  async due(gateway: string, now: Date, limit: number): Promise<UnresolvedEvent[]> {
    const at = Timestamp.fromDate(now);
    const query = ledgerQueries.parkedEventsToRecheck(this.#firestore, gateway, at);
    const { docs } = await withDeadline(query.limit(limit).get());
    const read = docs.map((stored) => ({
      id: stored.id,
      data: recheckedEvent.safeParse(stored.data()).data,
    }));
    const broken = read.filter(({ data }) => data === undefined);
    await Promise.all(broken.map(({ id }) => this.postpone(id, null)));
    return read.flatMap(({ id, data }) => (data === undefined ? [] : [{ ...data, id }]));
  }

  /** @param recheckAt null when the gateway is not asked again. */
  async postpone(id: string, recheckAt: Date | null): Promise<void> {
    const fields = {
      rechecks: FieldValue.increment(1),
      recheck_at: recheckAt === null ? FieldValue.delete() : Timestamp.fromDate(recheckAt),
    };
    await tryWrite(this.#firestore.collection(PARKED_EVENTS).doc(id).update(fields));
  }

  /**
   * All that a gateway has open, for a report.
   * @throws Unavailable when Firestore does not answer.
   */
  async open(gateway: string): Promise<OpenEvent[]> {
    const query = ledgerQueries.parkedEventsOfGateway(this.#firestore, gateway);
    const found: OpenEvent[] = [];
    for (let page = query.limit(PAGE); ;) {
      const { docs } = await withDeadline(page.get());
      found.push(...docs.filter((one) => one.get('resolved_at') === undefined).map(toOpenEvent));
      const last = docs.at(-1);
      if (last === undefined || docs.length < PAGE) return found;
      page = query.startAfter(last).limit(PAGE);
    }
  }
}

function toOpenEvent(stored: QueryDocumentSnapshot): OpenEvent {
  const { parked_at: parkedAt, ...fields } = openEvent.parse(stored.data());
  return { ...fields, id: stored.id, parkedAt };
}

export function openUnresolvedEvents(): UnresolvedEvents {
  return new UnresolvedEvents(openFirestore());
}
