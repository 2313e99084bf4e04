import { androidpublisher_v3 } from '@googleapis/androidpublisher';
import { JWT } from 'google-auth-library';
import { z } from 'zod';
import { Malformed, Misconfigured, NotFound, Unavailable } from '../../errors';
import { log } from '../../log';
import { parseAnswer } from '../../outbound';
import { NAME, type GooglePlayConfig } from './config';
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

/** The limit of one call. A webhook makes up to four calls, and Pub/Sub waits for 60 s. */
const TIMEOUT_MS = 8_000;

/**
 * The Play Developer API (https://developers.google.com/android-publisher). Every call throws
 * NotFound when Google does not know the object (any more), Malformed when it belongs to another app
 * or product, Misconfigured when the service account has no permission, Unavailable when repeating
 * helps, and Unusable when Google's answer lacks a field.
 */
export class GooglePlayApi {
  readonly #packageName: string;
  readonly #account: JWT;
  readonly #purchases: androidpublisher_v3.Resource$Purchases;
  readonly #orders: androidpublisher_v3.Resource$Orders;

  constructor({ packageName, key, apiUrl, tokenUrl }: GooglePlayConfig) {
    this.#packageName = packageName;
    this.#account = openAccount(key, tokenUrl);
    const client = new androidpublisher_v3.Androidpublisher({
      auth: this.#account,
      rootUrl: `${apiUrl}/`,
      timeout: TIMEOUT_MS,
      // The caller repeats: Pub/Sub, the app or the schedule.
      retry: false,
    });
    this.#purchases = client.purchases;
    this.#orders = client.orders;
  }

  async readPurchase(token: string): Promise<Purchase> {
    const packageName = this.#packageName;
    const found = await this.#call(() =>
      this.#purchases.productsv2.getproductpurchasev2({ packageName, token }),
    );
    return parseAnswer('Google', purchaseSchema, found.data);
  }

  async readOrder(googleOrderId: string): Promise<PlayOrder> {
    const packageName = this.#packageName;
    const found = await this.#call(() => this.#orders.get({ packageName, orderId: googleOrderId }));
    return parseAnswer('Google', orderSchema, found.data);
  }

  /** Lets the user buy the product again; it also acknowledges the purchase. */
  async consume(productId: string, token: string): Promise<void> {
    const packageName = this.#packageName;
    await this.#call(() => this.#purchases.products.consume({ packageName, productId, token }));
  }

  /** Lists Google's refunds of one-time products in the last 30 days, page by page. */
  async *listVoids(): AsyncGenerator<readonly VoidedPurchase[]> {
    const packageName = this.#packageName;
    const query = { packageName, type: 0, maxResults: 1_000 };
    let token: string | undefined;
    do {
      const page = { ...query, includeQuantityBasedPartialRefund: true, ...(token && { token }) };
      const found = await this.#call(() => this.#purchases.voidedpurchases.list(page));
      const { voidedPurchases, tokenPagination } = parseAnswer(
        'Google',
        voidedListSchema,
        found.data,
      );
      yield voidedPurchases.flatMap(parseVoid);
      token = tokenPagination?.nextPageToken;
    } while (token !== undefined);
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    // The token is a call of its own, because a 400 here means that our key is wrong.
    await this.#account.getAccessToken().catch((error: unknown) => {
      throw toError(error, (status) => status < 500 && status !== 429 && refusedKey);
    });
    try {
      return await call();
    } catch (error) {
      throw toError(error, (status) => answers[status]);
    }
  }
}

/** The library has one fixed address for tokens and ignores the key file's; we redirect it. */
function openAccount({ email, privateKey }: GooglePlayConfig['key'], tokenUrl: string): JWT {
  const account = new JWT({
    email,
    key: privateKey,
    scopes: SCOPES,
    // Without an own fetch, the library loads another one.
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

/** An unreadable refund is reported and skipped, so that the others are still taken. */
function parseVoid(listed: unknown): VoidedPurchase[] {
  const { data } = voidedPurchaseSchema.safeParse(listed);
  if (data === undefined) log.alert('a refund that Google lists cannot be read', { gateway: NAME });
  return data === undefined ? [] : [data];
}

type ErrorClass = typeof Misconfigured | typeof NotFound | typeof Malformed;
interface Answer {
  readonly means: ErrorClass;
  readonly message: string;
}

const refusedKey: Answer = {
  means: Misconfigured,
  message: 'Google refuses GOOGLE_PLAY_SECRET_FILE.',
};
/** Google may take two days to let in a service account after its invitation. */
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

/** Google answers 403 for a used-up quota, too, and names it in the error's reason or status. */
const quota = /LimitExceeded|quotaExceeded|RATE_LIMIT_EXCEEDED|RESOURCE_EXHAUSTED/i;

function isQuota(error: unknown): boolean {
  const { data } = answered.safeParse(error);
  if (data === undefined) return false;
  const { status, errors, details } = data.response.data.error;
  return [status, ...errors, ...details].some((one) => quota.test(one));
}

const reasons = z
  .array(
    z
      .object({ reason: z.string() })
      .transform(({ reason }) => reason)
      .catch(''),
  )
  .catch([]);

/** https://developers.google.com/android-publisher/errors: the fields that name the fault. */
const answered = z.object({
  response: z.object({
    data: z.object({
      error: z.object({ status: z.string().catch(''), errors: reasons, details: reasons }),
    }),
  }),
});

/** The error that says what to do next, in our own words: Google's may quote the token. */
function toError(error: unknown, answerFor: (status: number) => Answer | false | undefined): Error {
  const status = statusOf(error);
  const answer = status === undefined || isQuota(error) ? undefined : answerFor(status);
  if (answer) return new answer.means(answer.message, { cause: error });
  return new Unavailable('Google did not answer.', { cause: error });
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error)) return undefined;
  const status = Number(error.status);
  return Number.isInteger(status) && status >= 400 ? status : undefined;
}
