import { StackClient, type User } from '../../scripts/stack/client.ts';
import { ports } from '../../scripts/stack/values.ts';
import { newAuthority } from '../standins/appstore/authority.ts';
import { accountTokenOf } from '../standins/account-token.ts';
import type { AppStoreControl } from '../standins/appstore/server.ts';
import { startAppStore, type AppStoreStandin } from '../standins/appstore/server.ts';
import type { Bought } from '../standins/appstore/store.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';
import { serveFunctions, type ServedFunctions } from './functions.ts';

export const BUNDLE_ID = 'com.example.numbers';

/** What an app is answered. */
export interface Answer {
  readonly status: number;
  readonly body: { result?: string; errorName?: string };
}

/**
 * The deployed functions with an App Store of their own, and a new user for every test; for the
 * suite that makes one.
 */
export class AppStoreStage {
  readonly authority = newAuthority();
  #store: AppStoreStandin | undefined;
  #retail: RetailApi | undefined;
  #functions: ServedFunctions | undefined;
  #client: StackClient | undefined;
  #user: User | undefined;

  constructor() {
    beforeAll(() => this.#open());
    beforeEach(async () => {
      this.#user = await this.client.signIn();
    });
    afterAll(() => this.#close());
  }

  get store(): AppStoreControl {
    return existing(this.#store).control;
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
    return existing(this.#retail).control.balance(this.user.uid);
  }

  /** Bought by the user, as a current app does it: with the account's token. */
  buy(productId = 'credits_499', quantity = 1): Bought {
    const appAccountToken = accountTokenOf(this.user.uid);
    return this.store.buy({ productId, quantity, appAccountToken });
  }

  /** The app sends the proof of a purchase. */
  async send(proof: unknown, by: Pick<User, 'token'> = this.user): Promise<Answer> {
    const response = await fetch(await this.url('appstore-createTransaction'), {
      method: 'POST',
      headers: { authorization: `Bearer ${by.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ signed_transaction: proof }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  /** Waits for what is in flight; resolves to the statuses that notifications were answered. */
  async answered(): Promise<(number | null)[]> {
    await this.store.idle();
    return this.store.deliveries().map(({ status }) => status);
  }

  /** The cents of a user's rows, largest first. */
  async amounts(of: Pick<User, 'uid'> = this.user): Promise<number[]> {
    const rows = await this.client.rows(of);
    return rows.map((row) => Number(row['amount'])).sort((a, b) => b - a);
  }

  async #open(): Promise<void> {
    const app = { bundleId: BUNDLE_ID, environment: 'Sandbox' };
    this.#store = await startAppStore({ app, authority: this.authority });
    this.#retail = await startRetailApi({ apiKey: 'retail-standin' });
    this.#functions = await serveFunctions({
      PAYMENTS_MODE: 'test',
      STORE_PRODUCTS: '{"credits_500":500,"credits_499":499}',
      APPSTORE_BUNDLE_ID: BUNDLE_ID,
      APPSTORE_ROOT_CERTIFICATE: this.authority.root.der.toString('base64'),
      APPSTORE_PRIVATE_KEY: 'none',
      PLATFONE_API_KEY: 'retail-standin',
      PLATFONE_API_URL: this.#retail.url,
      FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}`,
    });
    this.#client = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
    this.store.configureEndpoint({ url: await this.url('appstore-handleWebhookEvents') });
  }

  async #close(): Promise<void> {
    await this.#client?.close();
    await this.#functions?.stop();
    await this.#store?.stop();
    await this.#retail?.stop();
  }
}

function existing<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('only within a test');
  return part;
}
