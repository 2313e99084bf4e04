import type { Reply } from '../http.ts';
import { ApiError } from './errors.ts';

const KEPT_MS = 24 * 60 * 60 * 1000;
const MAX_KEY = 255;

interface Stored {
  /** Method, path and parameters of the first request. */
  request: string;
  reply: Reply;
  at: number;
}

/** The first answer given for every idempotency key, kept for a day. */
export class Idempotency {
  readonly #stored = new Map<string, Stored>();
  readonly #now: () => number;

  /** `now` in milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The stored answer; throws when the key was first used for another request. */
  replay(key: string, request: string): Reply | undefined {
    if (key.length > MAX_KEY) throw refused(`Idempotency keys hold ${MAX_KEY} characters.`);
    const stored = this.#stored.get(key);
    if (!stored || this.#now() - stored.at >= KEPT_MS) return undefined;
    if (stored.request !== request) {
      throw refused('Keys for idempotent requests can only be used with the same request.');
    }
    return {
      ...stored.reply,
      headers: { ...stored.reply.headers, 'idempotent-replayed': 'true' },
    };
  }

  /** Keeps the answer under the key for a day. */
  store(key: string, request: string, reply: Reply): void {
    this.#stored.set(key, { request, reply, at: this.#now() });
  }

  clear(): void {
    this.#stored.clear();
  }
}

function refused(message: string): ApiError {
  return new ApiError(400, { type: 'idempotency_error', message });
}
