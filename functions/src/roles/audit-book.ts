import { Timestamp, type Firestore } from '../firestore/client';
import { z } from 'zod';
import { AUDIT } from '../firestore/collections';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { inGroups } from '../firestore/queries';
import { roleQueries } from './queries';

const actFields = {
  /** Who acts. No field names a customer. */
  staffUid: ['staff_uid', z.string()],
  staffEmail: ['staff_email', z.string()],
  /** The words of the call for its act. */
  act: ['act', z.string()],
  /** An order id, a payment id, the id of a parked event, or `all`. */
  target: ['target', z.string()],
  /** Why, in the words of the member. */
  reason: ['reason', z.string().nullable()],
  at: ['at', date],
} as const;

const act = defineDocument(actFields);

/** An act that is about to be done. */
export type Act = FieldValues<typeof actFields>;

const storedAct = defineDocument({
  ...actFields,
  /** `begun` where the process died, or the end could not be written down. */
  state: ['state', z.enum(['begun', 'done', 'failed']).catch('begun').default('begun')],
  outcome: ['outcome', z.string().nullable().catch(null).default(null)],
});

/** The end of an act. */
export interface End {
  readonly state: 'done' | 'failed';
  readonly outcome: string;
  /** No order, row or parked event has the target: a text that was typed may name a person, so it is not kept. */
  readonly isStrange?: boolean;
}

/** Takes the place of a strange target. */
const STRANGE = '(unknown)';

/** An act with what came of it. */
export type ActOnRecord = z.output<typeof storedAct>;

/**
 * What the staff did: a line is written before an act, and completed after it. Every method throws
 * Unavailable when Firestore does not answer.
 */
export class AuditBook {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /** Writes the line of an act. @returns the line's id. */
  async begin(begun: Act): Promise<string> {
    const document = this.#firestore.collection(AUDIT).doc();
    await withDeadline(document.create({ ...act.encode(begun), state: 'begun' }));
    return document.id;
  }

  /** Completes a line. */
  async end(id: string, { state, outcome, isStrange }: End, now: Date): Promise<void> {
    const fields = {
      state,
      outcome,
      ended_at: Timestamp.fromDate(now),
      ...(isStrange === true && { target: STRANGE }),
    };
    await withDeadline(this.#firestore.collection(AUDIT).doc(id).update(fields));
  }

  /** The acts on some orders, payments or parked events. */
  async on(targets: readonly string[]): Promise<ActOnRecord[]> {
    const found = await Promise.all(
      inGroups(targets).map((some) =>
        withDeadline(roleQueries.actsOn(this.#firestore, some).get()),
      ),
    );
    return found
      .flatMap(({ docs }) => docs)
      .flatMap((stored) => storedAct.safeParse(stored.data()).data ?? []);
  }
}

export function openAuditBook(): AuditBook {
  return new AuditBook(openFirestore());
}
