import { randomUUID } from 'node:crypto';
import type {
  DocumentData,
  DocumentReference,
  Firestore,
} from '../../functions/src/firestore/client/index.ts';
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
  readonly firestore: Firestore;
  /** The document at `<collection>/<id>`. */
  doc(path: string): DocumentReference;
  /** What a document holds; undefined where there is none. */
  read(path: string): Promise<DocumentData | undefined>;
  /** All documents of a collection. */
  all(collection: string): Promise<readonly DocumentData[]>;
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
    const doc = (path: string) => {
      const [collection = '', id = ''] = path.split('/');
      return firestore.collection(collection).doc(id);
    };
    own = {
      server,
      firestore,
      doc,
      read: async (path) => (await doc(path).get()).data(),
      all: async (collection) =>
        (await firestore.collection(collection).get()).docs.map((one) => one.data()),
    };
  });
  beforeEach(() => own?.server.clear());
  afterAll(() => own?.server.stop());
  return () => existing(own);
}

/** The severities and messages of log lines. */
export function told(lines: readonly string[]): string[] {
  return lines.map((line) => {
    const { severity, message } = JSON.parse(line) as { severity: string; message: string };
    return `${severity} ${message}`;
  });
}
