import type { Duplex } from 'node:stream';
import type { google } from '@google-cloud/firestore/types/protos/firestore_v1_proto_api.js';
import { status } from '@grpc/grpc-js';
import type { FirestoreController } from '@firebase-bridge/firestore-admin';
import { FirestoreMock } from '@firebase-bridge/firestore-admin';
import { toEngineAggregation, toEngineQuery, toStoredFields } from './dialect.ts';
import { statusError } from './status.ts';

export type BeginRequest = google.firestore.v1.IBeginTransactionRequest;
export type BeginResponse = google.firestore.v1.IBeginTransactionResponse;
export type CommitRequest = google.firestore.v1.ICommitRequest;
export type CommitResponse = google.firestore.v1.ICommitResponse;
export type BatchWriteRequest = google.firestore.v1.IBatchWriteRequest;
export type BatchWriteResponse = google.firestore.v1.IBatchWriteResponse;
export type ListDocumentsRequest = google.firestore.v1.IListDocumentsRequest;
export type ListDocumentsResponse = google.firestore.v1.IListDocumentsResponse;
export type ListCollectionIdsRequest = google.firestore.v1.IListCollectionIdsRequest;
export type ListCollectionIdsResponse = google.firestore.v1.IListCollectionIdsResponse;
export type ListenRequest = google.firestore.v1.IListenRequest;
export type RollbackRequest = google.firestore.v1.IRollbackRequest;
export type Write = google.firestore.v1.IWrite;

/** The RPCs that read, as the engine names them. */
export type ReadMethod = 'batchGetDocuments' | 'runQuery' | 'runAggregationQuery';
/** A request of any of the RPCs that read. */
export type ReadRequest = google.firestore.v1.IBatchGetDocumentsRequest &
  google.firestore.v1.IRunQueryRequest &
  google.firestore.v1.IRunAggregationQueryRequest;
/** One reply in the stream that answers a {@link ReadRequest}. */
export type ReadReply = google.firestore.v1.IBatchGetDocumentsResponse &
  google.firestore.v1.IRunQueryResponse &
  google.firestore.v1.IRunAggregationQueryResponse;

/** The engine's stand-in for the Google client that firebase-admin talks through. */
interface EngineClient extends Record<ReadMethod, (request: ReadRequest) => Duplex> {
  readonly context: { readonly gapicRoot: string };
  beginTransaction(request: BeginRequest): Promise<[BeginResponse]>;
  commit(request: CommitRequest): Promise<[CommitResponse]>;
  batchWrite(request: BatchWriteRequest): Promise<[BatchWriteResponse]>;
  listDocuments(request: ListDocumentsRequest): Promise<[google.firestore.v1.IDocument[]]>;
  listCollectionIds(request: ListCollectionIdsRequest): Promise<[string[]]>;
  listen(): Duplex;
}

/** What of a Firestore instance the engine hands its client out through. */
interface EngineFirestore {
  _settings: Record<string, unknown>;
  readonly _clientPool: { acquire(requestTag: string, requiresGrpc: boolean): EngineClient };
}

/** Milliseconds between two writes; an exact binary fraction, hence whole microseconds. */
const TICK = 0.125;

/** A time finer than milliseconds, as Firestore's are: code that cuts its times off shows. */
class ServerDate extends Date {
  readonly #time: number;

  constructor(time: number) {
    super(time);
    this.#time = time;
  }

  override getTime(): number {
    return this.#time;
  }
}

/** The engine's clock: that of the machine, but no two writes have the same time. */
class Clock {
  #last = 0;

  now(): Date {
    return new ServerDate(this.#reach(this.#last));
  }

  /** Moves on for a write, by a tick at least. */
  tick(): void {
    this.#reach(this.#last + TICK);
  }

  /** Moves on so far that what follows is later even to the engine, which rounds to milliseconds. */
  skip(): void {
    this.#reach(this.#last + 1);
  }

  #reach(time: number): number {
    this.#last = Math.max(Date.now() + TICK, time);
    return this.#last;
  }
}

/** One database of the engine, answering as Firestore does. */
export class Database {
  readonly #clock: Clock;
  readonly #controller: FirestoreController;
  readonly #client: EngineClient;

  constructor(clock: Clock, controller: FirestoreController) {
    this.#clock = clock;
    this.#controller = controller;
    this.#client = openClient(controller);
  }

  /** Rises with every write: while it stays, so does the data. */
  version(): number {
    return this.#controller.version();
  }

  async read(method: ReadMethod, request: ReadRequest): Promise<ReadReply[]> {
    const stream = this.#client[method](toEngineRead(request));
    if (request.newTransaction ?? request.transaction) this.#keepSnapshot();
    return (await stream.toArray()) as ReadReply[];
  }

