import {
  ApiError,
  ArgumentsValidationError,
  Client,
  CustomError,
  Environment,
  ResponseValidationError,
  type ApiResponse,
} from '@paypal/paypal-server-sdk';
import { Misconfigured, NotFound, Unavailable, Unusable } from '../../errors';
import type { PayPalApiConfig } from './config';

/** A token is renewed this long before it runs out. */
const CLOCK_SKEW_S = 60;

/**
 * PayPal has understood and says no. `code` is the issue, such as `INSTRUMENT_DECLINED`, with the
 * `debug_id` by which PayPal's support finds the call.
 */
export class Refusal extends Error {
  override readonly name = 'PayPalRefusal';
  readonly issue: string;
  readonly code: string;

  constructor(issue: string, debugId: string) {
    super('PayPal refuses the call.');
    this.issue = issue;
    this.code = `${issue}_${debugId}`;
  }
}

/** PayPal's SDK with what is wrong with it put right. */
export class PayPalClient {
  readonly #config: PayPalApiConfig;
  readonly #timeoutMs: number;
  #client: Client | undefined;

  /** @param timeoutMs for one call. */
  constructor(config: PayPalApiConfig, timeoutMs: number) {
    this.#config = config;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Makes a call and translates its errors at the border. A client whose token request has failed
   * once would fail for ever, and one whose token was revoked would keep it: after anything but a
   * plain answer the client is thrown away, and a refused token is worth one more try.
   * @throws Unavailable when repeating helps, Misconfigured for refused credentials, NotFound for an
   *   id that PayPal does not show us, Refusal when PayPal says no, Unusable for an answer that is
   *   not what its API promises.
   */
  async ask<T>(call: (client: Client) => Promise<ApiResponse<T>>): Promise<T> {
    try {
      return await this.#attempt(call);
    } catch (error) {
      if (!isStaleToken(error)) throw translated(error);
    }
    try {
      return await this.#attempt(call);
    } catch (error) {
      throw translated(error);
    }
  }

  async #attempt<T>(call: (client: Client) => Promise<ApiResponse<T>>): Promise<T> {
    const client = (this.#client ??= new ConfiguredClient(this.#config, this.#timeoutMs));
    try {
      return (await call(client)).result;
    } catch (error) {
      if (!isPlainAnswer(error) && this.#client === client) this.#client = undefined;
      throw error;
    }
  }
}

/** The SDK's client, at the address of our configuration: it knows but its own two. */
class ConfiguredClient extends Client {
  readonly #url: string;

  constructor({ mode, clientId, clientSecret, url }: PayPalApiConfig, timeoutMs: number) {
    super({
      environment: mode === 'live' ? Environment.Production : Environment.Sandbox,
      timeout: timeoutMs,
      clientCredentialsAuthCredentials: {
        oAuthClientId: clientId,
        oAuthClientSecret: clientSecret,
        oAuthClockSkew: CLOCK_SKEW_S,
      },
    });
    this.#url = url;
  }

  override getRequestBuilderFactory(): ReturnType<Client['getRequestBuilderFactory']> {
    const create = super.getRequestBuilderFactory();
    return (...args) => {
      const builder = create(...args);
      builder.interceptRequest((request) => {
        const { pathname, search } = new URL(request.url);
        return { ...request, url: `${this.#url}${pathname}${search}` };
      });
      return builder;
    };
  }
}

/** The API itself has answered: whatever it said, client and token are good. */
function isPlainAnswer(error: unknown): boolean {
  if (!(error instanceof ApiError) || isOfToken(error)) return false;
  return error.statusCode >= 400 && error.statusCode < 500 && error.statusCode !== 401;
}

function isStaleToken(error: unknown): boolean {
  return error instanceof ApiError && error.statusCode === 401 && !isOfToken(error);
}

/** The SDK asks for a token within a call; the class of its refusal cannot be imported. */
function isOfToken({ request }: { readonly request: { readonly url: string } }): boolean {
  return request.url.endsWith('/v1/oauth2/token');
}

/** Statuses that pass: a timeout, a conflict with a call under way, a limit. */
const passing = new Set([408, 409, 429]);

function translated(error: unknown): unknown {
  if (error instanceof ArgumentsValidationError) return error;
  if (error instanceof ResponseValidationError) {
    return new Unusable('PayPal returned an object of another form.', { cause: error });
  }
  if (!(error instanceof ApiError) || error.statusCode >= 500 || passing.has(error.statusCode)) {
    // What is no answer of the API is its connection's: a timeout, a reset, a page in place of JSON.
    return new Unavailable('PayPal did not answer.', { cause: error });
  }
  const cause = refusalOf(error);
  if (isOfToken(error) || error.statusCode === 401) {
    return new Misconfigured('PayPal refuses PAYPAL_CLIENT_ID with PAYPAL_CLIENT_SECRET.', {
      cause,
    });
  }
  if (error.statusCode === 403) {
    return new Misconfigured('PayPal does not permit the app this call.', { cause });
  }
  if (error.statusCode === 404) return new NotFound('PayPal does not know this id.', { cause });
  return cause;
}

function refusalOf(error: unknown): Refusal {
  const told = error instanceof CustomError ? error.result : undefined;
  return new Refusal(told?.details?.[0]?.issue ?? told?.name ?? '', told?.debug_id ?? '');
}
