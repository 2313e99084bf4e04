import type { Reply } from '../http.ts';

/** What matching requests meet instead of the ordinary treatment. */
export interface ApiFault {
  /**
   * `METHOD /path-prefix`, where `:id` stands for one path segment and a final `$` asks for the
   * whole path, as in `POST /v1/payment_intents/:id/capture`. Left out: any request.
   */
  match?: string;
  /** Answered with an error of this status, such as 409, 429 or 500. */
  status?: number;
  /** The error's code; a 409 is a `lock_timeout` and a 429 a `rate_limit` unless told otherwise. */
  code?: string;
  /** Never answered. */
  timeout?: true;
  /** The connection closes before the first byte of the answer. */
  drop?: true;
  /** The request takes effect; the connection closes in the middle of its answer. */
  cutOff?: true;
  /**
   * The request takes effect first; then `status`, `timeout` or `drop` takes the answer's place,
   * and a `status` is kept under the idempotency key. A request that is refused anyway gets its
   * refusal and leaves the fault to the next one.
   */
  applyThen?: true;
  /** A `status` without effect is kept under the idempotency key all the same. */
  stored?: true;
  /** How many requests meet it; 1 unless told otherwise. */
  times?: number;
}

/** A fault waiting for requests. */
export interface PlannedFault {
  fault: ApiFault;
  left: number;
}

const CODES: Readonly<Record<number, string>> = { 409: 'lock_timeout', 429: 'rate_limit' };

/** The faults a test has ordered, first in first out among those that match a request. */
export class ApiFaults {
  #planned: PlannedFault[] = [];
  /** Milliseconds that every answer is late. */
  latencyMs = 0;

  plan(faults: readonly ApiFault[]): void {
    this.#planned.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
  }

  /** What the request is going to meet; it stays planned until `use`. */
  meet(method: string, path: string): PlannedFault | undefined {
    return this.#planned.find(({ fault }) => matches(fault.match, `${method} ${path}`));
  }

  /** Counts one request as having met the fault. */
  use(planned: PlannedFault): void {
    planned.left -= 1;
    this.#planned = this.#planned.filter((one) => one.left > 0);
  }

  clear(): void {
    this.#planned = [];
    this.latencyMs = 0;
  }
}

/** Whether the request takes effect in spite of the fault. */
export function takesEffect(fault: ApiFault): boolean {
  return fault.applyThen === true || fault.cutOff === true;
}

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

/** How much of the answer the fault lets through. */
export function sends(fault: ApiFault): NonNullable<Reply['sends']> {
  if (fault.timeout) return 'never';
  if (fault.drop) return 'nothing';
  return fault.cutOff ? 'half' : 'whole';
}

function errorType(status: number): string {
  if (status >= 500) return 'api_error';
  return status === 402 ? 'card_error' : 'invalid_request_error';
}

function matches(match: string | undefined, request: string): boolean {
  if (match === undefined) return true;
  const isWhole = match.endsWith('$');
  const literal = (isWhole ? match.slice(0, -1) : match).replace(/[.*+?^{}()|[\]\\$]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll(':id', '[^/]+')}${isWhole ? '$' : ''}`).test(request);
}
