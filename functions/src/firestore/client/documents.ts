import type { Calls, WireDocument, WriteResult } from './calls';
import { Timestamp } from './timestamp';
import { fromWire, fromWireFields, type DocumentData, type WireValue } from './values';
import { toCreate, toDelete, toSet, toUpdate, type Precondition } from './writes';

/** The address of a document, which may not exist. */
export class DocumentReference {
  readonly #calls: Calls;
  readonly id: string;
  /** The id of its collection. */
  readonly collectionId: string;

  /** @throws TypeError for an id that would lead to another collection. */
  constructor(calls: Calls, collectionId: string, id: string) {
    if (id === '' || id.includes('/')) throw new TypeError('The id of a document has no slash.');
    this.#calls = calls;
    this.collectionId = collectionId;
    this.id = id;
  }

  /** `<collection>/<id>` */
  get path(): string {
    return `${this.collectionId}/${this.id}`;
  }

  /** As the REST API names it: with the project and the database. */
  get name(): string {
    return `${this.#calls.root}/${this.path}`;
  }

  async get(): Promise<DocumentSnapshot> {
    const found = await this.#calls.read([this.name]);
    return new DocumentSnapshot(this, found.get(this.name));
  }

  /** Fails with ALREADY_EXISTS where the document exists. */
  create(data: DocumentData): Promise<WriteResult> {
    return this.#calls.write(toCreate(this.name, data));
  }

  set(data: DocumentData): Promise<WriteResult> {
    return this.#calls.write(toSet(this.name, data));
  }

  /** Fails with NOT_FOUND where the document is missing, with FAILED_PRECONDITION where it has changed. */
  update(data: DocumentData, precondition?: Precondition): Promise<WriteResult> {
    return this.#calls.write(toUpdate(this.name, data, precondition));
  }

  delete(precondition?: Precondition): Promise<WriteResult> {
    return this.#calls.write(toDelete(this.name, precondition));
  }
}

/** A document as it was read. */
export class DocumentSnapshot {
  readonly ref: DocumentReference;
  readonly #document: WireDocument | undefined;
  /** Undefined where the document is missing. */
  readonly createTime: Timestamp | undefined;
  /** The version; undefined where the document is missing. */
  readonly updateTime: Timestamp | undefined;

  constructor(ref: DocumentReference, document: WireDocument | undefined) {
    this.ref = ref;
    this.#document = document;
    this.createTime = document && Timestamp.parse(document.createTime);
    this.updateTime = document && Timestamp.parse(document.updateTime);
  }

  get id(): string {
    return this.ref.id;
  }

  get exists(): boolean {
    return this.#document !== undefined;
  }

  /** Undefined where the document is missing. */
  data(): DocumentData | undefined {
    return this.#document && fromWireFields(this.#document.fields);
  }

  /** The value of a field; a name with dots is a field within a map. Undefined where it is missing. */
  get(path: string): unknown {
    const value = this.wireValue(path);
    return value && fromWire(value);
  }

  /** The value as it came, for a query that goes on behind this document. */
  wireValue(path: string): WireValue | undefined {
    const [first = '', ...parts] = path.split('.');
    let value = this.#document?.fields?.[first];
    for (const part of parts) {
      value = value && 'mapValue' in value ? value.mapValue.fields?.[part] : undefined;
    }
    return value;
  }
}

/** A document that was found by a query. */
export class QueryDocumentSnapshot extends DocumentSnapshot {
  declare readonly createTime: Timestamp;
  declare readonly updateTime: Timestamp;

  override data(): DocumentData {
    return super.data() ?? {};
  }
}
