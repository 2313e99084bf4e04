import { setImmediate } from 'node:timers/promises';
import { Outgoing, type SendOptions } from './outgoing.ts';

/** A message to the merchant about one of its orders. */
export interface Notice {
  /** Counted by the sender. */
  id: string;
  /** What it says, in the gateway's word. */
  type: string;
  contentType: string;
  body: string;
}

/** One sending of a notice, recorded when it is over. */
export interface NoticeDelivery {
  id: string;
  type: string;
  /** The status answered; null when no answer came. */
  status: number | null;
  /** The body answered. */
  reply: string;
  /** Whether the gateway takes the answer for "received". */
  isAccepted: boolean;
}

export interface ReleaseOptions extends SendOptions {
  /** The oldest first unless told otherwise. */
  order?: 'oldest' | 'reverse';
}

/** How notices reach the merchant, as a test sees it. */
export interface NoticeControl {
  /** While on, notices are collected instead of sent; what was collected waits for `release`. */
  hold(on: boolean): void;
  release(options?: ReleaseOptions): Promise<NoticeDelivery[]>;
  /** Drops what is held: it is never delivered. */
  discard(): void;
  /** Sends notices again that were made before. */
  redeliver(id: string, options?: SendOptions): Promise<NoticeDelivery[]>;
  /** Every notice made, sent or not, oldest first. */
  notices(): Notice[];
  /** Everything sent and answered, in the order of the answers. */
  deliveries(): NoticeDelivery[];
  /** Resolves when no delivery is in flight. */
  idle(): Promise<void>;
  /** Sends to another address from now on; null: nowhere. */
  sendTo(url: string | null): void;
}

/** Sends notices to the merchant, and remembers how each was answered. */
export class Notices {
  url: string | null;
  readonly #isAccepted: (notice: Notice, status: number, reply: string) => boolean;
  readonly #outgoing = new Outgoing();
  #made: Notice[] = [];
  #held: Notice[] = [];
  #done: NoticeDelivery[] = [];
  #isHolding = false;

  constructor(
    url: string | null,
    isAccepted: (notice: Notice, status: number, reply: string) => boolean,
  ) {
    this.url = url;
    this.#isAccepted = isAccepted;
  }

  /** Makes a notice: it is held, or sent without making the caller wait. */
  make(notice: Omit<Notice, 'id'>): Notice {
    const made = { ...notice, id: `notice_${this.#made.length + 1}` };
    this.#made.push(made);
    if (this.#isHolding) this.#held.push(made);
    else void this.#outgoing.track(setImmediate().then(() => this.#post(made)));
    return made;
  }

  clear(): void {
    this.#made = [];
    this.#held = [];
    this.#done = [];
    this.#isHolding = false;
  }

  /** Breaks off what is in flight. */
  stop(): void {
    this.#outgoing.stop();
  }

  /** The part of a stand-in's control that is about its notices. */
  control(): NoticeControl {
    return {
      hold: (on) => {
        this.#isHolding = on;
      },
      release: ({ order = 'oldest', ...how } = {}) => {
        const notices = order === 'oldest' ? this.#held : this.#held.toReversed();
        this.#held = [];
        return this.#send(notices, how);
      },
      discard: () => {
        this.#held = [];
      },
      redeliver: (id, how = {}) => {
        const notice = this.#made.find((one) => one.id === id);
        if (!notice) throw new Error(`there is no ${id}`);
        return this.#send([notice], how);
      },
      notices: () => structuredClone(this.#made),
      deliveries: () => structuredClone(this.#done),
      idle: () => this.#outgoing.idle(),
      sendTo: (url) => {
        this.url = url;
      },
    };
  }

  #send(notices: readonly Notice[], how: SendOptions): Promise<NoticeDelivery[]> {
    return this.#outgoing.sendAll(notices, how, (notice) => this.#post(notice));
  }

  async #post(notice: Notice): Promise<NoticeDelivery> {
    // A clear in the meantime starts a new record: this delivery belongs to the old one.
    const record = this.#done;
    const { id, type, contentType, body } = notice;
    const headers = { 'content-type': contentType };
    const answer = this.url === null ? null : await this.#outgoing.post(this.url, headers, body);
    const { status = null, text: reply = '' } = answer ?? {};
    const isAccepted = status !== null && this.#isAccepted(notice, status, reply);
    const delivery = { id, type, status, reply, isAccepted };
    record.push(delivery);
    return delivery;
  }
}
