import type { IncomingMessage } from 'node:http';
import { log } from '../log';

/**
 * Keeps requests that are broken by their caller away from Express, which would print a stack of many
 * lines for each. An address that cannot be decoded becomes that of the function itself: no function
 * reads its path. A request that breaks off before its end is one line, and Express waits for it no
 * longer when the connection is closed.
 */
export function mendRequest(request: IncomingMessage): void {
  const [path = '', ...query] = (request.url ?? '').split('?');
  if (!isDecodable(path)) request.url = ['/', ...query].join('?');

  const emit = request.emit.bind(request);
  let isBroken = false;
  // A caller who leaves after the last byte has broken nothing: then nothing waits for the body.
  const isRead = () => request.listenerCount('aborted') > 0;
  request.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event === 'aborted' && isRead()) {
      isBroken = true;
      log.warn('a request broke off before its end');
    }
    return isBroken && (event === 'aborted' || event === 'error') ? true : emit(event, ...args);
  };
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
