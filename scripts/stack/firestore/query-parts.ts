import type { ReadRequest } from './engine.ts';

export type Query = NonNullable<ReadRequest['structuredQuery']>;
type AggregationQuery = NonNullable<ReadRequest['structuredAggregationQuery']>;
export type Aggregation = NonNullable<AggregationQuery['aggregations']>[number];
type Filter = NonNullable<Query['where']>;

/** A field as an index holds it. */
export interface Part {
  readonly path: string;
  /** `ASCENDING`, `DESCENDING` or `CONTAINS`; `ANY` where the direction makes no difference. */
  readonly mode: string;
}

/** What a query asks of the indexes. */
export interface QueryParts {
  /** Compared with single values. */
  readonly equal: readonly Part[];
  /** Read in order: ranges, the order asked for, and then what is summed. */
  readonly ordered: readonly Part[];
}

interface Condition {
  readonly path: string;
  readonly kind: 'equal' | 'contains' | 'range';
}

/** What a query asks of the indexes: once for each side of an OR, which Firestore reads apart. */
export function partsOf(query: Query, aggregations: readonly Aggregation[]): QueryParts[] {
  const summed = aggregations.flatMap(({ sum, avg }) => (sum ?? avg)?.field?.fieldPath ?? []);
  const alternatives = query.where ? alternativesOf(query.where) : [[]];
  return alternatives.map((conditions) => partsOfAlternative(query, conditions, summed));
}

function partsOfAlternative(
  query: Query,
  conditions: readonly Condition[],
  summed: readonly string[],
): QueryParts {
  const of = (kind: Condition['kind']) =>
    distinct(conditions.filter((one) => one.kind === kind).map(({ path }) => path));
  const equal = of('equal');
  const asked = (query.orderBy ?? []).map(({ field, direction }) => ({
    path: field?.fieldPath ?? '',
    mode: direction === 'DESCENDING' ? 'DESCENDING' : 'ASCENDING',
  }));
  const ranged = of('range').filter((path) => asked.every((one) => one.path !== path));
  const last = asked.at(-1)?.mode ?? 'ASCENDING';
  const ordered = [...asked, ...ranged.toSorted().map((path) => ({ path, mode: last }))]
    // All documents with one value are in any order of that value.
    .filter(({ path }) => !equal.includes(path));
  const known = [...equal, ...ordered.map(({ path }) => path)];
  const added = distinct(summed).filter((path) => !known.includes(path));
  return {
    equal: [
      ...equal.filter((path) => path !== '__name__').map((path) => ({ path, mode: 'ASCENDING' })),
      ...of('contains').map((path) => ({ path, mode: 'CONTAINS' })),
    ],
    ordered: [...withoutName(ordered), ...added.map((path) => ({ path, mode: 'ANY' }))],
  };
}

/** Every index ends with the name, in the direction of its last field. */
function withoutName(ordered: readonly Part[]): readonly Part[] {
  const name = ordered.findIndex(({ path }) => path === '__name__');
  if (name < 0) return ordered;
  const before = ordered.slice(0, name);
  const isImplied = name === 0 || before.at(-1)?.mode === ordered[name]?.mode;
  return isImplied ? before : ordered.slice(0, name + 1);
}

function alternativesOf(filter: Filter): Condition[][] {
  const { compositeFilter, fieldFilter, unaryFilter } = filter;
  if (compositeFilter) {
    const sides = (compositeFilter.filters ?? []).map(alternativesOf);
    if (compositeFilter.op === 'OR') return sides.flat();
    return sides.reduce(
      (product, side) => product.flatMap((one) => side.map((other) => [...one, ...other])),
      [[]],
    );
  }
  const { field, op } = fieldFilter ?? unaryFilter ?? {};
  return [[{ path: field?.fieldPath ?? '', kind: kindOf(String(op)) }]];
}

function kindOf(op: string): Condition['kind'] {
  if (op.startsWith('ARRAY_CONTAINS')) return 'contains';
  return ['EQUAL', 'IN', 'IS_NULL', 'IS_NAN'].includes(op) ? 'equal' : 'range';
}

function distinct(paths: readonly string[]): string[] {
  return [...new Set(paths)];
}
