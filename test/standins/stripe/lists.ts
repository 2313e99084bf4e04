import { invalid } from './errors.ts';
import { formIn, textIn } from './form.ts';
import type { Form } from './form.ts';

const MAX_PAGE = 100;
const DEFAULT_PAGE = 10;

/** One page of `all`, which comes newest first. */
export interface Page<T> {
  object: 'list';
  url: string;
  has_more: boolean;
  data: T[];
}

/** The page that `limit`, `starting_after` and `ending_before` ask for. */
export function page<T extends { id: string }>(
  all: readonly T[],
  query: Form,
  url: string,
): Page<T> {
  const limit = pageSize(textIn(query, 'limit'));
  const after = textIn(query, 'starting_after');
  const before = textIn(query, 'ending_before');
  if (before !== undefined) {
    const newer = all.slice(0, position(all, before, 'ending_before'));
    return { object: 'list', url, has_more: newer.length > limit, data: newer.slice(-limit) };
  }
  const from = after === undefined ? 0 : position(all, after, 'starting_after') + 1;
  const data = all.slice(from, from + limit);
  return { object: 'list', url, has_more: all.length > from + limit, data };
}

/** Whether `seconds` lies in the range that `created` or `created[gte]` and the like ask for. */
export function isCreatedWithin(seconds: number, query: Form): boolean {
  const exact = textIn(query, 'created');
  const range = formIn(query, 'created');
  const meets = (bound: string, holds: (limit: number) => boolean): boolean => {
    const text = textIn(range, bound);
    return text === undefined || holds(Number(text));
  };
  return (
    (exact === undefined || seconds === Number(exact)) &&
    meets('gt', (limit) => seconds > limit) &&
    meets('gte', (limit) => seconds >= limit) &&
    meets('lt', (limit) => seconds < limit) &&
    meets('lte', (limit) => seconds <= limit)
  );
}

function pageSize(text: string | undefined): number {
  const limit = text === undefined ? DEFAULT_PAGE : Number(text);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE)) {
    throw invalid('limit', `limit must be 1 to ${MAX_PAGE}`, 'parameter_invalid_integer');
  }
  return limit;
}

function position(all: readonly { id: string }[], id: string, param: string): number {
  const index = all.findIndex((object) => object.id === id);
  if (index < 0) throw invalid(param, `No such object: '${id}'`, 'resource_missing');
  return index;
}
