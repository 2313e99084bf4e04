import { createHash } from 'node:crypto';
import { androidpublisher_v3 } from '@googleapis/androidpublisher';
import { JWT } from 'google-auth-library';
import { z } from 'zod';
import { Malformed, Misconfigured, NotFound, Unavailable, Unusable } from '../../errors';
import { parseAnswer } from '../../outbound';
import type { GooglePlayConfig } from './config';
import {
  orderSchema,
  purchaseSchema,
  voidedListSchema,
  voidedOrderSchema,
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

  /**
   * Gives a whole order back, and takes the purchase away from the buyer: only so Google announces and
   * lists the refund.
   */
  async refundOrder(googleOrderId: string): Promise<void> {
    const order = { packageName: this.#packageName, orderId: googleOrderId };
    await this.#call(() => this.#orders.refund({ ...order, revoke: true }));
  }

  /** Lets the user buy the product again; it also acknowledges the purchase. */
  async consume(productId: string, token: string): Promise<void> {
    const packageName = this.#packageName;
    await this.#call(() => this.#purchases.products.consume({ packageName, productId, token }));
  }

  /**
   * Lists Google's refunds of one-time products, oldest first, page by page. An entry that cannot be
   * read is an Unusable.
   * @param since at most 30 days ago.
   * @param until absent for now.
   * @throws Unavailable, too, for half a page, and for a list that goes round in circles.
   */
  async *listVoids(
    since: Date,
    until?: Date,
  ): AsyncGenerator<readonly (VoidedPurchase | Unusable)[]> {
    const span = {
      startTime: String(since.getTime()),
      ...(until && { endTime: String(until.getTime()) }),
    };
    const seen = new Set<string>();
    for (let token: string | undefined; ;) {
      const { voidedPurchases, tokenPagination } = await this.#readVoids(span, token);
      yield voidedPurchases.map(parseVoid);
      token = tokenPagination?.nextPageToken;
      if (token === undefined) return;
      if (seen.has(token)) throw new Unavailable('Google lists the same refunds again.');
      seen.add(token);
    }
  }

  /** With a token Google ignores the span. */
  async #readVoids(span: object, token?: string): Promise<z.output<typeof voidedListSchema>> {
    const query = { type: 0, maxResults: 1_000, includeQuantityBasedPartialRefund: true };
    const page = {
      packageName: this.#packageName,
      ...query,
      ...(token === undefined ? span : { token }),
    };
    const found = await this.#call(() => this.#purchases.voidedpurchases.list(page)).catch(
      (error: unknown) => {
        throw toListError(error, token);
      },
    );
    const { data } = voidedListSchema.safeParse(found.data);
    if (data === undefined) throw new Unavailable('Google returned half a page of refunds.');
    return data;
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

/** A person is told of an unreadable refund by its order, or by a hash: its token says too much. */
function parseVoid(listed: unknown): VoidedPurchase | Unusable {
  const { data } = voidedPurchaseSchema.safeParse(listed);
  if (data !== undefined) return data;
  const digest = createHash('sha256').update(JSON.stringify(listed)).digest('hex').slice(0, 32);
  const about = voidedOrderSchema.safeParse(listed).data?.orderId ?? digest;
  return new Unusable('A refund that Google lists cannot be read.', { about });
}

/** Google refuses the first page for another app's name, and a later one for a token it forgot. */
function toListError(error: unknown, token?: string): unknown {
  if (!(error instanceof Malformed || error instanceof NotFound)) return error;
  return token === undefined
    ? new Misconfigured(
        'Google lists no refunds of GOOGLE_PLAY_PACKAGE_NAME: let the service account of GOOGLE_PLAY_SECRET_FILE view financial data of the app.',
        { cause: error },
      )
    : new Unavailable('Google broke its list of refunds off.', { cause: error });
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
  message:
    'The service account of GOOGLE_PLAY_SECRET_FILE may not see purchases: invite it in the Play Console, which may take two days to let it in.',
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
