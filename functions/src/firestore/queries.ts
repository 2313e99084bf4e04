import type { Query } from './client';

/** The most values that one query may look for. */
const MOST_VALUES = 30;

/** Groups of values, each of which one query may look for. */
export function inGroups<Value>(values: readonly Value[], most = MOST_VALUES): Value[][] {
  const count = Math.ceil(values.length / most);
  return Array.from({ length: count }, (_, index) =>
    values.slice(index * most, (index + 1) * most),
  );
}

/** The documents whose field has the value, or one of the values, `MOST_VALUES` at the most. */
export function withValue(query: Query, field: string, value: string | readonly string[]): Query {
  return typeof value === 'string'
    ? query.where(field, '==', value)
    : query.where(field, 'in', value);
}
