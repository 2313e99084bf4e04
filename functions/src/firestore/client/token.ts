import { z } from 'zod';
import { METADATA_TIMEOUT_MS, MINUTE_MS } from '../../config/limits';
import { Unavailable } from '../../errors';
import { parseJson } from '../../json';
import { exchange } from '../../outbound';

/** https://docs.cloud.google.com/compute/docs/access/authenticate-workloads#applications */
const ADDRESS =
  'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token';

/** A token is renewed so long before it ends: a call that it is sent with takes time. */
const RENEWED_BEFORE_MS = 5 * MINUTE_MS;

const tokenSchema = z.object({ access_token: z.string(), expires_in: z.number() });

/** Source of access tokens of the account that the code runs as. */
export interface Tokens {
  /** @throws Unavailable when Google gives none. */
  readonly token: () => Promise<string>;
  /** Forgets a token that was refused. */
  readonly renew: () => void;
}

/** The service account's, from the metadata server of Cloud Run; kept until shortly before its end. */
export class MetadataTokens implements Tokens {
  readonly #now: () => number;
  #asked: Promise<string> | undefined;
  #renewAt = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly token = (): Promise<string> => {
    if (this.#asked === undefined || this.#now() >= this.#renewAt) {
      // Until the answer is there, all calls wait for this one.
      this.#renewAt = Number.POSITIVE_INFINITY;
      this.#asked = this.#ask().catch((error: unknown) => {
        this.renew();
        throw error;
      });
    }
    return this.#asked;
  };

  readonly renew = (): void => {
    this.#asked = undefined;
  };

  async #ask(): Promise<string> {
    const headers = { 'metadata-flavor': 'Google' };
    const answer = await exchange('The metadata server', ADDRESS, {
      headers,
      timeoutMs: METADATA_TIMEOUT_MS,
    });
    const { data } = tokenSchema.safeParse(parseJson(answer.text));
    if (!answer.ok || data === undefined) {
      throw new Unavailable('The metadata server gave no access token.');
    }
    this.#renewAt = this.#now() + data.expires_in * 1000 - RENEWED_BEFORE_MS;
    return data.access_token;
  }
}

/**
 * The application default credentials: a person's, or a key file's. For scripts, which run on another
 * machine than Cloud Run's.
 */
export class DefaultTokens implements Tokens {
  readonly token = async (): Promise<string> => {
    const { applicationDefault } = await import('firebase-admin/app');
    return (await applicationDefault().getAccessToken()).access_token;
  };

  readonly renew = (): void => undefined;
}
