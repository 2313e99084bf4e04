import { randomInt } from 'node:crypto';
import type { User } from '../../scripts/stack/client.ts';
import { accountTokenOf } from '../standins/account-token.ts';
import type { GooglePlayControl } from '../standins/googleplay/control.ts';
import { keyFile, newKey } from '../standins/googleplay/keys.ts';
import { startGooglePlay, type GooglePlayStandin } from '../standins/googleplay/server.ts';
import type { NewPurchase, Sale } from '../standins/googleplay/shop.ts';
import { existing } from './existing.ts';
import { StoreStage, type StoreAnswer } from './store-stage.ts';

const account = { email: 'play@standin.iam.gserviceaccount.com', privateKey: newKey().privateKey };

const app = {
  packageName: 'com.example.numbers',
  audience: 'https://payments.example.com/push',
  sender: 'push@standin.iam.gserviceaccount.com',
};

/** The deployed functions with a Google of their own. */
export class GooglePlayStage extends StoreStage {
  #google: GooglePlayStandin | undefined;

  constructor() {
    super();
    beforeEach(() => {
      this.google.reset();
    });
  }

  get google(): GooglePlayControl {
    return existing(this.#google).control;
  }

  /** Bought by the user, as a current app does it: with the account's token. */
  buy(given: Partial<NewPurchase> = {}): Sale {
    const accountId = accountTokenOf(this.user.uid);
    return this.google.buy({ productId: 'credits_333', accountId, ...given });
  }

  /** The app sends what it has bought. */
  send(token: unknown, by: User = this.user, productId = 'credits_333'): Promise<StoreAnswer> {
    const bought = { product_id: productId, purchase_token: token };
    return this.call('googleplay-createTransaction', bought, by);
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
    await this.client.makePendingPurchasesDue(this.user);
    await this.app.functions.runSchedule('googleplay-finishPurchases');
  }

  /** Books all that Google's list of refunds has, with the modules that the functions have loaded. */
  async readHistory(): Promise<void> {
    const { openGateway } = await import('../../functions/src/gateways/googleplay/gateway.ts');
    const { ingest, openPipeline } = await import('../../functions/src/pipeline.ts');
    const source = { gateway: 'googleplay', event: { id: 'history', type: 'history' } };
    const pages = openGateway().history?.list(new Date(0), new Date()) ?? [];
    for await (const page of pages) await ingest(await openPipeline(), source, page);
  }

  protected override async openStore(): Promise<Record<string, string>> {
    const series = String(randomInt(1_000_000, 10_000_000));
    this.#google = await startGooglePlay({ ...app, account, series });
    return {
      STORE_PRODUCTS: '{"credits_500":500,"credits_333":333}',
      GOOGLE_PLAY_PACKAGE_NAME: app.packageName,
      GOOGLE_PLAY_SECRET_FILE: keyFile(account.email, account.privateKey),
      GOOGLE_PLAY_PUSH_AUDIENCE: app.audience,
      GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT: app.sender,
      GOOGLE_PLAY_API_URL: this.#google.origin,
    };
  }

  protected override async pointStore(): Promise<void> {
    const url = await this.url('googleplay-handleWebhookEvents');
    this.google.configureSubscription({ url, minBackoffMs: 10, maxBackoffMs: 50 });
  }

  protected override async closeStore(): Promise<void> {
    await this.#google?.stop();
  }
}
