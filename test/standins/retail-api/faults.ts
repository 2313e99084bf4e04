import { setTimeout as delay } from 'node:timers/promises';
import type { Reply } from '../http.ts';
import { refusal } from './errors.ts';

/** The calls that a test can order faults for. */
export type FaultyCall = 'transaction' | 'create' | 'balance';

/** What one call meets instead of the ordinary treatment. */
export interface NextReply {
  /** Answered in place of the ordinary status; without `apply` nothing is booked. */
  status?: number;
  /** With `status` only. A string is sent as it stands; left out: the usual error body. */
  body?: unknown;
  /** With `status` only, for example `x-ratelimit-reset` in Unix seconds. */
  headers?: Record<string, string>;
  /** Milliseconds before the answer; without `apply` the booking waits as long. */
  delayMs?: number;
  /**
   * `before`: what is asked for is done first, at once. The entry stays in the queue until a call
   * comes for which that can be done or was done earlier.
   */
  apply?: 'before';
  /** The connection is closed without an answer. */
  drop?: true;
}

/** The faults a test has ordered. */
export class Faults {
  isDown = false;
  isHanging = false;
  #queues: Readonly<Record<FaultyCall, NextReply[]>> = { transaction: [], create: [], balance: [] };
  readonly #failing = new Map<string, Reply>();
  #generation = 0;

  plan(call: FaultyCall, replies: readonly NextReply[]): void {
    this.#queues[call].push(...replies);
  }

  /** @param body sent as it stands; left out: the usual error body. */
  failFor(id: string, status: number | undefined, body?: unknown): void {
    if (status === undefined) this.#failing.delete(id);
    else
      this.#failing.set(
        id,
        body === undefined ? refusal(status, 'always refused') : { status, body },
      );
  }

  /** Forgets all faults; calls that are still delayed will not be booked. */
  clear(): void {
    this.#generation += 1;
    this.isDown = false;
    this.isHanging = false;
    this.#queues = { transaction: [], create: [], balance: [] };
    this.#failing.clear();
  }

  /** What every call meets while the API is down or hanging. */
  outage(): Reply | undefined {
    if (this.isHanging) return { status: 0, sends: 'never' };
    return this.isDown ? refusal(503, 'temporarily unavailable') : undefined;
  }

  /** Lets a call through to `book`, or to what has been ordered for it. */
  async around(call: FaultyCall, ids: readonly string[], book: () => Reply): Promise<Reply> {
    const failing = ids.map((id) => this.#failing.get(id)).find((reply) => reply !== undefined);
    if (failing !== undefined) return failing;
    const queue = this.#queues[call];
    const planned = queue[0];
    if (!planned) return book();
    if (planned.apply === 'before') {
      const booked = book();
      if (booked.status >= 300) return booked;
      queue.shift();
      return instead(planned, () => ({ ...booked, delayMs: planned.delayMs ?? 0 }));
    }
    queue.shift();
    const isBooked = planned.status === undefined && !planned.drop;
    if (!isBooked || planned.delayMs === undefined) return instead(planned, book);
    const generation = this.#generation;
    await delay(planned.delayMs, undefined, { ref: false });
    return generation === this.#generation ? book() : { status: 0, sends: 'nothing' };
  }
}

function instead(planned: NextReply, ordinary: () => Reply): Reply {
  const delayMs = planned.delayMs ?? 0;
  if (planned.drop) return { status: 0, sends: 'nothing', delayMs };
  if (planned.status === undefined) return ordinary();
  const usual =
    planned.status < 300
      ? { status: planned.status, body: { result: 'success' } }
      : refusal(planned.status, 'ordered by the test');
  return {
    ...usual,
    delayMs,
    ...('body' in planned && { body: planned.body }),
    ...(planned.headers && { headers: planned.headers }),
  };
}
