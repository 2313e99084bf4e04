import { randomInt } from 'node:crypto';
import { StackClient, type User } from '../../scripts/stack/client.ts';
import { ports } from '../../scripts/stack/values.ts';
import { accountTokenOf } from '../standins/account-token.ts';
import type { GooglePlayControl } from '../standins/googleplay/control.ts';
import { keyFile, newKey } from '../standins/googleplay/keys.ts';
import { startGooglePlay, type GooglePlayStandin } from '../standins/googleplay/server.ts';
import type { NewPurchase, Sale } from '../standins/googleplay/shop.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';
import { serveFunctions, type ServedFunctions } from './functions.ts';

/** What an app is answered. */
export interface Answer {
  readonly status: number;
  readonly body: { result?: string; errorName?: string };
}

const account = { email: 'play@standin.iam.gserviceaccount.com', privateKey: newKey().privateKey };

const app = {
  packageName: 'com.example.numbers',
  audience: 'https://payments.example.com/push',
  sender: 'push@standin.iam.gserviceaccount.com',
};

/**
 * The deployed functions with a Google of their own, and a new user for every test; for the suite
 * that makes one.
 */
export class GooglePlayStage {
  #google: GooglePlayStandin | undefined;
  #retail: RetailApi | undefined;
  #functions: ServedFunctions | undefined;
  #client: StackClient | undefined;
  #user: User | undefined;

  constructor() {
    beforeAll(() => this.#open());
    beforeEach(async () => {
      this.#user = await this.client.signIn();
      this.google.reset();
    });
    afterAll(() => this.#close());
  }

  get google(): GooglePlayControl {
    return existing(this.#google).control;
  }

  get retail(): RetailApi {
    return existing(this.#retail);
  }

  get client(): StackClient {
    return existing(this.#client);
  }

  get user(): User {
    return existing(this.#user);
  }

  url(name: string): Promise<string> {
    return existing(this.#functions).url(name);
  }

  balance(): number | null {
    return this.retail.control.balance(this.user.uid);
  }

  /** Bought by the user, as a current app does it: with the account's token. */
  buy(given: Partial<NewPurchase> = {}): Sale {
    const accountId = accountTokenOf(this.user.uid);
    return this.google.buy({ productId: 'credits_333', accountId, ...given });
  }

  /** The app sends what it has bought. */
  async send(token: unknown, by: User = this.user, productId = 'credits_333'): Promise<Answer> {
    const response = await fetch(await this.url('googleplay-createTransaction'), {
      method: 'POST',
      headers: { authorization: `Bearer ${by.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ product_id: productId, purchase_token: token }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  /** Posts a push; resolves to the status it is answered. */
  async push(body: string, authorization?: string, method = 'POST'): Promise<number> {
    const response = await fetch(await this.url('googleplay-handleWebhookEvents'), {
      method,
      headers: authorization === undefined ? {} : { authorization },
      ...(method !== 'GET' && { body }),
    });
    return response.status;
  }

  /** Waits until every push is acknowledged or dead; resolves to what was answered. */
  async answered(): Promise<(number | null)[]> {
    await this.google.idle();
    return this.google.pushes().map(({ status }) => status);
  }

  /** What the user's rows say: `kind cents`, in the order they were written. */
  async rows(of: User = this.user): Promise<string[]> {
    const rows = await this.client.rows(of);
    return rows.map((row) => `${String(row['kind'])} ${String(row['amount'])}`);
  }

  async finishPurchases(): Promise<void> {
    await this.client.makeOpenPurchasesDue(this.user);
    await existing(this.#functions).runSchedule('googleplay-finishPurchases');
  }

  async sweepVoids(): Promise<void> {
    await existing(this.#functions).runSchedule('googleplay-sweepVoids');
  }

  async #open(): Promise<void> {
    const series = String(randomInt(1_000_000, 10_000_000));
    this.#google = await startGooglePlay({ ...app, account, series });
    this.#retail = await startRetailApi({ apiKey: 'retail-standin' });
    this.#functions = await serveFunctions({
      PAYMENTS_MODE: 'test',
      STORE_PRODUCTS: '{"credits_500":500,"credits_333":333}',
      GOOGLE_PLAY_PACKAGE_NAME: app.packageName,
      GOOGLE_PLAY_SECRET_FILE: keyFile(account.email, account.privateKey),
      GOOGLE_PLAY_PUSH_AUDIENCE: app.audience,
      GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT: app.sender,
      GOOGLE_PLAY_API_URL: this.#google.origin,
      PLATFONE_API_KEY: 'retail-standin',
      PLATFONE_API_URL: this.#retail.url,
      FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}`,
    });
    this.#client = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
    const url = await this.url('googleplay-handleWebhookEvents');
    this.google.configureSubscription({ url, minBackoffMs: 10, maxBackoffMs: 50 });
  }

  async #close(): Promise<void> {
    await this.#client?.close();
    await this.#functions?.stop();
    await this.#google?.stop();
    await this.#retail?.stop();
  }
}

function existing<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('only within a test');
  return part;
}
