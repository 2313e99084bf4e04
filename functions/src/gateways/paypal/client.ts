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

/** A token is renewed this long before it expires. */
const CLOCK_SKEW_S = 60;

/**
 * PayPal understood the call and refuses it. `issue` is PayPal's reason, such as
 * `INSTRUMENT_DECLINED`. `code` is the issue with the `debug_id` that PayPal's support needs to find
 * the call.
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

/** PayPal does not permit the app this call: the app lacks a right, or the object is another app's. */
export class NotPermitted extends Misconfigured {}

/**
 * PayPal's SDK behind two workarounds: a client of the SDK never recovers from a failed token
 * request, and its base address is fixed.
 */
export class PayPalClient {
  readonly #config: PayPalApiConfig;
  readonly #timeoutMs: number;
  #client: Client | undefined;

  /** @param timeoutMs the longest that one call may take. */
  constructor(config: PayPalApiConfig, timeoutMs: number) {
    this.#config = config;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Makes a call and translates the SDK's errors into ours. A client of the SDK whose token request
   * failed once fails for ever, and one whose token was revoked keeps that token. So the client is
   * thrown away after everything but an answer of the API itself. A call whose token was refused is
   * made once more.
   * @throws Unavailable when repeating helps, Misconfigured for refused credentials and, as
   *   NotPermitted, for a right that the app lacks, NotFound for an
   *   id that PayPal does not show us, Refusal when PayPal refuses the call, Unusable for an answer
   *   that its API does not document.
   */
  async ask<T>(call: (client: Client) => Promise<ApiResponse<T>>): Promise<T> {
    try {
      return await this.#attempt(call);
    } catch (error) {
      if (!isStaleToken(error)) throw translate(error);
    }
    try {
      return await this.#attempt(call);
    } catch (error) {
      throw translate(error);
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

/** The SDK's client at the address of our configuration. The SDK knows only its own two addresses. */
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

/** Whether the API itself answered. Client and token are then good, even if the answer is an error. */
function isPlainAnswer(error: unknown): boolean {
  if (!(error instanceof ApiError) || isOfToken(error)) return false;
  return error.statusCode >= 400 && error.statusCode < 500 && error.statusCode !== 401;
}

function isStaleToken(error: unknown): boolean {
  return error instanceof ApiError && error.statusCode === 401 && !isOfToken(error);
}

/**
 * Whether an error belongs to the request for a token, which the SDK makes within a call. The SDK
 * does not export the class of that error.
 */
function isOfToken({ request }: { readonly request: { readonly url: string } }): boolean {
  return request.url.endsWith('/v1/oauth2/token');
}

/** Temporary statuses: a timeout, a conflict with another call under way, a rate limit. */
const temporary = new Set([408, 409, 429]);

function translate(error: unknown): unknown {
  if (error instanceof ArgumentsValidationError) return error;
  if (error instanceof ResponseValidationError) {
    return new Unusable('PayPal returned an object of another form.', { cause: error });
  }
  if (!(error instanceof ApiError) || error.statusCode >= 500 || temporary.has(error.statusCode)) {
    // Every other error is one of the connection: a timeout, a reset, a page in place of JSON.
    return new Unavailable('PayPal did not answer.', { cause: error });
  }
  const cause = refusalOf(error);
  if (isOfToken(error) || error.statusCode === 401) {
    return new Misconfigured(
      'PayPal refuses PAYPAL_CLIENT_ID with PAYPAL_CLIENT_SECRET: set both of one app, of PAYMENTS_MODE.',
      {
        cause,
      },
    );
  }
  if (error.statusCode === 403) {
    return new NotPermitted('PayPal does not permit the app this call.', { cause });
  }
  if (error.statusCode === 404) return new NotFound('PayPal does not know this id.', { cause });
  return cause;
}

function refusalOf(error: unknown): Refusal {
  const answer = error instanceof CustomError ? error.result : undefined;
  return new Refusal(answer?.details?.[0]?.issue ?? answer?.name ?? '', answer?.debug_id ?? '');
}
