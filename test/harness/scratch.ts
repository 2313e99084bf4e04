import { randomUUID } from 'node:crypto';
import type { App } from 'firebase-admin/app';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import type { CollectionReference, DocumentData, Firestore, Query } from 'firebase-admin/firestore';
import { getFirestore } from 'firebase-admin/firestore';
import { UNINDEXED_PROJECT } from '../../scripts/stack/firestore/service.ts';
import { existing } from './existing.ts';

/** A Firestore client for the suite that calls it, with a new empty collection for every test. */
export class Scratch {
  #app: App | undefined;
  #collection: CollectionReference | undefined;

  constructor() {
    beforeAll(() => {
      this.#app = initializeApp({ projectId: UNINDEXED_PROJECT }, randomUUID());
    });
    beforeEach(() => {
      this.#collection = this.db.collection(`c-${randomUUID()}`);
    });
    afterAll(() => this.#app && deleteApp(this.#app));
  }

  get db(): Firestore {
    return getFirestore(existing(this.#app));
  }

  get col(): CollectionReference {
    return existing(this.#collection);
  }

  /** Writes documents, named by their ids. */
  async seed(documents: Record<string, DocumentData>): Promise<void> {
    const batch = this.db.batch();
    for (const [id, data] of Object.entries(documents)) batch.set(this.col.doc(id), data);
    await batch.commit();
  }
}

/** The ids of the documents a query answers, in its order. */
export async function ids(query: Query): Promise<string[]> {
  return (await query.get()).docs.map((doc) => doc.id);
}

/** Resolves when the condition holds; throws if it does not within five seconds. */
export async function eventually(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
