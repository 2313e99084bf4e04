import {
  Timestamp,
  type DocumentData,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
} from 'firebase-admin/firestore';
import { date, defineDocument } from '../firestore/document';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { deletionQueries } from './queries';
import { DELETIONS } from '../firestore/collections';

/** An account that is to be erased, or was: what arrives later under its uid is erased as well. */
export interface Deletion {
  readonly uid: string;
  readonly requestedAt: Date;
  /** When something was last erased and nothing was left; null until it was so once. */
  readonly erasedAt: Date | null;
}

/** A field that a person has broken is as it was in the beginning. */
const storedDeletion = defineDocument({
  requestedAt: ['requested_at', date.optional().catch(undefined)],
  erasedAt: ['erased_at', date.nullable().catch(null)],
});

/**
 * The deletions that were asked for, one document each, named by the uid: once one is written, it
 * will be carried out. All methods throw Unavailable when Firestore does not answer.
 */
export class Deletions {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Writes a deletion down, unless it is there already.
   * @param nextRunAt when the schedule takes over from whoever writes it down.
   */
  async request(uid: string, now: Date, nextRunAt: Date): Promise<Deletion> {
    const deletion = { uid, requestedAt: now, erasedAt: null };
    const created = await createOnce(this.#document(uid), toDocument(deletion, nextRunAt));
    const known = created ? undefined : await withDeadline(this.#document(uid).get());
    return known?.exists ? fromDocument(known) : deletion;
  }

  /** Those whose time has come, longest waiting first. */
  async due(now: Date, limit: number): Promise<Deletion[]> {
    const query = deletionQueries.dueDeletions(this.#firestore, Timestamp.fromDate(now));
    return (await withDeadline(query.limit(limit).get())).docs.map(fromDocument);
  }

  /** Writes down how far it has come, and when it is looked at again. */
  async schedule(deletion: Deletion, nextRunAt: Date): Promise<void> {
    const fields = toDocument(deletion, nextRunAt);
    // Another run may just have found nothing left to do, and deleted the document.
    await tryWrite(this.#document(deletion.uid).update(fields));
  }

  /** Takes the last trace of the uid away. */
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
