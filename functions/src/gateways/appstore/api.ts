import {
  APIError,
  APIException,
  AppStoreServerAPIClient,
  DeliveryStatus,
  Environment,
} from '@apple/app-store-server-library';
import { z } from 'zod';
import { Misconfigured, NotFound, Unavailable } from '../../errors';
import { log } from '../../log';
import type { ApiConfig } from './config';
import type { Transaction } from './events';
import { modeOf } from './sales';

/** The limit of one call. The library has none. */
const TIMEOUT_MS = 8_000;

/** Apple's answer with one purchase. */
const info = z.object({ signedTransactionInfo: z.string() });

/** One notification of the history. Its attempts to reach us are not of interest. */
const item = z.object({ signedPayload: z.string() });

/** A page of the history: https://developer.apple.com/documentation/appstoreserverapi/notificationhistoryresponse */
const page = z
  .object({
    notificationHistory: z.array(z.unknown()).default([]),
    hasMore: z.boolean(),
    paginationToken: z.string().min(1).nullish(),
  })
  .refine(({ hasMore, paginationToken }) => !hasMore || typeof paginationToken === 'string');

/**
 * The calls of the App Store Server API. The calls that read throw Unavailable when repeating helps,
 * also for half an answer, and Misconfigured when Apple refuses our key.
 */
export class AppStoreApi {
  readonly #client: Client;
  readonly #mode: ApiConfig['mode'];

  constructor(config: ApiConfig) {
    this.#client = new Client(config);
    this.#mode = config.mode;
  }

  /**
   * Reads a purchase as it is now.
   * @param transactionId digits only: it becomes a part of a path.
   * @returns its JWS.
   * @throws NotFound when Apple does not know it in the environment of this deployment.
   */
  async readTransaction(transactionId: string): Promise<string> {
    const found = await this.#read('GET', `/inApps/v1/transactions/${transactionId}`);
    return parse(info, found).signedTransactionInfo;
  }

  /**
   * Lists the notifications that Apple has made in a span of time, delivered or not, page by page.
   * @yields signed payloads; undefined in place of one that is not there.
   */
  async *listNotifications(
    since: Date,
    until: Date,
  ): AsyncGenerator<readonly (string | undefined)[]> {
    const span = { startDate: since.getTime(), endDate: until.getTime() };
    const seen = new Set<string>();
    for (let token: string | null | undefined; ;) {
      const query = typeof token === 'string' ? { paginationToken: [token] } : {};
      const found = await this.#read('POST', '/inApps/v1/notifications/history', query, span);
      const { notificationHistory, hasMore, paginationToken } = parse(page, found);
      yield notificationHistory.map((one) => item.safeParse(one).data?.signedPayload);
      token = paginationToken;
      if (!hasMore || typeof token !== 'string') return;
      if (seen.has(token)) throw new Unavailable('Apple lists the same notifications again.');
      seen.add(token);
    }
  }

  async #read(
    method: string,
    path: string,
    query: Record<string, string[]> = {},
    body: object | null = null,
  ): Promise<unknown> {
    try {
      return await this.#client.read(method, path, query, body);
    } catch (error) {
      throw toReadError(error);
    }
  }

  /**
   * Tells Apple, while it decides on a refund, whether we delivered the purchase. This is the V2
   * request, which Apple accepts only with the customer's consent:
   * https://developer.apple.com/documentation/appstoreserverapi/send-consumption-information.
   * A refusal by Apple is logged and not repeated. Purchases of another mode are skipped.
   * @throws Unavailable when repeating helps. Apple then asks again; it waits for 12 hours.
   */
  async sendConsumption(transaction: Transaction, isDelivered: boolean): Promise<void> {
    if (modeOf(transaction) !== this.#mode) return;
    const { DELIVERED, UNDELIVERED_OTHER } = DeliveryStatus;
    try {
      await this.#client.sendConsumptionInformation(transaction.transactionId, {
        customerConsented: true,
        deliveryStatus: isDelivered ? DELIVERED : UNDELIVERED_OTHER,
        sampleContentProvided: false,
      });
    } catch (error) {
      if (!(error instanceof APIException) || isTemporary(error.httpStatusCode)) {
        throw new Unavailable('The App Store Server API did not answer.', { cause: error });
      }
      log.alert('the App Store took no consumption information', {
        status: error.httpStatusCode,
        next_step: 'Check the rights of the key APPSTORE_KEY_ID in App Store Connect.',
      });
    }
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const { success, data } = schema.safeParse(answer);
  if (!success) throw new Unavailable('The App Store Server API gave half an answer.');
  return data;
}

/** Apple has other words for an app or an account that it does not find, and some that pass. */
const unknown: readonly (number | string | null)[] = [
  APIError.TRANSACTION_ID_NOT_FOUND,
  APIError.INVALID_TRANSACTION_ID,
];

function toReadError(error: unknown): Error {
  const { httpStatusCode: status = 0, apiError = null } =
    error instanceof APIException ? error : {};
  if (status === 401 || status === 403) {
    const message =
      'Apple refuses APPSTORE_PRIVATE_KEY, APPSTORE_KEY_ID, APPSTORE_ISSUER_ID or APPSTORE_BUNDLE_ID: set the first three of one In-App Purchase key, and the bundle id of an app of its account.';
    return new Misconfigured(message, { cause: error });
  }
  if (unknown.includes(apiError)) {
    return new NotFound('Apple does not know this purchase.', { cause: error });
  }
  return new Unavailable('The App Store Server API did not answer.', { cause: error });
}

function isTemporary(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Apple's own client, with which `npm run doctor` asks for a test notification. @public */
export function openClient(config: ApiConfig): AppStoreServerAPIClient {
  return new Client(config);
}

/** Apple's client with a timeout, and with the address from the configuration. */
class Client extends AppStoreServerAPIClient {
  readonly #url: string;

  constructor({ privateKey, keyId, issuerId, bundleId, mode, url }: ApiConfig) {
    const environment = mode === 'live' ? Environment.PRODUCTION : Environment.SANDBOX;
    super(privateKey, keyId, issuerId, bundleId, environment);
    this.#url = url;
  }

  /** An answer whose form the caller checks: the library would refuse a page for one odd item. */
  async read(
    method: string,
    path: string,
    query: Record<string, string[]>,
    body: object | null,
  ): Promise<unknown> {
    const anything = { validate: (answer: unknown): answer is unknown => answer !== undefined };
    return this.makeRequest(path, method, query, body, anything, 'application/json');
  }

  protected override async makeFetchRequest(
    path: string,
    query: URLSearchParams,
    method: string,
    body: string | Buffer | undefined,
    headers: Record<string, string>,
  ): Promise<Response> {
    return fetch(`${this.#url}${path}?${query.toString()}`, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: body.toString() }),
    });
  }
}
