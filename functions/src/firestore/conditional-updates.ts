import type {
  BulkWriter,
  DocumentReference,
  Firestore,
  Timestamp,
  UpdateData,
} from 'firebase-admin/firestore';
import { FIRESTORE_PAGE_DEADLINE_MS } from '../config/limits';
import { isOvertaken, withDeadline } from './firestore';
import { log, type LogFields } from '../log';

/** An update that is made only if the document still has this version. */
export interface ConditionalUpdate {
  readonly document: DocumentReference;
  readonly version: Timestamp;
  readonly fields: UpdateData<Record<string, unknown>>;
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
  const writer: BulkWriter = firestore.bulkWriter({ throttling: false });
  const writes = updates.map(({ document, version, fields, about }) =>
    writer
      .update(document, fields, { lastUpdateTime: version })
      .then((result) => result.writeTime)
      .catch((error: unknown) => {
        if (!isOvertaken(error)) log.failure(error, about);
        return undefined;
      }),
  );
  const written = Promise.all([...writes, writer.close()]).then(() => Promise.all(writes));
  return withDeadline(written, deadlineMs);
}
