import { setImmediate, setTimeout as delay } from 'node:timers/promises';

const TIMEOUT_MS = 30_000;

/** One sending of an event to the webhook, recorded when it is over. */
export interface Delivery {
  eventId: string;
  type: string;
  /** The status answered; null when no answer came. */
  status: number | null;
  /** Milliseconds since the epoch at sending. */
  at: number;
}

/** Where events go. */
export interface Endpoint {
  /** Null: nowhere; events are made and kept, not sent. */
  url: string | null;
  /** The event types wanted; `*` for all. */
  enabledEvents: readonly string[];
  /** Milliseconds before each new try of a delivery that was not answered 2xx; empty: none. */
  retryDelaysMs: readonly number[];
}

export interface ReleaseOptions {
  /** The oldest first unless told otherwise; ids name the events to send and leave the others. */
  order?: 'oldest' | 'reverse' | readonly string[];
  /** How often each is sent, one right after the other; 1 unless told otherwise. */
  copies?: number;
  /** All at once instead of each after the answer to the one before. */
  parallel?: boolean;
}

/** How a gateway writes its events. */
export interface Sender<Event, Where extends Endpoint> {
  typeOf(event: Event): string;
  /** Everything that goes with a body, its signature above all. */
  headersOf(body: string, endpoint: Where): Record<string, string>;
}

/** Sends events to the webhook, signed, and remembers how each was answered. */
export class Deliveries<Event extends { readonly id: string }, Where extends Endpoint> {
  endpoint: Where;
  isHolding = false;
  readonly #sender: Sender<Event, Where>;
  readonly #now: () => number;
  #held: Event[] = [];
  #done: Delivery[] = [];
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #stopped = new AbortController();

  constructor(endpoint: Where, sender: Sender<Event, Where>, now: () => number) {
    this.endpoint = endpoint;
    this.#sender = sender;
    this.#now = now;
  }

  /** Takes a new event: it is held, or sent without making the caller wait. */
  accept(event: Event): void {
    const { url, enabledEvents } = this.endpoint;
    if (url === null) return;
    if (!enabledEvents.includes('*') && !enabledEvents.includes(this.#sender.typeOf(event))) return;
    if (this.isHolding) this.#held.push(event);
    else void this.#track(setImmediate().then(() => this.#sendWithRetries(event)));
  }

  held(): readonly Event[] {
    return this.#held;
  }

  done(): readonly Delivery[] {
    return this.#done;
  }

  /** Sends held events and resolves with the deliveries when all are over. */
  async release({ order = 'oldest', ...how }: ReleaseOptions): Promise<Delivery[]> {
    const events = this.#arranged(order);
    this.#held = this.#held.filter((event) => !events.includes(event));
    return this.send(events, how);
  }

  /** Drops held events, all or those named: they are never delivered. */
  discard(ids?: readonly string[]): void {
    this.#held = ids ? this.#held.filter((event) => !ids.includes(event.id)) : [];
  }

  /** Sends events now, held or not, and resolves with the deliveries when all are over. */
  send(
    events: readonly Event[],
    { copies = 1, parallel = false }: Omit<ReleaseOptions, 'order'>,
  ): Promise<Delivery[]> {
    const all = events.flatMap((event) => Array.from({ length: copies }, () => event));
    return this.#track(
      parallel ? Promise.all(all.map((event) => this.#send(event))) : this.#inTurn(all),
    );
  }

  /** Resolves when nothing is being sent and nothing waits to be sent again. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  /** Forgets what was held and delivered; deliveries in flight end unrecorded, without retries. */
  clear(): void {
    this.#held = [];
    this.#done = [];
    this.isHolding = false;
  }

  /** Breaks off what is in flight. */
  stop(): void {
    this.#stopped.abort();
  }

  #arranged(order: NonNullable<ReleaseOptions['order']>): Event[] {
    if (order === 'oldest') return [...this.#held];
    if (order === 'reverse') return [...this.#held].reverse();
    return order.map((id) => {
      const event = this.#held.find((one) => one.id === id);
      if (!event) throw new Error(`${id} is not held`);
      return event;
    });
  }

  async #inTurn(events: readonly Event[]): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    for (const event of events) deliveries.push(await this.#send(event));
    return deliveries;
  }

  async #sendWithRetries(event: Event): Promise<void> {
    const record = this.#done;
    for (const delayMs of [...this.endpoint.retryDelaysMs, null]) {
      const { status } = await this.#send(event);
      const isAccepted = status !== null && status >= 200 && status < 300;
      if (isAccepted || delayMs === null || this.#stopped.signal.aborted) return;
      await delay(delayMs, undefined, { ref: false });
      if (record !== this.#done) return;
    }
  }

  async #send(event: Event): Promise<Delivery> {
    // A clear in the meantime starts a new record: this delivery belongs to the old one.
    const record = this.#done;
    const at = this.#now();
    const type = this.#sender.typeOf(event);
    const delivery = { eventId: event.id, type, status: await this.#post(event), at };
    record.push(delivery);
    return delivery;
  }

  async #post(event: Event): Promise<number | null> {
    const { url } = this.endpoint;
    if (url === null) return null;
    const body = JSON.stringify(event, null, 2);
    const headers = this.#sender.headersOf(body, this.endpoint);
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
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
