import type { Reply } from '../http.ts';

/** An error as Google's APIs say it (https://google.aip.dev/193). */
export function refuse(code: number, status: string, message: string, info?: object): Reply {
  const details =
    info === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', ...info }];
  return { status: code, body: { error: { code, status, message, details } } };
}

export const invalid = (message: string) => refuse(400, 'INVALID_ARGUMENT', message);

export const notFound = () => refuse(404, 'NOT_FOUND', 'Requested entity was not found.');
