import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { Outgoing, type SendOptions } from '../outgoing.ts';
import { signedJwt, type SigningKey } from './keys.ts';

/** Where messages go, and how they are signed. */
export interface Subscription {
  /** Null: messages are made and kept, not pushed. */
  url: string | null;
  audience: string;
  /** The service account whose address the token carries. */
  sender: string;
  key: SigningKey;
  /** Milliseconds of the first pause after a refusal; doubled up to `maxBackoffMs`. */
  minBackoffMs: number;
  maxBackoffMs: number;
  /** A message refused that often goes to the dead letters. */
  maxAttempts: number;
}

export interface Message {
  readonly messageId: string;
  /** The text of the message: a notification, as a rule. */
  readonly data: string;
  readonly publishedAt: string;
}

/** One push of a message, recorded when it is answered. */
export interface Push {
  readonly messageId: string;
  readonly attempt: number;
  /** Null when no answer came within the deadline. */
  readonly status: number | null;
}

export interface ReleaseOptions extends SendOptions {
  readonly order?: 'oldest' | 'reverse';
}

/** The statuses that Pub/Sub takes for an acknowledgement; every other one brings it back. */
const ACKNOWLEDGED = new Set([102, 200, 201, 202, 204]);
const DEADLINE_MS = 60_000;

/**
 * The token that a push carries.
 * @param claims in place of those that a real one has.
 */
export function pushToken(
  { audience, sender, key }: Pick<Subscription, 'audience' | 'sender' | 'key'>,
  now: number,
  claims: object = {},
  header: object = {},
): string {
  const issuedAt = Math.floor(now / 1000);
  const genuine = {
    iss: 'https://accounts.google.com',
    aud: audience,
    azp: '100000000000000000000',
    sub: '100000000000000000000',
    email: sender,
    email_verified: true,
    iat: issuedAt,
    exp: issuedAt + 3600,
  };
  return signedJwt({ ...genuine, ...claims }, key, header);
}

/** Pushes messages, signed, until each is acknowledged or dead. */
export class Pusher {
  subscription: Subscription;
  isHolding = false;
  readonly #now: () => number;
  #held: Message[] = [];
  #done: Push[] = [];
  #dead: Message[] = [];
  readonly #outgoing = new Outgoing();
  #made = 0;

  constructor(subscription: Subscription, now: () => number) {
    this.subscription = subscription;
    this.#now = now;
  }

  publish(data: string): Message {
    this.#made += 1;
    const publishedAt = new Date(this.#now()).toISOString();
    const message = { messageId: `88${String(this.#made).padStart(6, '0')}`, data, publishedAt };
    if (this.isHolding) this.#held.push(message);
    else if (this.subscription.url !== null) {
      void this.#outgoing.track(setImmediate().then(() => this.#pushUntilDone(message)));
    }
    return message;
  }

  held(): readonly Message[] {
    return this.#held;
  }

  done(): readonly Push[] {
    return this.#done;
  }

  dead(): readonly Message[] {
    return this.#dead;
  }

  /** Pushes what was held; resolves when all of it is acknowledged or dead. */
  async release({ order = 'oldest', ...how }: ReleaseOptions): Promise<Push[]> {
    const held = order === 'reverse' ? this.#held.toReversed() : this.#held;
    this.#held = [];
    const before = this.#done.length;
    await this.#outgoing.sendAll(held, how, (message) => this.#pushUntilDone(message));
    return this.#done.slice(before);
  }

  /** Drops what is held: it is never pushed. */
  discard(): void {
    this.#held = [];
  }

  idle(): Promise<void> {
    return this.#outgoing.idle();
  }

  /** What is pushed for a message, and the header that proves it. */
  pushed(message: Message, attempt = 1): { body: string; authorization: string } {
    const { messageId, publishedAt, data } = message;
    const body = {
      message: {
        data: Buffer.from(data).toString('base64'),
        messageId,
        message_id: messageId,
        publishTime: publishedAt,
        publish_time: publishedAt,
      },
      subscription: 'projects/standin/subscriptions/play-push',
      deliveryAttempt: attempt,
    };
    return {
      body: JSON.stringify(body),
      authorization: `Bearer ${pushToken(this.subscription, this.#now())}`,
    };
  }

  clear(): void {
    this.#held = [];
    this.#done = [];
    this.#dead = [];
    this.isHolding = false;
  }

  stop(): void {
    this.#outgoing.stop();
  }

  async #pushUntilDone(message: Message): Promise<void> {
    const { minBackoffMs, maxBackoffMs, maxAttempts } = this.subscription;
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const status = await this.#push(message, attempt);
      if (this.#outgoing.stopped.aborted) return;
      this.#done.push({ messageId: message.messageId, attempt, status });
      if (status !== null && ACKNOWLEDGED.has(status)) return;
      const pause = Math.min(minBackoffMs * 2 ** (attempt - 1), maxBackoffMs);
      if (attempt < maxAttempts) await this.#pause(pause);
    }
    this.#dead.push(message);
  }

  async #push(message: Message, attempt: number): Promise<number | null> {
    const { url } = this.subscription;
    if (url === null) return null;
    const { body, authorization } = this.pushed(message, attempt);
    const headers = { 'content-type': 'application/json', authorization };
    return (await this.#outgoing.post(url, headers, body, DEADLINE_MS))?.status ?? null;
  }

  async #pause(milliseconds: number): Promise<void> {
    const signal = this.#outgoing.stopped;
    await delay(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
