import {
  APIException,
  AppStoreServerAPIClient,
  DeliveryStatus,
  Environment,
} from '@apple/app-store-server-library';
import { Unavailable } from '../../errors';
import { log } from '../../log';
import type { ApiConfig } from './config';
import type { Transaction } from './events';
import { modeOf } from './sales';

/** The limit of one call. The library has none. */
const TIMEOUT_MS = 8_000;

/** The calls of the App Store Server API. */
export class AppStoreApi {
  readonly #client: Client;
  readonly #mode: ApiConfig['mode'];

  constructor(config: ApiConfig) {
    this.#client = new Client(config);
    this.#mode = config.mode;
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
      log.alert('the App Store took no consumption information', { status: error.httpStatusCode });
    }
  }
}

function isTemporary(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Apple's client with a timeout, and with the address from the configuration. */
class Client extends AppStoreServerAPIClient {
  readonly #url: string;

  constructor({ privateKey, keyId, issuerId, bundleId, mode, url }: ApiConfig) {
    const environment = mode === 'live' ? Environment.PRODUCTION : Environment.SANDBOX;
    super(privateKey, keyId, issuerId, bundleId, environment);
    this.#url = url;
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
