import type { Reply } from '../http.ts';

/** What the coming requests meet instead of the ordinary treatment. */
export interface ApiFault {
  /** The path it waits for; any unless told otherwise. */
  readonly path?: string;
  /** Answered in place of the ordinary reply, without effect. */
  readonly status?: number;
  /** With `status`; the usual envelope of a failure unless told otherwise. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Never answered. */
  readonly timeout?: true;
  /** The connection closes before the first byte of the answer. */
  readonly drop?: true;
  /** The request takes effect; the connection closes in the middle of its answer. */
  readonly cutOff?: true;
  /** How many requests meet it; 1 unless told otherwise. */
  readonly times?: number;
}

/** The faults a test has ordered, first in first out among those for a path. */
export class ApiFaults {
  #planned: { fault: ApiFault; left: number }[] = [];

  plan(faults: readonly ApiFault[]): void {
    this.#planned.push(...faults.map((fault) => ({ fault, left: fault.times ?? 1 })));
  }

  clear(): void {
    this.#planned = [];
  }

  /** Lets a request through, or does to it what was ordered. */
  around(path: string, perform: () => Reply): Reply {
    const met = this.#planned.find(({ fault }) => (fault.path ?? path) === path);
    if (!met) return perform();
    met.left -= 1;
    this.#planned = this.#planned.filter(({ left }) => left > 0);
    const { status, body, headers, timeout, drop, cutOff } = met.fault;
    if (timeout) return { status: 0, sends: 'never' };
    if (drop) return { status: 0, sends: 'nothing' };
    if (cutOff) return { ...perform(), sends: 'half' };
    return {
      status: status ?? 500,
      body: body ?? { state: 1, message: 'ordered' },
      ...(headers && { headers }),
    };
  }
}
