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

/** For one call; the library has no limit of its own. */
const TIMEOUT_MS = 8_000;

/** Tells Apple, while it decides on a refund, whether the purchase was delivered. */
export class Consumption {
  readonly #api: Api;
  readonly #mode: ApiConfig['mode'];

  constructor(config: ApiConfig) {
    this.#api = new Api(config);
    this.#mode = config.mode;
  }

  /**
   * The V2 request, which Apple takes with the customer's consent only:
   * https://developer.apple.com/documentation/appstoreserverapi/send-consumption-information.
   * What Apple refuses is logged and not repeated.
   * @throws Unavailable when repeating helps; Apple asks again and waits for 12 hours.
   */
  async tell(transaction: Transaction, delivered: boolean): Promise<void> {
    if (modeOf(transaction) !== this.#mode) return;
    const { DELIVERED, UNDELIVERED_OTHER } = DeliveryStatus;
    try {
      await this.#api.sendConsumptionInformation(transaction.transactionId, {
        customerConsented: true,
        deliveryStatus: delivered ? DELIVERED : UNDELIVERED_OTHER,
        sampleContentProvided: false,
      });
    } catch (error) {
      if (!(error instanceof APIException) || passes(error.httpStatusCode)) {
        throw new Unavailable('The App Store Server API did not answer.', { cause: error });
      }
      log.alert('the App Store took no consumption information', { status: error.httpStatusCode });
    }
  }
}

function passes(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Apple's client, but with a deadline, and with an address that a test deployment can choose. */
class Api extends AppStoreServerAPIClient {
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
