import { FIRESTORE_PAGE_DEADLINE_MS } from '../config/limits';
import { log, type LogFields } from '../log';
import {
  FirestoreError,
  type DocumentData,
  type DocumentReference,
  type Firestore,
  type Timestamp,
} from './client';
import { isOvertaken, withDeadline } from './firestore';

/** An update that is made only if the document still has this version. */
export interface ConditionalUpdate {
  readonly document: DocumentReference;
  readonly version: Timestamp;
  readonly fields: DocumentData;
  /** Logged with a failure. */
  readonly about: LogFields;
}

/**
 * Makes updates, each on its own: a failed one does not stop the others. Returns the time of each
 * write; undefined for an update that failed, or whose document has changed since it was read.
 * @throws Unavailable when Firestore does not answer; any of the updates may have been made.
 */
export async function updateEach(
  firestore: Firestore,
  updates: readonly ConditionalUpdate[],
  deadlineMs = FIRESTORE_PAGE_DEADLINE_MS,
): Promise<(Timestamp | undefined)[]> {
  const results = await withDeadline(
    firestore.updateEach(
      updates.map(({ document, version, fields }) => ({
        document,
        data: fields,
        precondition: { lastUpdateTime: version },
      })),
    ),
    deadlineMs,
  );
  return results.map((result, index) => {
    if (!(result instanceof FirestoreError)) return result.writeTime;
    if (!isOvertaken(result)) log.failure(result, { ...updates[index]?.about });
    return undefined;
  });
}