  /** Begins a read-only transaction. */
  async beginReadOnly(request: BeginRequest): Promise<BeginResponse> {
    return (await this.#client.beginTransaction(request))[0];
  }

  /** Is applied before the call returns, answered when the promise settles. */
  async commit(request: CommitRequest): Promise<CommitResponse> {
    this.#clock.tick();
    const writes = (request.writes ?? []).map(toEngineWrite);
    const [reply] = await this.#client.commit({ ...request, writes });
    const writeResults = (reply.writeResults ?? []).map((result, index) => {
      const name = writes[index]?.update?.name;
      return name ? this.#withUpdateTime(result, name) : result;
    });
    return { ...reply, writeResults };
  }

  /** Is applied before the call returns, answered when the promise settles. */
  async batchWrite(request: BatchWriteRequest): Promise<BatchWriteResponse> {
    this.#clock.tick();
    const writes = (request.writes ?? []).map(toEngineWrite);
    const [reply] = await this.#client.batchWrite({ ...request, writes });
    return reply;
  }

  async listDocuments(request: ListDocumentsRequest): Promise<ListDocumentsResponse> {
    const [documents] = await this.#client.listDocuments({ ...request, mask: null });
    const named = documents.map((document) => ({ ...document, name: document.name ?? '' }));
    return { documents: named.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  }

  async listCollectionIds(request: ListCollectionIdsRequest): Promise<ListCollectionIdsResponse> {
    const [collectionIds] = await this.#client.listCollectionIds(request);
    return { collectionIds };
  }

  /** Deletes all documents. */
  clear(): void {
    this.#clock.tick();
    const { database } = this.#controller;
    // Listeners learn of deletions only; the reset then drops what the engine keeps of the past.
    database.batchDelete(...database.toDocumentPaths());
    this.#controller.reset();
  }

  /** A stream of listen responses that takes {@link toEngineListen}'s requests. */
  listen(): Duplex {
    return this.#client.listen();
  }

  // The engine fixes a read-only transaction's time when it first reads, in a microtask at most.
  #keepSnapshot(): void {
    queueMicrotask(() => {
      this.#clock.skip();
    });
  }

  // A write that changes nothing keeps the update time; the engine answers the commit's.
  #withUpdateTime(result: google.firestore.v1.IWriteResult, name: string) {
    const path = name.slice(this.#client.context.gapicRoot.length + 1);
    const { seconds, nanoseconds: nanos } = this.#controller.database.getDocument(path).updateTime;
    const answered = result.updateTime;
    const kept =
      seconds < Number(answered?.seconds) ||
      (seconds === Number(answered?.seconds) && nanos < (answered?.nanos ?? 0));
    return kept ? { ...result, updateTime: { seconds, nanos } } : result;
  }
}

/** The in-memory engine: makes databases that share one clock. */
export class Engine {
  readonly #clock = new Clock();
  readonly #mock = new FirestoreMock();

  constructor() {
    this.#mock.systemTime.custom(() => this.#clock.now());
  }

  createDatabase(projectId: string, databaseId: string): Database {
    return new Database(this.#clock, this.#mock.createDatabase(projectId, databaseId));
  }
}

function openClient(controller: FirestoreController): EngineClient {
  const { projectId, databaseId } = controller;
  const firestore = controller.firestore() as unknown as EngineFirestore;
  const settings = firestore._settings;
  // The client refuses project ids Google Cloud would refuse ('demo', 'a--b'); emulators do not.
  firestore._settings = { ...settings, projectId: 'engine' };
  const client = firestore._clientPool.acquire('', true);
  firestore._settings = settings;
  const gapicRoot = `projects/${projectId}/databases/${databaseId}/documents`;
  Object.assign(client.context, { projectId, gapicRoot });
  return client;
}

function toEngineRead(request: ReadRequest): ReadRequest {
  const { structuredQuery: query, structuredAggregationQuery: aggregation, mask } = request;
  if (mask) throw statusError(status.UNIMPLEMENTED, 'Field masks on documents read by name');
  return {
    ...request,
    ...(query && { structuredQuery: toEngineQuery(query) }),
    ...(aggregation && { structuredAggregationQuery: toEngineAggregation(aggregation) }),
  };
}

/** The listen request as {@link Database.listen}'s stream must receive it. */
export function toEngineListen(request: ListenRequest): ListenRequest {
  const query = request.addTarget?.query;
  if (!query?.structuredQuery) return request;
  const structuredQuery = toEngineQuery(query.structuredQuery);
  return { ...request, addTarget: { ...request.addTarget, query: { ...query, structuredQuery } } };
}

function toEngineWrite(write: Write): Write {
  if (!write.update?.fields) return write;
  return { ...write, update: { ...write.update, fields: toStoredFields(write.update.fields) } };
}
