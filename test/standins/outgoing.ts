const TIMEOUT_MS = 30_000;

export interface SendOptions {
  /** How often each is sent, one right after the other; 1 unless told otherwise. */
  copies?: number;
  /** All at once instead of each after the answer to the one before. */
  parallel?: boolean;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** The requests that a stand-in has under way. */
export class Outgoing {
  readonly #underway = new Set<Promise<unknown>>();
  readonly #stopped = new AbortController();

  /** Aborted once `stop` was called. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  /** POSTs; null when no answer came within the time-out. Redirects are answers like others. */
  async post(
    url: string,
    headers: Record<string, string>,
    body: string,
    timeoutMs = TIMEOUT_MS,
  ): Promise<Answered | null> {
    const signal = AbortSignal.any([this.stopped, AbortSignal.timeout(timeoutMs)]);
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body,
        signal,
      });
      return { status: response.status, text: await response.text() };
    } catch {
      return null;
    }
  }

  /** Sends all and resolves with what came of each when all are over. */
  sendAll<Item, Result>(
    items: readonly Item[],
    { copies = 1, parallel = false }: SendOptions,
    send: (item: Item) => Promise<Result>,
  ): Promise<Result[]> {
    const all = items.flatMap((item) => Array.from({ length: copies }, () => item));
    return this.track(parallel ? Promise.all(all.map(send)) : inTurn(all, send));
  }

  /** Counts work as under way until it is over. */
  track<T>(work: Promise<T>): Promise<T> {
    this.#underway.add(work);
    const done = (): void => {
      this.#underway.delete(work);
    };
    work.then(done, done);
    return work;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underway.size > 0) await Promise.allSettled(this.#underway);
  }

  /** Breaks off what is under way. */
  stop(): void {
    this.#stopped.abort();
  }
}

async function inTurn<Item, Result>(
  items: readonly Item[],
  send: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await send(item));
  return results;
}
