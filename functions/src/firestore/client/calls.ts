import { errorOfWrite, codes, FirestoreError } from './errors';
import { Timestamp } from './timestamp';
import { Transport, type Place } from './transport';
import type { WireFields, WireValue } from './values';
import type { Write } from './writes';

/** The most writes that one call takes. */
const MOST_WRITES = 500;

/** https://firebase.google.com/docs/firestore/reference/rest/v1/projects.databases.documents#Document */
export interface WireDocument {
  readonly name: string;
  readonly fields?: WireFields;
  readonly createTime: string;
  readonly updateTime: string;
}

/** https://firebase.google.com/docs/firestore/reference/rest/v1/StructuredQuery */
export type StructuredQuery = Readonly<Record<string, unknown>>;

/** What a write has done. */
export interface WriteResult {
  /** The version that the document has now. */
  readonly writeTime: Timestamp;
}

interface WireWriteResult {
  readonly updateTime?: string;
}

interface Committed {
  readonly commitTime: string;
  readonly writeResults?: readonly WireWriteResult[];
}

interface Written {
  readonly writeResults?: readonly (WireWriteResult | null)[];
  readonly status?: readonly ({ readonly code?: number; readonly message?: string } | null)[];
}

interface Aggregated {
  readonly result?: { readonly aggregateFields?: Readonly<Record<string, WireValue>> };
}

/** The calls of one database. Each rejects with a FirestoreError. */
export class Calls {
  readonly #transport: Transport;
  /** `projects/<project>/databases/<database>/documents` */
  readonly root: string;

  constructor(place: Place) {
    this.#transport = new Transport(place);
    this.root = this.#transport.root;
  }

  /** The documents that exist of these names, as they are at one moment, by their names. */
  async read(documents: readonly string[]): Promise<ReadonlyMap<string, WireDocument>> {
    const answers = await this.#transport.call<readonly { readonly found?: WireDocument }[]>(
      'batchGet',
      { documents },
    );
    return new Map(answers.flatMap(({ found }) => (found ? [[found.name, found]] : [])));
  }

  async query(structuredQuery: StructuredQuery): Promise<readonly WireDocument[]> {
    const answers = await this.#transport.call<readonly { readonly document?: WireDocument }[]>(
      'runQuery',
      { structuredQuery },
    );
    return answers.flatMap(({ document }) => document ?? []);
  }

  /** @param aggregation such as `{ count: {} }`; its value is a number. */
  async aggregate(structuredQuery: StructuredQuery, aggregation: object): Promise<number> {
    const aggregations = [{ alias: 'value', ...aggregation }];
    const [answer] = await this.#transport.call<readonly Aggregated[]>('runAggregationQuery', {
      structuredAggregationQuery: { structuredQuery, aggregations },
    });
    const value = answer?.result?.aggregateFields?.['value'] ?? {};
    if ('integerValue' in value) return Number(value.integerValue);
    if ('doubleValue' in value) return Number(value.doubleValue);
    throw new FirestoreError(codes.internal, 'Firestore answered without a number.');
  }

  /** Makes writes together, or none of them. */
  async commit(writes: readonly Write[]): Promise<readonly WriteResult[]> {
    const body = { writes };
    const { commitTime, writeResults = [] } = await this.#transport.call<Committed>('commit', body);
    return writes.map((_, index) => ({
      writeTime: Timestamp.parse(writeResults[index]?.updateTime ?? commitTime),
    }));
  }

  /** Makes one write. */
  async write(write: Write): Promise<WriteResult> {
    const [result] = await this.commit([write]);
    if (result === undefined) throw new FirestoreError(codes.internal, 'A write has no result.');
    return result;
  }

  /**
   * Makes writes of different documents, each on its own. Returns the results in their order; where a call
   * is refused as a whole, each of its writes is.
   */
  async writeEach(writes: readonly Write[]): Promise<readonly (WriteResult | FirestoreError)[]> {
    const results: (WriteResult | FirestoreError)[] = [];
    for (let from = 0; from < writes.length; from += MOST_WRITES) {
      const some = writes.slice(from, from + MOST_WRITES);
      const { status, writeResults } = await this.#transport
        .call<Written>('batchWrite', { writes: some })
        .catch((error: unknown) => refusedWhole(error, some.length));
      for (const index of some.keys()) {
        const error = errorOfWrite(status?.[index] ?? {});
        const time = writeResults?.[index]?.updateTime;
        if (error !== undefined) results.push(error);
        else if (time !== undefined) results.push({ writeTime: Timestamp.parse(time) });
        else results.push(new FirestoreError(codes.internal, 'A write has no result.'));
      }
    }
    return results;
  }
}

/** @throws an error that says nothing of the writes: Firestore may be asked again. */
function refusedWhole(error: unknown, count: number): Written {
  if (!(error instanceof FirestoreError) || error.isPassing) throw error;
  const { code, message } = error;
  return { status: Array.from({ length: count }, () => ({ code, message })) };
}
