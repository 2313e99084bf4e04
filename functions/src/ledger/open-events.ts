import {
  FieldValue,
  Timestamp,
  type DocumentSnapshot,
  type Firestore,
  type Query,
} from '../firestore/client';
import { z } from 'zod';
import { RESOLVED_EVENT_LIFE_MS } from '../config/limits';
import { Conflict, NotFound } from '../errors';
import { PARKED_EVENTS } from '../firestore/collections';
import { date } from '../firestore/document';
import { openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { inGroups } from '../firestore/queries';
import { ledgerQueries } from './queries';

/** Parked events that are read at a time, and at most in one call. */
const PAGE = 300;
const MOST_PAGES = 10;

/** In one query: Firestore takes 30, the stack's Firestore does not answer to more than 10. */
const MOST_SUBJECTS = 10;

const aTime = date.nullable().catch(null).default(null);

/** A person may have broken any field. */
const parkedEvent = z.object({
  gateway: z.string().catch('').default(''),
  event: z
    .looseObject({ type: z.string().catch('') })
    .catch({ type: '' })
    .default({ type: '' }),
  row: z
    .looseObject({
      payment_id: z.string().nullable().catch(null).default(null),
      amount: z.int().nullable().catch(null).default(null),
      order_id: z.string().nullable().catch(null).default(null),
    })
    .nullable()
    .catch(null)
    .default(null),
  reason: z.string().catch('').default(''),
  message: z.string().catch('').default(''),
  subjects: z.array(z.string()).catch([]).default([]),
  parked_at: aTime,
  rechecks: z.int().catch(0).default(0),
  recheck_at: aTime,
  attempts: z.int().catch(0).default(0),
  release_at: aTime,
  resolved_at: aTime,
  resolved_by: z.unknown().optional(),
  resolution: z.string().nullable().catch(null).default(null),
});

/** A parked event as a member of the staff sees it. */
export interface FoundEvent {
  readonly id: string;
  readonly gateway: string;
  readonly eventType: string;
  readonly reason: string;
  readonly message: string;
  /** See `subjectsOf`. */
  readonly subjects: readonly string[];
  /** Of the row that could not be written, in US cents; null where none could be made. */
  readonly amountCents: number | null;
  readonly parkedAt: Date | null;
  /** How often its gateway was asked about it, and when it is asked again. */
  readonly rechecks: number;
  readonly recheckAt: Date | null;
  /** When its row is tried again, and how often that was done. */
  readonly releaseAt: Date | null;
  readonly attempts: number;
  readonly resolvedAt: Date | null;
  /** The rows that came of it; empty where a person has resolved it. */
  readonly rows: readonly string[];
  /** Why a person has resolved it. */
  readonly resolution: string | null;
}

/** How a parked event is tried again: its row is written, or its gateway is asked. */
export type Retry = 'release' | 'question';

/**
 * Parked events, as the staff deals with them. Every method throws Unavailable when Firestore does not
 * answer.
 */
export class OpenEvents {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Events that are not resolved, the longest parked first.
   * @param gateway this one alone.
   * @returns also whether there may be more.
   */
  async list(
    gateway: string | undefined,
    limit: number,
  ): Promise<{ readonly events: FoundEvent[]; readonly isMore: boolean }> {
    const all =
      gateway === undefined
        ? ledgerQueries.parkedEvents(this.#firestore)
        : ledgerQueries.parkedEventsOfGateway(this.#firestore, gateway);
    const events: FoundEvent[] = [];
    let query = all.limit(PAGE);
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { docs } = await withDeadline(query.get());
      events.push(...docs.map(toFoundEvent).filter(({ resolvedAt }) => resolvedAt === null));
      if (events.length > limit) return { events: events.slice(0, limit), isMore: true };
      const last = docs.at(-1);
      if (last === undefined || docs.length < PAGE) return { events, isMore: false };
      query = all.startAfter(last).limit(PAGE);
    }
    return { events, isMore: true };
  }

  /** Events about one of some subjects, resolved ones too: see `subjectsOf`. */
  async about(subjects: readonly string[], limit: number): Promise<FoundEvent[]> {
    const found = inGroups(subjects, MOST_SUBJECTS).map((some) =>
      this.#read(ledgerQueries.parkedEventsAbout(this.#firestore, some).limit(limit)),
    );
    const all = (await Promise.all(found)).flat();
    return [...new Map(all.map((event) => [event.id, event])).values()];
  }

  /** The event with this id, which may be any text. */
  async withId(id: string): Promise<FoundEvent | undefined> {
    if (!/^(?!\.{1,2}$|__.*__$)[^/]{1,500}$/.test(id)) return undefined;
    const stored = await withDeadline(this.#firestore.collection(PARKED_EVENTS).doc(id).get());
    return stored.exists ? toFoundEvent(stored) : undefined;
  }

  /** Events that hold a row of one user, resolved ones too. */
  of(uid: string, limit: number): Promise<FoundEvent[]> {
    return this.#read(ledgerQueries.parkedEventsOf(this.#firestore, uid).limit(limit));
  }

  /**
   * Makes an event due now: its row is written again where the schedule releases it, or its gateway is
   * asked about it.
   * @throws NotFound when there is no such event, Conflict when it is resolved.
   */
  async retry(id: string, now: Date): Promise<Retry> {
    const stored = await this.#readOpen(id);
    const { releaseAt, reason, amountCents, attempts } = toFoundEvent(stored);
    // A row that was given up is released once more.
    const wasReleased = amountCents !== null && (reason === 'too_early' || attempts > 0);
    const isReleased = releaseAt !== null || wasReleased;
    const at = Timestamp.fromDate(now);
    await this.#write(
      stored,
      isReleased ? { release_at: at, recheck_at: FieldValue.delete() } : { recheck_at: at },
    );
    return isReleased ? 'release' : 'question';
  }

  /**
   * Ends the wait by a person's decision. The document stays as a trace, until Firestore removes it.
   * @param resolution why.
   * @param line the line of `tn_audit`, which says who.
   * @throws NotFound when there is no such event, Conflict when it is resolved.
   */
  async resolve(id: string, resolution: string, line: string, now: Date): Promise<void> {
    await this.#write(await this.#readOpen(id), {
      resolved_at: Timestamp.fromDate(now),
      resolved_by: { staff: line },
      resolution,
      expires_at: Timestamp.fromMillis(now.getTime() + RESOLVED_EVENT_LIFE_MS),
      release_at: FieldValue.delete(),
      recheck_at: FieldValue.delete(),
    });
  }

  async #readOpen(id: string): Promise<DocumentSnapshot> {
    const stored = await withDeadline(this.#firestore.collection(PARKED_EVENTS).doc(id).get());
    if (!stored.exists) throw new NotFound('No parked event has the id.');
    if (stored.get('resolved_at') !== undefined) throw new Conflict('It is resolved already.');
    return stored;
  }

  async #write(stored: DocumentSnapshot, fields: object): Promise<void> {
    const version = stored.updateTime;
    const precondition = version === undefined ? {} : { lastUpdateTime: version };
    const isWritten = await tryWrite(stored.ref.update({ ...fields }, precondition));
    if (!isWritten) throw new Conflict('The schedule has changed it just now: look at it again.');
  }

  async #read(query: Query): Promise<FoundEvent[]> {
    return (await withDeadline(query.get())).docs.map(toFoundEvent);
  }
}

function toFoundEvent(stored: DocumentSnapshot): FoundEvent {
  const data = parkedEvent.parse(stored.data() ?? {});
  const rows = z.array(z.string()).safeParse(data.resolved_by).data ?? [];
  return {
    id: stored.id,
    gateway: data.gateway,
    eventType: data.event.type,
    reason: data.reason,
    message: data.message,
    subjects: data.subjects,
    amountCents: data.row?.amount ?? null,
    parkedAt: data.parked_at,
    rechecks: data.rechecks,
    recheckAt: data.recheck_at,
    releaseAt: data.release_at,
    attempts: data.attempts,
    resolvedAt: data.resolved_at,
    rows,
    resolution: data.resolution,
  };
}

export function openOpenEvents(): OpenEvents {
  return new OpenEvents(openFirestore());
}
