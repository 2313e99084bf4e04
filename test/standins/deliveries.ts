import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { Outgoing, type SendOptions } from './outgoing.ts';

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

export interface ReleaseOptions extends SendOptions {
  /** The oldest first unless told otherwise; ids name the events to send and leave the others. */
  order?: 'oldest' | 'reverse' | readonly string[];
}

/** How a gateway writes its events. */
export interface Sender<Event, Where extends Endpoint> {
  typeOf(event: Event): string;
  /** Everything that goes with a body, its signature above all. */
  headersOf(body: string, endpoint: Where): Record<string, string>;
  /** The event's own address; the endpoint's unless told otherwise. */
  urlOf?(event: Event): string;
  /** The event as indented JSON unless told otherwise. */
  bodyOf?(event: Event): string;
  /** A new event waits for the answer to the one before; it is sent at once unless told otherwise. */
  readonly isInTurn?: boolean;
}

/** Sends events to the webhook, signed, and remembers how each was answered. */
export class Deliveries<Event extends { readonly id: string }, Where extends Endpoint> {
  endpoint: Where;
  isHolding = false;
  readonly #sender: Sender<Event, Where>;
  readonly #now: () => number;
  /** The sending of the newest event. */
  #newest: Promise<unknown> = Promise.resolve();
  #held: Event[] = [];
  #done: Delivery[] = [];
  readonly #outgoing = new Outgoing();

  constructor(endpoint: Where, sender: Sender<Event, Where>, now: () => number) {
    this.endpoint = endpoint;
    this.#sender = sender;
    this.#now = now;
  }

  /** Takes a new event: it is held, or sent without making the caller wait. */
  accept(event: Event): void {
    if (this.#urlOf(event) === null) return;
    const { enabledEvents } = this.endpoint;
    if (!enabledEvents.includes('*') && !enabledEvents.includes(this.#sender.typeOf(event))) return;
    if (this.isHolding) {
      this.#held.push(event);
      return;
    }
    const before = this.#sender.isInTurn ? this.#newest : undefined;
    const sending = setImmediate()
      .then(() => before)
      .then(() => this.#sendWithRetries(event));
    this.#newest = this.#outgoing.track(sending);
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
  send(events: readonly Event[], how: SendOptions): Promise<Delivery[]> {
    return this.#outgoing.sendAll(events, how, (event) => this.#send(event));
  }

  /** Resolves when nothing is being sent and nothing waits to be sent again. */
  idle(): Promise<void> {
    return this.#outgoing.idle();
  }

  /** Forgets what was held and delivered; deliveries in flight end unrecorded, without retries. */
  clear(): void {
    this.#held = [];
    this.#done = [];
    this.isHolding = false;
  }

  /** Breaks off what is in flight. */
  stop(): void {
    this.#outgoing.stop();
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

  async #sendWithRetries(event: Event): Promise<void> {
    const record = this.#done;
    for (const delayMs of [...this.endpoint.retryDelaysMs, null]) {
      const { status } = await this.#send(event);
      const isAccepted = status !== null && status >= 200 && status < 300;
      if (isAccepted || delayMs === null || this.#outgoing.stopped.aborted) return;
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

  #urlOf(event: Event): string | null {
    return this.#sender.urlOf?.(event) ?? this.endpoint.url;
  }

  async #post(event: Event): Promise<number | null> {
    const url = this.#urlOf(event);
    if (url === null) return null;
    const body = this.#sender.bodyOf?.(event) ?? JSON.stringify(event, null, 2);
    const headers = this.#sender.headersOf(body, this.endpoint);
    const type = { 'content-type': 'application/json; charset=utf-8' };
    return (await this.#outgoing.post(url, { ...type, ...headers }, body))?.status ?? null;
  }
}
