import { missing } from './errors.ts';
import { API_VERSION, ID_PREFIXES } from './objects.ts';
import type { Cause, Kind, Objects, StripeEvent, StripeObject } from './objects.ts';

const NOBODY: Cause = { id: null, idempotency_key: null };

/** What an account needs from outside. */
export interface AccountOptions {
  livemode: boolean;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** A new id for a prefix such as `pi`. */
  newId: (prefix: string) => string;
  /** Hears of every event after the change it reports. */
  onEvent: (event: StripeEvent) => void;
}

/** The objects of one Stripe account, and the events their changes cause. */
export class Account {
  readonly livemode: boolean;
  readonly newId: (prefix: string) => string;
  readonly #now: () => number;
  readonly #onEvent: (event: StripeEvent) => void;
  readonly #objects = new Map<string, StripeObject>();
  #cause = NOBODY;

  constructor(options: AccountOptions) {
    this.livemode = options.livemode;
    this.newId = options.newId;
    this.#now = options.now;
    this.#onEvent = options.onEvent;
  }

  /** Unix seconds. */
  now(): number {
    return Math.floor(this.#now() / 1000);
  }

  newIdFor(kind: Kind): string {
    return this.newId(ID_PREFIXES[kind]);
  }

  add<T extends StripeObject>(object: T): T {
    this.#objects.set(object.id, object);
    return object;
  }

  /** The kept object itself: whoever changes it changes the account. */
  get<K extends Kind>(kind: K, id: string): Objects[K] {
    const object = this.#objects.get(id);
    if (object?.object !== kind) throw missing(kind, id);
    return object as Objects[K];
  }

  find(id: string): StripeObject | undefined {
    return this.#objects.get(id);
  }

  /** Newest first. */
  all<K extends Kind>(kind: K): Objects[K][] {
    const ofKind = (object: StripeObject): object is Objects[K] => object.object === kind;
    return [...this.#objects.values()].filter(ofKind).reverse();
  }

  /** Makes an event of the object as it stands and reports it. */
  record(type: string, object: Exclude<StripeObject, StripeEvent>, previous?: object): StripeEvent {
    const event: StripeEvent = {
      id: this.newIdFor('event'),
      object: 'event',
      api_version: API_VERSION,
      created: this.now(),
      data: {
        object: structuredClone(object),
        ...(previous && { previous_attributes: structuredClone(previous) }),
      },
      livemode: 'livemode' in object ? object.livemode : this.livemode,
      pending_webhooks: 1,
      request: this.#cause,
      type,
    };
    this.add(event);
    this.#onEvent(event);
    return event;
  }

  /** Runs `act`, which must not wait, as the work of an API request: its events name it. */
  during<T>(cause: Cause, act: () => T): T {
    this.#cause = cause;
    try {
      return act();
    } finally {
      this.#cause = NOBODY;
    }
  }

  remove(id: string): void {
    this.#objects.delete(id);
  }

  clear(): void {
    this.#objects.clear();
  }
}
