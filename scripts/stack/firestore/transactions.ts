import { randomBytes } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type {
  BatchWriteRequest,
  BatchWriteResponse,
  BeginRequest,
  BeginResponse,
  CommitRequest,
  CommitResponse,
  Database,
  ReadMethod,
  ReadReply,
  ReadRequest,
  RollbackRequest,
  Write,
} from './engine.ts';
import { statusError } from './status.ts';
import { Turns } from './turns.ts';
import type { Turn } from './turns.ts';

/** Scope of a query that names no collection. */
const ALL_COLLECTIONS = '';

type TransactionId = Uint8Array | string;

interface Read {
  readonly method: ReadMethod;
  readonly request: ReadRequest;
  readonly answer: string;
  /** Where a write may change the answer: names of documents, or the id of a collection. */
  readonly scope: string[];
  /** Version of the database the answer holds for. */
  readonly version: number;
}

interface Transaction {
  readonly turn: Turn;
  readonly reads: Read[];
}

/**
 * Serializable read-write transactions over one database; the engine's own miss a document that
 * newly matches a query. A transaction repeats all its reads when it commits and aborts if one
 * answers differently. Taking turns on what they read and write, transactions rarely abort.
 */
export class Transactions {
  readonly #database: Database;
  readonly #turns = new Turns();
  readonly #open = new Map<string, Transaction>();
  /** Version of the database after the last write in each scope. */
  readonly #written = new Map<string, number>();
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  async begin(request: BeginRequest): Promise<BeginResponse> {
    if (request.options?.readOnly) return this.#database.beginReadOnly(request);
    return { transaction: this.#start() };
  }

  #start(): Buffer {
    const id = randomBytes(16);
    this.#open.set(keyOf(id), { turn: this.#turns.join(), reads: [] });
    return id;
  }

  /** Reads, in or outside a transaction; an aborted signal gives the transaction's turn up. */
  async read(method: ReadMethod, request: ReadRequest, signal: AbortSignal): Promise<ReadReply[]> {
    const { transaction, newTransaction, ...plain } = request;
    const begun = newTransaction && !newTransaction.readOnly ? this.#start() : undefined;
    const id = begun ?? transaction;
    const open = id ? this.#open.get(keyOf(id)) : undefined;
    if (!open) return this.#database.read(method, request);
    await open.turn.take(readKeys(plain), signal);
    const version = this.#database.version();
    const replies = await this.#database.read(method, plain);
    const answer = answerOf(replies);
    open.reads.push({ method, request: plain, answer, scope: readScope(plain), version });
    return begun ? replies.map((reply) => ({ ...reply, transaction: begun })) : replies;
  }

  async commit(request: CommitRequest, signal: AbortSignal): Promise<CommitResponse> {
    const { transaction, ...plain } = request;
    const apply = () => this.#database.commit(plain);
    if (!transaction?.length) return this.#write(plain.writes, apply, signal);
    const open = this.#open.get(keyOf(transaction));
    if (!open) throw statusError(status.INVALID_ARGUMENT, 'The referenced transaction has expired');
    this.#open.delete(keyOf(transaction));
    return this.#write(plain.writes, apply, signal, open);
  }

  async batchWrite(request: BatchWriteRequest, signal: AbortSignal): Promise<BatchWriteResponse> {
    return this.#write(request.writes, () => this.#database.batchWrite(request), signal);
  }

  rollback({ transaction }: RollbackRequest): object {
    const key = keyOf(transaction ?? '');
    this.#open.get(key)?.turn.leave();
    this.#open.delete(key);
    return {};
  }

  /** Ends all transactions: none of them can commit any more. */
  clear(): void {
    for (const { turn } of this.#open.values()) turn.leave();
    this.#open.clear();
    this.#written.clear();
  }

  async #write<T>(
    writes: Write[] | null | undefined,
    apply: () => Promise<T>,
    signal: AbortSignal,
    { turn, reads }: Transaction = { turn: this.#turns.join(), reads: [] },
  ): Promise<T> {
    const names = (writes ?? []).flatMap((write) => write.update?.name ?? write.delete ?? []);
    const applied = turn
      .take(names, signal)
      .then(() =>
        this.#exclusively(async () => {
          await this.#verify(reads);
          const reply = apply();
          for (const scope of names.flatMap(writeScope)) {
            this.#written.set(scope, this.#database.version());
          }
          return { reply };
        }),
      )
      .finally(() => {
        turn.leave();
      });
    return (await applied).reply;
  }

  // Between the check of a transaction's reads and its writes nothing else may write.
  #exclusively<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#lastWrite.then(run);
    this.#lastWrite = result.catch(() => undefined);
    return result;
  }

  async #verify(reads: Read[]): Promise<void> {
    for (const { method, request, answer, scope, version } of reads) {
      if (scope.every((place) => (this.#written.get(place) ?? 0) <= version)) continue;
      if (answerOf(await this.#database.read(method, request)) === answer) continue;
      throw statusError(status.ABORTED, 'The transaction read data that has changed since');
    }
  }
}

function keyOf(id: TransactionId): string {
  return Buffer.from(id as Uint8Array).toString('hex');
}

function readKeys({ documents, parent, ...query }: ReadRequest): string[] {
  const { structuredQuery, structuredAggregationQuery } = query;
  return documents ?? [JSON.stringify([parent, structuredQuery, structuredAggregationQuery])];
}

function readScope({ documents, ...query }: ReadRequest): string[] {
  const { structuredQuery } = query.structuredAggregationQuery ?? query;
  return documents ?? [structuredQuery?.from?.[0]?.collectionId ?? ALL_COLLECTIONS];
}

function writeScope(name: string): string[] {
  return [name, name.split('/').at(-2) ?? '', ALL_COLLECTIONS];
}

/** What of the replies stays the same while the data does. */
function answerOf(replies: ReadReply[]): string {
  return JSON.stringify(
    replies.map(({ found, missing, document, result }) => {
      const read = found ?? document;
      return [read?.name, read?.updateTime, missing, result];
    }),
  );
}
