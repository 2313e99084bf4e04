import type { Call, Reply } from '../http.ts';

const PREFIX = '/computeMetadata/v1/';
const flavor = { 'metadata-flavor': 'Google' };

/**
 * The metadata server of a cloud machine: it hands out access tokens of the service account. Like
 * the real one it answers only who says `Metadata-Flavor: Google`.
 */
export class Metadata {
  readonly #project: string;
  readonly #now: () => number;
  /** When each access token runs out, in milliseconds since the epoch. */
  readonly #tokens = new Map<string, number>();

  constructor(project: string, now: () => number) {
    this.#project = project;
    this.#now = now;
  }

  static serves(call: Call): boolean {
    return call.path.startsWith(PREFIX);
  }

  answer(call: Call): Reply {
    if (call.headers['metadata-flavor'] !== 'Google') return { status: 403 };
    const path = call.path.slice(PREFIX.length);
    if (path === 'instance/service-accounts/default/token') {
      return { status: 200, headers: flavor, body: this.#issue() };
    }
    const texts = new Map([
      ['project/project-id', this.#project],
      ['universe/universe-domain', 'googleapis.com'],
    ]);
    const body = texts.get(path);
    return body === undefined
      ? { status: 404, headers: flavor }
      : { status: 200, headers: { ...flavor, 'content-type': 'application/text' }, body };
  }

  /** Whether an `Authorization` header holds a token that was handed out and is still good. */
  accepts(authorization: string | undefined): boolean {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '';
    return (this.#tokens.get(token) ?? 0) > this.#now();
  }

  /** How many access tokens were handed out. */
  get handedOut(): number {
    return this.#tokens.size;
  }

  #issue(): object {
    const token = `ya29.standin-${this.#tokens.size + 1}`;
    const seconds = 3_599;
    this.#tokens.set(token, this.#now() + seconds * 1000);
    return { access_token: token, expires_in: seconds, token_type: 'Bearer' };
  }
}
