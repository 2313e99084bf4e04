import type { Duplex } from 'node:stream';
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerDuplexStream,
  ServerWritableStream,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Metadata, status } from '@grpc/grpc-js';
import type {
  BatchWriteRequest,
  BeginRequest,
  CommitRequest,
  Database,
  ListCollectionIdsRequest,
  ListDocumentsRequest,
  ListenRequest,
  ReadMethod,
  ReadReply,
  ReadRequest,
  RollbackRequest,
} from './engine.ts';
import { Engine, toEngineListen } from './engine.ts';
import { Indexes, readIndexFile } from './indexes.ts';
import { statusError, toStatus } from './status.ts';
import { Transactions } from './transactions.ts';

/** A database and the transactions over it. */
interface Local {
  readonly database: Database;
  readonly transactions: Transactions;
}

/** What a request of any RPC has: the name of its database or of a place therein. */
interface Request {
  database?: string | null;
  parent?: string | null;
}

/** The one project without indexes: queries of any form are tried there, on any Firestore. */
export const UNINDEXED_PROJECT = 'demo-firestore-protocol';

/** The RPCs of google.firestore.v1.Firestore over the in-memory engine. */
export class FirestoreService {
  readonly #indexes = new Indexes(readIndexFile());
  readonly #engine = new Engine();
  readonly #locals = new Map<string, Local>();

  readonly implementation: UntypedServiceImplementation = {
    BatchGetDocuments: this.#reading('batchGetDocuments'),
    BatchWrite: this.#unary<BatchWriteRequest>(({ transactions }, request, signal) =>
      transactions.batchWrite(request, signal),
    ),
    BeginTransaction: this.#unary<BeginRequest>(({ transactions }, request) =>
      transactions.begin(request),
    ),
    Commit: this.#unary<CommitRequest>(({ transactions }, request, signal) =>
      transactions.commit(request, signal),
    ),
    ListCollectionIds: this.#unary<ListCollectionIdsRequest>(({ database }, request) =>
      database.listCollectionIds(request),
    ),
    ListDocuments: this.#unary<ListDocumentsRequest>(({ database }, request) =>
      database.listDocuments(request),
    ),
    Listen: this.#listening(),
    Rollback: this.#unary<RollbackRequest>(({ transactions }, request) =>
      transactions.rollback(request),
    ),
    RunAggregationQuery: this.#reading('runAggregationQuery'),
    RunQuery: this.#reading('runQuery'),
  };

  /** Deletes all documents and ends all transactions. */
  clear(): void {
    for (const { database, transactions } of this.#locals.values()) {
      transactions.clear();
      database.clear();
    }
  }

  #local({ database, parent }: Request): Local {
    const [name, projectId, databaseId] =
      /^projects\/([^/]+)\/databases\/([^/]+)/.exec(database ?? parent ?? '') ?? [];
    if (!name || !projectId || !databaseId) {
      throw statusError(status.INVALID_ARGUMENT, 'The request names no database');
    }
    const known = this.#locals.get(name);
    if (known) return known;
    const opened = this.#engine.createDatabase(projectId, databaseId);
    const local = { database: opened, transactions: new Transactions(opened) };
    this.#locals.set(name, local);
    return local;
  }

  #assertIndexed(
    { database, parent }: Request,
    ...asked: Parameters<Indexes['assertServe']>
  ): void {
    const isUnindexed = (database ?? parent ?? '').startsWith(`projects/${UNINDEXED_PROJECT}/`);
    if (!isUnindexed) this.#indexes.assertServe(...asked);
  }

  #unary<R extends Request>(
    run: (local: Local, request: R, signal: AbortSignal) => unknown,
  ): handleUnaryCall<R, unknown> {
    return (call, callback) => {
      const answer = async () =>
        await run(this.#local(call.request), call.request, cancellation(call));
      answer().then(
        (reply) => {
          callback(null, reply);
        },
        (error: unknown) => {
          callback(toStatus(error));
        },
      );
    };
  }

  #reading(method: ReadMethod): handleServerStreamingCall<ReadRequest, ReadReply> {
    return (call) => {
      const answer = async () => {
        const { transactions } = this.#local(call.request);
        const { structuredQuery, structuredAggregationQuery: aggregation } = call.request;
        const query = aggregation?.structuredQuery ?? structuredQuery;
        this.#assertIndexed(call.request, query, aggregation?.aggregations ?? []);
        return transactions.read(method, call.request, cancellation(call));
      };
      answer().then(
        (replies) => {
          for (const reply of replies) call.write(reply);
          call.end();
        },
        (error: unknown) => {
          refuse(call, error);
        },
      );
    };
  }

  #listening(): handleBidiStreamingCall<ListenRequest, unknown> {
    return (call) => {
      let stream: Duplex | undefined;
      call.on('data', (request: ListenRequest) => {
        try {
          this.#assertIndexed(request, request.addTarget?.query?.structuredQuery);
          stream ??= this.#listen(request, call);
          stream.write(toEngineListen(request));
        } catch (error) {
          // A stream that breaks is opened again; a target that is removed with a cause is not.
          const { code, details: message } = toStatus(error);
          const targetIds = [request.addTarget?.targetId ?? 0];
          const removed = { targetChangeType: 'REMOVE', targetIds, cause: { code, message } };
          call.write({ targetChange: removed });
        }
      });
      call.on('end', () => (stream ?? call).end());
      call.on('cancelled', () => stream?.destroy());
    };
  }

  #listen(request: ListenRequest, call: ServerDuplexStream<ListenRequest, unknown>): Duplex {
    const stream = this.#local(request).database.listen();
    stream.on('data', (reply) => call.write(reply));
    stream.on('end', () => {
      call.end();
    });
    stream.on('error', (error) => call.emit('error', toStatus(error)));
    return stream;
  }
}

/** Ends a stream with an error; a stream that ended without headers its client would open again. */
function refuse(call: ServerWritableStream<ReadRequest, ReadReply>, error: unknown): void {
  call.sendMetadata(new Metadata());
  call.emit('error', toStatus(error));
}

/** Aborts when the client gives the call up. */
function cancellation(call: NodeJS.EventEmitter): AbortSignal {
  const controller = new AbortController();
  call.on('cancelled', () => {
    controller.abort();
  });
  return controller.signal;
}
