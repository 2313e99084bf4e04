import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { Outgoing, type SendOptions } from '../outgoing.ts';

/** A notification, signed once: every try sends the same. */
export interface SignedNotification {
  readonly id: string;
  readonly type: string;
  /** Milliseconds. */
  readonly signedAt: number;
  readonly transactionId?: string;
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

export interface ReleaseOptions extends SendOptions {
  order?: 'oldest' | 'reverse';
}

/** Sends notifications to the webhook and remembers how each was answered. */
export class Deliveries {
  endpoint: Endpoint;
  isHolding = false;
  #made: SignedNotification[] = [];
  #held: SignedNotification[] = [];
  #done: Delivery[] = [];
  readonly #outgoing = new Outgoing();

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  /** Takes a new notification: it is held, or sent without making the caller wait. */
  accept(notification: SignedNotification): void {
    this.#made.push(notification);
    if (this.isHolding) this.#held.push(notification);
    else void this.#outgoing.track(setImmediate().then(() => this.#sendWithRetries(notification)));
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

  /** Drops what is held: it is never delivered. */
  discard(): void {
    this.#held = [];
  }

  /** Sends notifications now and resolves with the deliveries when all are over. */
  send(notifications: readonly SignedNotification[], how: SendOptions): Promise<Delivery[]> {
    return this.#outgoing.sendAll(notifications, how, (one) => this.#send(one));
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    return this.#outgoing.idle();
  }

  clear(): void {
    this.#made = [];
    this.#held = [];
    this.#done = [];
    this.isHolding = false;
  }

  /** Breaks off what is in flight. */
  stop(): void {
    this.#outgoing.stop();
  }

  async #sendWithRetries(notification: SignedNotification): Promise<void> {
    for (const delayMs of [...this.endpoint.retryDelaysMs, null]) {
      const { status } = await this.#send(notification);
      // https://developer.apple.com/documentation/appstoreservernotifications/responding-to-app-store-server-notifications
      const isTaken = status !== null && status >= 200 && status <= 206;
      if (isTaken || delayMs === null || this.#outgoing.stopped.aborted) return;
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
    return (await this.#outgoing.post(url, headers, body))?.status ?? null;
  }
}
