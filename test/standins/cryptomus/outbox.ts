import { setImmediate } from 'node:timers/promises';

const TIMEOUT_MS = 30_000;

/** A signed body on its way. */
export interface Notification {
  readonly uuid: string;
  readonly status: string;
  readonly url: string;
  readonly body: string;
}

/** One sending of a notification, recorded when it is over. */
export interface Delivery {
  readonly uuid: string;
  readonly status: string;
  /** The HTTP status answered; null when no answer came. */
  readonly answer: number | null;
}

export interface ReleaseOptions {
  /** The oldest first unless told otherwise. */
  readonly order?: 'oldest' | 'reverse';
  /** How often each is sent; 1 unless told otherwise. */
  readonly copies?: number;
  /** All at once instead of each after the answer to the one before. */
  readonly parallel?: boolean;
}

/** Sends notifications, or keeps them for later, and remembers how each was answered. */
export class Outbox {
  isHolding = false;
  #held: Notification[] = [];
  #done: Delivery[] = [];
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #stopped = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  /** Sends in the order of the calls, without making the caller wait; or holds. */
  accept(notification: Notification): void {
    if (this.isHolding) {
      this.#held.push(notification);
      return;
    }
    const before = this.#last;
    this.#last = this.#track(
      setImmediate()
        .then(() => before)
        .then(() => this.#send(notification)),
    );
  }

  held(): readonly Notification[] {
    return this.#held;
  }

  done(): readonly Delivery[] {
    return this.#done;
  }

  /** Drops what is held: it is never delivered. */
  discard(): void {
    this.#held = [];
  }

  /** Sends what is held and resolves when all of it is answered. */
  release({ order = 'oldest', copies = 1, parallel = false }: ReleaseOptions): Promise<Delivery[]> {
    const held = order === 'reverse' ? this.#held.toReversed() : this.#held;
    this.#held = [];
    const all = held.flatMap((one) => Array.from({ length: copies }, () => one));
    return this.#track(
      parallel ? Promise.all(all.map((one) => this.#send(one))) : this.#inTurn(all),
    );
  }

  /** Resolves when nothing is being sent. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  clear(): void {
    this.#held = [];
    this.#done = [];
    this.isHolding = false;
  }

  /** Breaks off what is in flight. */
  stop(): void {
    this.#stopped.abort();
  }

  async #inTurn(notifications: readonly Notification[]): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    for (const notification of notifications) deliveries.push(await this.#send(notification));
    return deliveries;
  }

  async #send(notification: Notification): Promise<Delivery> {
    // A clear in the meantime starts a new record: this delivery belongs to the old one.
    const record = this.#done;
    const { uuid, status } = notification;
    const delivery = { uuid, status, answer: await this.#post(notification) };
    record.push(delivery);
    return delivery;
  }

  async #post({ url, body }: Notification): Promise<number | null> {
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const headers = { 'content-type': 'application/json' };
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body,
        signal,
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return null;
    }
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.add(work);
    const done = (): void => {
      this.#inFlight.delete(work);
    };
    work.then(done, done);
    return work;
  }
}
