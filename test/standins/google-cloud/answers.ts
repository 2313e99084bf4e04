import type { Reply } from '../http.ts';

/** An error as Google's APIs say it (https://google.aip.dev/193). */
export function refuse(code: number, status: string, message: string, info?: object): Reply {
  const details =
    info === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', ...info }];
  return { status: code, body: { error: { code, status, message, details } } };
}

export const invalid = (message: string) => refuse(400, 'INVALID_ARGUMENT', message);

export const notFound = () => refuse(404, 'NOT_FOUND', 'Requested entity was not found.');

/** Entries of a page; Google's own pages are longer. */
const PAGE = 3;

/** A page of a list, as https://google.aip.dev/158 says it; an empty list is not said. */
export function page(key: string, entries: readonly object[], query: URLSearchParams): Reply {
  const from = Number(query.get('pageToken') ?? 0);
  const next = from + PAGE;
  const more = next < entries.length ? { nextPageToken: String(next) } : {};
  const some = entries.slice(from, next);
  return { status: 200, body: { ...(some.length > 0 && { [key]: some }), ...more } };
}
