import { FIRESTORE_DEADLINE_MS } from '../config/limits';
import { Misconfigured, Unavailable } from '../errors';
import {
  codes,
  Firestore,
  FirestoreError,
  type DocumentData,
  type DocumentReference,
  type Timestamp,
} from './client';
import { LOOKS } from './collections';
import { readPlace } from './place';

const dataCodes = new Set<number>([
  codes.invalidArgument,
  codes.notFound,
  codes.alreadyExists,
  codes.failedPrecondition,
]);

/** @throws Misconfigured where FIRESTORE_DATABASE, or another setting of the platform, is wrong. */
export function openFirestore(): Firestore {
  return new Firestore(readPlace());
}

function codeOf(error: unknown): number | undefined {
  return error instanceof FirestoreError ? error.code : undefined;
}

/** Says what the project lacks, and how to add it. Undefined for any other error. */
function faultOfProject(code: number | undefined, error: unknown): Misconfigured | undefined {
  const message = error instanceof Error ? error.message : '';
  if (code === codes.permissionDenied) {
    return new Misconfigured(
      'Firestore refuses the functions: give their service account (functions, serviceAccountEmail; by default PROJECT_NUMBER-compute@developer.gserviceaccount.com) the role roles/datastore.user.',
      { cause: error },
    );
  }
  if (code === codes.failedPrecondition && /\bindex\b/.test(message)) {
    // The link has the definition of the index, and no value of a document.
    const [link = ''] = /https:\/\/console\.firebase\.google\.com\/\S+/.exec(message) ?? [];
    return new Misconfigured(
      `Firestore has no index for a query, or still builds it: npx firebase deploy --only firestore:indexes, or ${link}`,
      { cause: error },
    );
  }
  if (code === codes.notFound && /\bdatabase\b.*\bdoes not exist\b/.test(message)) {
    return new Misconfigured(
      'The project has no database of the name in FIRESTORE_DATABASE: make it in the Firebase console, in Native mode, or correct the name.',
      { cause: error },
    );
  }
  return undefined;
}

/**
 * Waits for a call of Firestore until the deadline. A call that is given up may still be applied later,
 * so every write must be one that can be repeated.
 * @throws Unavailable when Firestore does not answer in time, or cannot be reached.
 * @throws Misconfigured when an index, the database or a right is missing.
 */
export async function withDeadline<T>(
  call: Promise<T>,
  deadlineMs: number = FIRESTORE_DEADLINE_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Unavailable(`Firestore did not answer within ${deadlineMs} ms.`));
    }, deadlineMs);
  });
  try {
    return await Promise.race([call, deadline]);
  } catch (error) {
    const code = codeOf(error);
    const fault = faultOfProject(code, error);
    if (fault !== undefined) throw fault;
    if (code === undefined || dataCodes.has(code)) throw error;
    throw new Unavailable('Firestore could not answer.', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks Firestore for a document that is not there: the least it can be asked.
 * @throws Unavailable when Firestore does not answer.
 */
export async function answers(): Promise<void> {
  await withDeadline(openFirestore().collection(LOOKS).doc('health').get());
}

/**
 * Creates a document unless it exists; an existing document stays as it is.
 * @returns when it was created; undefined when it existed.
 * @throws Unavailable when Firestore does not answer; the document may have been created.
 */
export async function createOnce(
  document: DocumentReference,
  fields: DocumentData,
): Promise<Timestamp | undefined> {
  try {
    return (await withDeadline(document.create(fields))).writeTime;
  } catch (error) {
    if (codeOf(error) !== codes.alreadyExists) throw error;
    return undefined;
  }
}

const overtaken: readonly (number | undefined)[] = [
  codes.failedPrecondition,
  codes.notFound,
  codes.alreadyExists,
];

/** Whether a write failed because a document has changed since it was read, is gone, or is there now. */
export function isOvertaken(error: unknown): boolean {
  return overtaken.includes(codeOf(error));
}

/**
 * Waits for a write that may be overtaken by another one.
 * @returns false when it was: see `isOvertaken`.
 * @throws Unavailable when Firestore does not answer; the write may have been made.
 */
export async function tryWrite(write: Promise<unknown>): Promise<boolean> {
  try {
    await withDeadline(write);
    return true;
  } catch (error) {
    if (!isOvertaken(error)) throw error;
    return false;
  }
}
