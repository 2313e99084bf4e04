import type { Query } from 'firebase-admin/firestore';

/** The most values that one query may look for. */
export const MOST_VALUES = 30;

/** The documents whose field has the value, or one of the values, `MOST_VALUES` at the most. */
export function withValue(query: Query, field: string, value: string | readonly string[]): Query {
  return typeof value === 'string'
    ? query.where(field, '==', value)
    : query.where(field, 'in', value);
}
