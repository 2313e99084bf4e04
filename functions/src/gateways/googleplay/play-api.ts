import { androidpublisher_v3 } from '@googleapis/androidpublisher';
import { JWT } from 'google-auth-library';
import { Malformed, Misconfigured, NotFound, Unavailable } from '../../errors';
import { log } from '../../log';
import { parseAnswer } from '../../outbound';
import { NAME, type PlayConfig } from './config';
import {
  orderSchema,
  purchaseSchema,
  voidedListSchema,
  voidedPurchaseSchema,
  type PlayOrder,
  type Purchase,
  type VoidedPurchase,
} from './objects';

const SCOPES = ['https://www.googleapis.com/auth/androidpublisher'];

/** For one call; a webhook makes up to four, and Pub/Sub waits 60 s. */
const TIMEOUT_MS = 8_000;

/**
 * The Play Developer API (https://developers.google.com/android-publisher). Every call throws
 * NotFound for what Google does not know (any more), Malformed for what belongs to another app or
 * product, Misconfigured when the service account may not ask, Unavailable when repeating helps.
 */
export class PlayApi {
  readonly #packageName: string;
  readonly #account: JWT;
  readonly #purchases: androidpublisher_v3.Resource$Purchases;
  readonly #orders: androidpublisher_v3.Resource$Orders;

  constructor({ packageName, key, apiUrl, tokenUrl }: PlayConfig) {
    this.#packageName = packageName;
    this.#account = accountOf(key, tokenUrl);
    const play = new androidpublisher_v3.Androidpublisher({
      auth: this.#account,
      rootUrl: `${apiUrl}/`,
      timeout: TIMEOUT_MS,
      // Whoever asked us repeats: Pub/Sub, the app, the schedule.
      retry: false,
    });
    this.#purchases = play.purchases;
    this.#orders = play.orders;
  }

  async purchase(token: string): Promise<Purchase> {
    const packageName = this.#packageName;
    const found = await this.#asked(() =>
      this.#purchases.productsv2.getproductpurchasev2({ packageName, token }),
    );
    return parseAnswer('Google', purchaseSchema, found.data);
  }

  async order(orderId: string): Promise<PlayOrder> {
    const packageName = this.#packageName;
    const found = await this.#asked(() => this.#orders.get({ packageName, orderId }));
    return parseAnswer('Google', orderSchema, found.data);
  }

  /** Lets the user buy the product again; it also acknowledges the purchase. */
  async consume(productId: string, token: string): Promise<void> {
    const packageName = this.#packageName;
    await this.#asked(() => this.#purchases.products.consume({ packageName, productId, token }));
  }

  /** Page by page, the refunds of one-time products that Google has made in the last 30 days. */
  async *voidedPurchases(): AsyncGenerator<readonly VoidedPurchase[]> {
    const packageName = this.#packageName;
    const asked = { packageName, type: 0, maxResults: 1_000 };
    let token: string | undefined;
    do {
      const page = { ...asked, includeQuantityBasedPartialRefund: true, ...(token && { token }) };
      const found = await this.#asked(() => this.#purchases.voidedpurchases.list(page));
      const { voidedPurchases, tokenPagination } = parseAnswer(
        'Google',
        voidedListSchema,
        found.data,
      );
      yield voidedPurchases.flatMap(readable);
      token = tokenPagination?.nextPageToken;
    } while (token !== undefined);
  }

  async #asked<T>(call: () => Promise<T>): Promise<T> {
    // Apart from the call, because here a 400 speaks of our key.
    await this.#account.getAccessToken().catch((error: unknown) => {
      throw translated(error, (status) => status < 500 && status !== 429 && refusedKey);
    });
    try {
      return await call();
    } catch (error) {
      throw translated(error, (status) => answers[status]);
    }
  }
}

/** The library asks one fixed address for tokens, whatever the key file says. */
function accountOf({ email, privateKey }: PlayConfig['key'], tokenUrl: string): JWT {
  const account = new JWT({
    email,
    key: privateKey,
    scopes: SCOPES,
    // The library would load a fetch of its own.
    transporterOptions: {
      timeout: TIMEOUT_MS,
      retryConfig: { retry: 0 },
      fetchImplementation: fetch,
    },
  });
  account.transporter.interceptors.request.add({
    resolved: async (request) => {
      const isForToken = request.url.href === 'https://oauth2.googleapis.com/token';
      return isForToken ? { ...request, url: new URL(tokenUrl) } : request;
    },
  });
  return account;
}

/** One that cannot be read holds up no other. */
function readable(listed: unknown): VoidedPurchase[] {
  const { data } = voidedPurchaseSchema.safeParse(listed);
  if (data === undefined) log.alert('a refund that Google lists cannot be read', { gateway: NAME });
  return data === undefined ? [] : [data];
}

type Known = typeof Misconfigured | typeof NotFound | typeof Malformed;
interface Answer {
  readonly means: Known;
  readonly message: string;
}

const refusedKey: Answer = {
  means: Misconfigured,
  message: 'Google refuses GOOGLE_PLAY_SECRET_FILE.',
};
/** A service account that was just invited may have to wait for two days. */
const noPermission: Answer = {
  means: Misconfigured,
  message: 'The service account may not see purchases in the Play Console (yet).',
};
const unknown: Answer = { means: NotFound, message: 'Google does not know this purchase.' };

const answers: Readonly<Record<number, Answer>> = {
  400: { means: Malformed, message: 'Google takes this for no purchase of this app.' },
  401: noPermission,
  403: noPermission,
  404: unknown,
  410: unknown,
};

/** The error of ours that says what to do next. Google's words may quote what was asked. */
function translated(
  error: unknown,
  answerFor: (status: number) => Answer | false | undefined,
): Error {
  const status = statusOf(error);
  const answer = status === undefined ? undefined : answerFor(status);
  if (answer) return new answer.means(answer.message, { cause: error });
  return new Unavailable('Google did not answer.', { cause: error });
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const status = Number(error.status);
  return Number.isInteger(status) && status >= 400 ? status : undefined;
}
