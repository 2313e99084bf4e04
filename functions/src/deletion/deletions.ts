import {
  Timestamp,
  type DocumentData,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
} from '../firestore/client';
import { date, defineDocument } from '../firestore/document';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { updateEach } from '../firestore/conditional-updates';
import { deletionQueries } from './queries';
import { DELETIONS } from '../firestore/collections';

/** The deletion of an account, before and after the erasure: documents that arrive later are erased too. */
export interface Deletion {
  readonly uid: string;
  readonly requestedAt: Date;
  /** The last time that an erasure left nothing; null until the first one. */
  readonly erasedAt: Date | null;
}

/** A deletion with the version that was read. */
export interface DueDeletion extends Deletion {
  readonly version: Timestamp;
}

/** A field that a person has broken gets its first value. */
const storedDeletion = defineDocument({
  requestedAt: ['requested_at', date.optional().catch(undefined)],
  erasedAt: ['erased_at', date.nullable().catch(null)],
});

/**
 * The requested deletions, named by the uid. A deletion that is written down will be carried out.
 * All methods throw Unavailable when Firestore does not answer.
 */
export class Deletions {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Writes a deletion down unless it exists, and returns it.
   * @param nextRunAt when the schedule takes over from the caller.
   */
  async request(uid: string, now: Date, nextRunAt: Date): Promise<Deletion> {
    const deletion = { uid, requestedAt: now, erasedAt: null };
    const created = await createOnce(this.#document(uid), toDocument(deletion, nextRunAt));
    const known = created ? undefined : await withDeadline(this.#document(uid).get());
    return known?.exists ? fromDocument(known) : deletion;
  }

  /** Whether the user's account is deleted, or about to be. */
  async has(uid: string): Promise<boolean> {
    return (await withDeadline(this.#document(uid).get())).exists;
  }

  /** Deletions that are due, longest due first. */
  async due(now: Date, limit: number): Promise<DueDeletion[]> {
    const query = deletionQueries.dueDeletions(this.#firestore, Timestamp.fromDate(now));
    const { docs } = await withDeadline(query.limit(limit).get());
    return docs.map((one) => ({ ...fromDocument(one), version: one.updateTime }));
  }

  /** Writes down when deletions are due again, unless they have changed since they were read. */
  async postpone(deletions: readonly DueDeletion[], nextRunAt: Date): Promise<void> {
    if (deletions.length === 0) return;
    const updates = deletions.map(({ uid, version }) => ({
      document: this.#document(uid),
      version,
      fields: { next_run_at: Timestamp.fromDate(nextRunAt) },
      about: { reason: 'deletion' },
    }));
    await updateEach(this.#firestore, updates);
  }

  /** Writes down the state of a deletion, and when it is due again. */
  async schedule(deletion: Deletion, nextRunAt: Date): Promise<void> {
    const fields = toDocument(deletion, nextRunAt);
    // Another run may just have found nothing left to do, and deleted the document.
    await tryWrite(this.#document(deletion.uid).update(fields));
  }

  /** Deletes the last document with the uid. */
  async forget(uid: string): Promise<void> {
    await withDeadline(this.#document(uid).delete());
  }

  #document(uid: string): DocumentReference {
    return this.#firestore.collection(DELETIONS).doc(uid);
  }
}

function toDocument(deletion: Deletion, nextRunAt: Date): DocumentData {
  return { ...storedDeletion.encode(deletion), next_run_at: Timestamp.fromDate(nextRunAt) };
}

function fromDocument(document: DocumentSnapshot): Deletion {
  const { requestedAt, erasedAt } = storedDeletion.parse(document.data());
  const createdAt = document.createTime?.toDate() ?? new Date(0);
  return { uid: document.id, requestedAt: requestedAt ?? createdAt, erasedAt };
}

export function openDeletions(): Deletions {
  return new Deletions(openFirestore());
}
