import { readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { statusError } from './status.ts';
import {
  partsOf,
  type Aggregation,
  type Part,
  type Query,
  type QueryParts,
} from './query-parts.ts';

interface IndexedField {
  readonly fieldPath: string;
  readonly order?: string;
  readonly arrayConfig?: string;
}

interface Index {
  readonly collectionGroup: string;
  readonly queryScope: string;
  readonly fields: readonly IndexedField[];
}

interface FieldOverride {
  readonly collectionGroup: string;
  readonly fieldPath: string;
  readonly indexes: readonly (Omit<IndexedField, 'fieldPath'> & { readonly queryScope: string })[];
}

/** `firestore.indexes.json`. */
export interface IndexFile {
  readonly indexes: readonly Index[];
  readonly fieldOverrides: readonly FieldOverride[];
}

const FILE = 'firestore.indexes.json';

export function readIndexFile(): IndexFile {
  return JSON.parse(readFileSync(FILE, 'utf8')) as IndexFile;
}

/** The indexes of a database: those of the file, and one for each field that the file leaves alone. */
export class Indexes {
  readonly #file: IndexFile;

  constructor(file: IndexFile) {
    this.#file = file;
  }

  /** @throws FAILED_PRECONDITION, with what the file lacks, where no indexes serve the query. */
  assertServe(query: Query | null | undefined, aggregations: readonly Aggregation[] = []): void {
    const { collectionId, allDescendants } = query?.from?.[0] ?? {};
    if (!query || !collectionId) return;
    const scope = allDescendants ? 'COLLECTION_GROUP' : 'COLLECTION';
    const parts = partsOf(query, aggregations);
    const missing = parts.find((one) => !this.#serve(collectionId, scope, one));
    if (missing === undefined) return;
    throw statusError(status.FAILED_PRECONDITION, cure(collectionId, scope, missing));
  }

  /** Several indexes serve a query together: each has some of its equalities, and then its order. */
  #serve(collection: string, scope: string, { equal, ordered }: QueryParts): boolean {
    const all = [...equal, ...ordered];
    if (all.length === 0) return true;
    const composites = this.#file.indexes
      .filter((one) => one.collectionGroup === collection && one.queryScope === scope)
      .map(({ fields }) => fields.map(toPart));
    const single = all.flatMap((part) => this.#single(collection, scope, part));
    const served = new Set<string>();
    let isOrdered = ordered.length === 0;
    for (const index of [...composites, ...single]) {
      const start = index.length - ordered.length;
      if (start < 0 || !isInOrder(index.slice(start), ordered)) continue;
      const first = index.slice(0, start);
      if (!first.every((part) => equal.some((one) => serves(part, one)))) continue;
      isOrdered = true;
      for (const { path } of first) served.add(path);
    }
    return isOrdered && equal.every(({ path }) => served.has(path));
  }

  /** The index on one field: Firestore keeps it for a collection unless an override says otherwise. */
  #single(collection: string, scope: string, part: Part): Part[][] {
    const names = part.path.split('.');
    const paths = names.map((_name, count) => names.slice(0, names.length - count).join('.'));
    const overrides = this.#file.fieldOverrides.filter((one) => one.collectionGroup === collection);
    const override = paths
      .map((path) => overrides.find(({ fieldPath }) => fieldPath === path))
      .find((one) => one !== undefined);
    if (override === undefined) return scope === 'COLLECTION' ? [[part]] : [];
    return override.indexes
      .filter(({ queryScope }) => queryScope === scope)
      .map((index) => [toPart({ ...index, fieldPath: part.path })]);
  }
}

function toPart({ fieldPath, order, arrayConfig }: IndexedField): Part {
  return { path: fieldPath, mode: order ?? arrayConfig ?? '' };
}

/** Equal values stand together whatever the direction. */
function serves(index: Part, wanted: Part): boolean {
  const isSame = (index.mode === 'CONTAINS') === (wanted.mode === 'CONTAINS');
  return index.path === wanted.path && isSame;
}

/** An index is read in its own direction only; for what is just summed any will do. */
function isInOrder(index: readonly Part[], ordered: readonly Part[]): boolean {
  return ordered.every(({ path, mode }, place) => {
    const held = index[place];
    return held?.path === path && (mode === 'ANY' || mode === held.mode);
  });
}

function cure(collectionGroup: string, queryScope: string, parts: QueryParts): string {
  const fields = [...parts.equal, ...parts.ordered].map(({ path, mode }) => {
    const kind = mode === 'CONTAINS' ? { arrayConfig: mode } : { order: orderOf(mode) };
    return { fieldPath: path, ...kind };
  });
  const [first, ...others] = fields;
  if (first === undefined || others.length > 0) {
    const index = JSON.stringify({ collectionGroup, queryScope, fields });
    return `The query requires an index. Add it to "indexes" of ${FILE}: ${index}`;
  }
  const { fieldPath, ...kind } = first;
  const index = JSON.stringify({ ...kind, queryScope });
  const place = `the override of ${fieldPath} of ${collectionGroup} in "fieldOverrides" of ${FILE}`;
  return `The query requires an index. Add it to ${place}: ${index}`;
}

function orderOf(mode: string): string {
  return mode === 'DESCENDING' ? mode : 'ASCENDING';
}
