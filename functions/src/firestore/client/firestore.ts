import { randomBytes } from 'node:crypto';
import { Calls, type WriteResult } from './calls';
import { DocumentReference, DocumentSnapshot } from './documents';
import type { FirestoreError } from './errors';
import { Query } from './query';
import type { Place } from './transport';
import type { DocumentData } from './values';
import { toCreate, toDelete, toUpdate, type Precondition, type Write } from './writes';

/** A collection, and the query for all of it. */
export class CollectionReference extends Query {
  readonly #calls: Calls;

  constructor(calls: Calls, id: string) {
    super(calls, id);
    this.#calls = calls;
  }

  /** @param id a new one, by chance, when absent. */
  doc(id: string = randomBytes(10).toString('hex')): DocumentReference {
    return new DocumentReference(this.#calls, this.collectionId, id);
  }
}

/** Several writes that are made together, or not at all. */
export class WriteBatch {
  readonly #calls: Calls;
  readonly #writes: Write[] = [];

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  create(document: DocumentReference, data: DocumentData): this {
    return this.#add(toCreate(document.name, data));
  }

  update(document: DocumentReference, data: DocumentData, precondition?: Precondition): this {
    return this.#add(toUpdate(document.name, data, precondition));
  }

  delete(document: DocumentReference, precondition?: Precondition): this {
    return this.#add(toDelete(document.name, precondition));
  }

  /** The results, in the order of the writes. */
  commit(): Promise<readonly WriteResult[]> {
    return this.#calls.commit(this.#writes);
  }

  #add(write: Write): this {
    this.#writes.push(write);
    return this;
  }
}

/** An update among several that are made each on its own. */
interface OneUpdate {
  readonly document: DocumentReference;
  readonly data: DocumentData;
  readonly precondition: Precondition;
}

/**
 * What this project needs of Firestore, over its REST API. Google's own client does the same over gRPC, and
 * takes longer to load than a webhook to answer (`docs/decisions/0055-firestore-over-rest.md`). Methods have
 * the names of that client. Each rejects with a FirestoreError when Firestore refuses or does not answer.
 */
export class Firestore {
  readonly #calls: Calls;

  constructor(place: Place) {
    this.#calls = new Calls(place);
  }

  /** `projects/<project>/databases/<database>/documents` */
  get root(): string {
    return this.#calls.root;
  }

  collection(id: string): CollectionReference {
    return new CollectionReference(this.#calls, id);
  }

  batch(): WriteBatch {
    return new WriteBatch(this.#calls);
  }

  /** Reads documents, in this order, as they are at one moment. */
  async getAll(...references: readonly DocumentReference[]): Promise<readonly DocumentSnapshot[]> {
    const found = await this.#calls.read(references.map(({ name }) => name));
    return references.map((ref) => new DocumentSnapshot(ref, found.get(ref.name)));
  }

  /** Makes updates of different documents, each on its own. Returns the results in their order. */
  updateEach(updates: readonly OneUpdate[]): Promise<readonly (WriteResult | FirestoreError)[]> {
    return this.#calls.writeEach(
      updates.map(({ document, data, precondition }) =>
        toUpdate(document.name, data, precondition),
      ),
    );
  }
}
