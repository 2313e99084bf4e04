import type { Reply } from './http.ts';

/** What matching requests meet instead of the ordinary treatment. */
export interface ApiFault {
  /**
   * `METHOD /path-prefix`, where `:id` stands for one path segment and a final `$` asks for the
   * whole path, as in `POST /v1/payment_intents/:id/capture`. Left out: any request.
   */
  match?: string;
  /** Answered with an error of this status, such as 409, 429 or 500. */
  status?: number;
  /** The error's code, in the words of the API; it has its own for most statuses. */
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

/** How much of the answer the fault lets through. */
export function sends(fault: ApiFault): NonNullable<Reply['sends']> {
  if (fault.timeout) return 'never';
  if (fault.drop) return 'nothing';
  return fault.cutOff ? 'half' : 'whole';
}

function matches(match: string | undefined, request: string): boolean {
  if (match === undefined) return true;
  const isWhole = match.endsWith('$');
  const literal = (isWhole ? match.slice(0, -1) : match).replace(/[.*+?^{}()|[\]\\$]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll(':id', '[^/]+')}${isWhole ? '$' : ''}`).test(request);
}
