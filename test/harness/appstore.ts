import type { User } from '../../scripts/stack/client.ts';
import { newAuthority } from '../standins/appstore/authority.ts';
import { accountTokenOf } from '../standins/account-token.ts';
import type { AppStoreControl } from '../standins/appstore/server.ts';
import { startAppStore, type AppStoreStandin } from '../standins/appstore/server.ts';
import type { Bought } from '../standins/appstore/store.ts';
import { existing } from './existing.ts';
import { StoreStage, type StoreAnswer } from './store-stage.ts';

export const BUNDLE_ID = 'com.example.numbers';

/** The deployed functions with an App Store of their own. */
export class AppStoreStage extends StoreStage {
  readonly authority = newAuthority();
  #store: AppStoreStandin | undefined;

  get store(): AppStoreControl {
    return existing(this.#store).control;
  }

  /** Bought by the user, as a current app does it: with the account's token. */
  buy(productId = 'credits_499', quantity = 1): Bought {
    const appAccountToken = accountTokenOf(this.user.uid);
    return this.store.buy({ productId, quantity, appAccountToken });
  }

  /** The app sends the proof of a purchase. */
  send(proof: unknown, by: Pick<User, 'token'> = this.user): Promise<StoreAnswer> {
    return this.call('appstore-createTransaction', { signed_transaction: proof }, by);
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

  protected override async openStore(): Promise<Record<string, string>> {
    const app = { bundleId: BUNDLE_ID, environment: 'Sandbox' };
    this.#store = await startAppStore({ app, authority: this.authority });
    return {
      STORE_PRODUCTS: '{"credits_500":500,"credits_499":499}',
      APPSTORE_BUNDLE_ID: BUNDLE_ID,
      APPSTORE_ROOT_CERTIFICATE: this.authority.root.der.toString('base64'),
      APPSTORE_PRIVATE_KEY: 'none',
    };
  }

  protected override async pointStore(): Promise<void> {
    this.store.configureEndpoint({ url: await this.url('appstore-handleWebhookEvents') });
  }

  protected override async closeStore(): Promise<void> {
    await this.#store?.stop();
  }
}
