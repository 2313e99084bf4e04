import { setImmediate, setTimeout as delay } from 'node:timers/promises';

const TIMEOUT_MS = 30_000;

/** A notification, signed once: every try sends the same. */
export interface SignedNotification {
  readonly id: string;
  readonly type: string;
  /** The body of its request. */
  readonly body: string;
}

/** One sending of a notification, recorded when it is over. */
export interface Delivery {
  id: string;
  type: string;
  /** The status answered; null when no answer came. */
  status: number | null;
}

/** Where notifications go. */
export interface Endpoint {
  /** Null: nowhere. */
  url: string | null;
  /** Before each new try of one that was not taken; Apple's are 1, 12, 24, 48 and 72 hours. */
  retryDelaysMs: readonly number[];
}

export interface ReleaseOptions {
  order?: 'oldest' | 'reverse';
  /** How often each is sent. */
  copies?: number;
  /** All at once instead of one after the other. */
  parallel?: boolean;
}

/** Sends notifications to the webhook and remembers how each was answered. */
export class Deliveries {
  endpoint: Endpoint;
  isHolding = false;
  #made: SignedNotification[] = [];
  #held: SignedNotification[] = [];
  #done: Delivery[] = [];
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #stopped = new AbortController();

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  /** Takes a new notification: it is held, or sent without making the caller wait. */
  accept(notification: SignedNotification): void {
    this.#made.push(notification);
    if (this.isHolding) this.#held.push(notification);
    else this.#track(setImmediate().then(() => this.#sendWithRetries(notification)));
  }

  /** Every notification made, sent or not, oldest first. */
  made(): readonly SignedNotification[] {
    return this.#made;
  }

  done(): readonly Delivery[] {
    return this.#done;
  }

  /** Sends what is held and resolves with the deliveries when all are over. */
  release({ order = 'oldest', ...how }: ReleaseOptions): Promise<Delivery[]> {
    const held = order === 'reverse' ? this.#held.toReversed() : this.#held;
    this.#held = [];
    return this.send(held, how);
  }

  /** Sends notifications now and resolves with the deliveries when all are over. */
  async send(
    notifications: readonly SignedNotification[],
    { copies = 1, parallel = false }: Omit<ReleaseOptions, 'order'>,
  ): Promise<Delivery[]> {
    const all = notifications.flatMap((one) => Array.from({ length: copies }, () => one));
    if (parallel) return Promise.all(all.map((one) => this.#send(one)));
    const deliveries: Delivery[] = [];
    for (const one of all) deliveries.push(await this.#send(one));
    return deliveries;
  }

  /** Resolves when nothing is in flight. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  clear(): void {
    this.#made = [];
    this.#held = [];
    this.#done = [];
    this.isHolding = false;
  }

  /** Breaks off what is in flight. */
  stop(): void {
    this.#stopped.abort();
  }

  async #sendWithRetries(notification: SignedNotification): Promise<void> {
    for (const delayMs of [...this.endpoint.retryDelaysMs, null]) {
      const { status } = await this.#send(notification);
      // https://developer.apple.com/documentation/appstoreservernotifications/responding-to-app-store-server-notifications
      const isTaken = status !== null && status >= 200 && status <= 206;
      if (isTaken || delayMs === null || this.#stopped.signal.aborted) return;
      await delay(delayMs, undefined, { ref: false });
    }
  }

  async #send({ id, type, body }: SignedNotification): Promise<Delivery> {
    const delivery = { id, type, status: await this.#post(body) };
    this.#done.push(delivery);
    return delivery;
  }

  async #post(body: string): Promise<number | null> {
    const { url } = this.endpoint;
    if (url === null) return null;
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return null;
    }
  }

  #track(work: Promise<void>): void {
    this.#inFlight.add(work);
    void work.finally(() => this.#inFlight.delete(work));
  }
}
