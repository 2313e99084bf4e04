import type { google } from '@google-cloud/firestore/types/protos/firestore_v1_proto_api.js';

type Query = google.firestore.v1.IStructuredQuery;
type AggregationQuery = google.firestore.v1.IStructuredAggregationQuery;
type Filter = google.firestore.v1.StructuredQuery.IFilter;
type CompositeOp = NonNullable<google.firestore.v1.StructuredQuery.ICompositeFilter['op']>;
type Value = google.firestore.v1.IValue;

/** Most values Firestore takes in one `in` filter. */
const MAX_IN_VALUES = 30;

/**
 * The query the engine answers as Firestore answers the given one. Firestore drops documents that
 * lack a field ordered by or (`present`) aggregated, or that is under `!=` or `not-in`; the engine
 * keeps them.
 */
export function toEngineQuery(query: Query, present: string[] = []): Query {
  const ordered = (query.orderBy ?? []).flatMap(({ field }) => field?.fieldPath ?? []);
  const required = [...ordered, ...present].filter((path) => path !== '__name__');
  const where = query.where ? [toEngineFilter(query.where)] : [];
  const filters = [...where, ...required.map(exists)];
  return filters.length > 0 ? { ...query, where: composite('AND', filters) } : query;
}

/** {@link toEngineQuery} for a query that is aggregated. */
export function toEngineAggregation(aggregation: AggregationQuery): AggregationQuery {
  const { structuredQuery, aggregations } = aggregation;
  if (!structuredQuery) return aggregation;
  const present = (aggregations ?? []).flatMap(
    ({ sum, avg }) => (sum ?? avg)?.field?.fieldPath ?? [],
  );
  return { ...aggregation, structuredQuery: toEngineQuery(structuredQuery, present) };
}

function toEngineFilter(filter: Filter): Filter {
  if (filter.compositeFilter) {
    const { op, filters } = filter.compositeFilter;
    return composite(op ?? 'AND', (filters ?? []).map(toEngineFilter));
  }
  const { field, op, value } = filter.fieldFilter ?? {};
  if (op === 'NOT_EQUAL' || op === 'NOT_IN') {
    return composite('AND', [filter, { unaryFilter: { op: 'IS_NOT_NULL', field: field ?? null } }]);
  }
  const values = value?.arrayValue?.values ?? [];
  // The engine takes 10 values and one such filter; without values it must refuse, so is asked.
  if (op !== 'IN' || values.length === 0 || values.length > MAX_IN_VALUES) return filter;
  const equals = values
    .filter((one) => one.nullValue === undefined)
    .map((one): Filter => ({ fieldFilter: { field: field ?? null, op: 'EQUAL', value: one } }));
  return composite('OR', equals);
}

/** True of a document that has the field, whatever its value. */
function exists(fieldPath: string): Filter {
  const field = { fieldPath };
  return composite('OR', [
    { unaryFilter: { op: 'IS_NULL', field } },
    { unaryFilter: { op: 'IS_NOT_NULL', field } },
    // Matches nothing more, but the engine orders only by a field under a range filter first.
    { fieldFilter: { op: 'GREATER_THAN', field, value: { booleanValue: false } } },
  ]);
}

function composite(op: CompositeOp, filters: Filter[]): Filter {
  return { compositeFilter: { op, filters } };
}

/** The fields with timestamps cut to microseconds, the precision Firestore stores. */
export function toStoredFields(fields: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, toStoredValue(value)]),
  );
}

function toStoredValue(value: Value): Value {
  const { timestampValue: time, arrayValue: array, mapValue: map } = value;
  if (time?.nanos) return { timestampValue: { ...time, nanos: time.nanos - (time.nanos % 1000) } };
  if (array?.values) return { arrayValue: { values: array.values.map(toStoredValue) } };
  if (map?.fields) return { mapValue: { fields: toStoredFields(map.fields) } };
  return value;
}
