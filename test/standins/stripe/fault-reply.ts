import type { ApiFault } from '../faults.ts';
import type { Reply } from '../http.ts';

const CODES: Readonly<Record<number, string>> = { 409: 'lock_timeout', 429: 'rate_limit' };

/** The error answered in place of the ordinary reply; undefined when the fault names no status. */
export function errorReply(fault: ApiFault): Reply | undefined {
  if (fault.status === undefined) return undefined;
  const code = fault.code ?? CODES[fault.status];
  const error = { type: errorType(fault.status), ...(code && { code }), message: 'ordered' };
  // A kept error would only be replayed: the API tells its clients so.
  const isKept = fault.applyThen ?? fault.stored;
  const headers = isKept ? { 'stripe-should-retry': 'false' } : {};
  return { status: fault.status, headers, body: { error } };
}

function errorType(status: number): string {
  if (status >= 500) return 'api_error';
  return status === 402 ? 'card_error' : 'invalid_request_error';
}
