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

/** A change of one version of a document; of any other it is refused. */
export interface ConditionalUpdate {
  readonly document: DocumentReference;
  readonly version: Timestamp;
  readonly fields: UpdateData<Record<string, unknown>>;
  /** What the log says of it should it fail. */
  readonly about: LogFields;
}

/**
 * Makes updates, each on its own: one that fails holds up no other. Returns when each was written;
 * undefined for one that was not, because somebody else has changed the document or for a failure.
 * @throws Unavailable when Firestore does not answer; any of them may have been made.
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
