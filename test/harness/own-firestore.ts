import { randomUUID } from 'node:crypto';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import {
  startEmbeddedFirestore,
  type FirestoreServer,
} from '../../scripts/stack/firestore/embedded.ts';
import { setEnvironment } from './environment.ts';
import { existing } from './existing.ts';

/** An embedded Firestore that one test file has for itself; `openFirestore` leads to it. */
export interface OwnFirestore {
  readonly server: FirestoreServer;
  readonly firestore: FirebaseFirestore.Firestore;
  /** What a document holds; undefined where there is none. */
  read(path: string): Promise<FirebaseFirestore.DocumentData | undefined>;
  /** All documents of a collection. */
  all(collection: string): Promise<FirebaseFirestore.DocumentData[]>;
}

/** Starts it before the tests of the file, and empties it before each. */
export function useOwnFirestore(): () => OwnFirestore {
  let own: OwnFirestore | undefined;
  beforeAll(async () => {
    const server = await startEmbeddedFirestore({ port: 0 });
    const projectId = `demo-${randomUUID()}`;
    setEnvironment({
      FIRESTORE_EMULATOR_HOST: server.host,
      GCLOUD_PROJECT: projectId,
      FIREBASE_CONFIG: JSON.stringify({ projectId }),
      METADATA_SERVER_DETECTION: 'none',
    });
    const firestore = openFirestore();
    own = {
      server,
      firestore,
      read: async (path) => (await firestore.doc(path).get()).data(),
      all: async (collection) =>
        (await firestore.collection(collection).get()).docs.map((one) => one.data()),
    };
  });
  beforeEach(() => own?.server.clear());
  afterAll(async () => {
    await own?.firestore.terminate();
    await own?.server.stop();
  });
  return () => existing(own);
}

/** The severities and messages of log lines. */
export function told(lines: readonly string[]): string[] {
  return lines.map((line) => {
    const { severity, message } = JSON.parse(line) as { severity: string; message: string };
    return `${severity} ${message}`;
  });
}
