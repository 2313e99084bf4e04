import { readConfig } from '../../../../functions/src/gateways/googleplay/config.ts';
import {
  openGateway,
  type GatewayDeps,
} from '../../../../functions/src/gateways/googleplay/gateway.ts';
import { openGooglePlay } from '../../../../functions/src/gateways/googleplay/google-play.ts';
import { GooglePlayApi } from '../../../../functions/src/gateways/googleplay/api.ts';
import {
  Purchases,
  type Claim,
  type PurchasesDeps,
} from '../../../../functions/src/gateways/googleplay/purchases.ts';
import { Voids } from '../../../../functions/src/gateways/googleplay/voids.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import type { NewPendingPurchase } from '../../../../functions/src/stores/pending-purchases.ts';
import type { ReceiptBook } from '../../../../functions/src/stores/receipts.ts';
import { accountToken } from '../../../../functions/src/stores/account-token.ts';
import { readCatalogue } from '../../../../functions/src/stores/catalogue.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import type { UnclaimedPurchaseBook } from '../../../../functions/src/stores/unclaimed-purchases.ts';
import { memoryReceipts, memoryUnclaimed } from '../../../harness/receipts.ts';
import { keyFile, newKey } from '../../../standins/googleplay/keys.ts';
import type { NewPurchase, Sale } from '../../../standins/googleplay/shop.ts';
import { pushToken } from '../../../standins/googleplay/pusher.ts';
import { startGooglePlay, type GooglePlayStandin } from '../../../standins/googleplay/server.ts';

export const PACKAGE = 'com.example.numbers';
export const AUDIENCE = 'https://payments.example.com/push';
export const SENDER = 'push@standin.iam.gserviceaccount.com';
export const ACCOUNT = 'play@standin.iam.gserviceaccount.com';
/** One for all tests of a file: making a key takes a while. */
export const accountKey = newKey();

export const pushKey = newKey();

/** The token of a genuine push, but for what is given. */
export function token(claims: object = {}, key = pushKey, header: object = {}): string {
  return pushToken({ audience: AUDIENCE, sender: SENDER, key }, Date.now(), claims, header);
}

/** A request of whoever has this token. */
export function pushed(body: Buffer, by = token()): WebhookRequest {
  return { method: 'POST', headers: { authorization: `Bearer ${by}` }, body };
}

/** When the notifications of the fixtures were sent. */
export const SENT_AT = new Date(1_790_000_000_123);

export const owner = { uid: 'user1', accountToken: accountToken('user1') };

/** The usual one. */
export const claim: Claim = { owner, productId: 'credits_500' };

/** What the gateway is configured with against its stand-in. */
function variablesFor(google: GooglePlayStandin): Record<string, string> {
  return {
    PAYMENTS_MODE: 'test',
    STORE_PRODUCTS: '{"credits_500":500,"credits_333":333}',
    GOOGLE_PLAY_PACKAGE_NAME: PACKAGE,
    GOOGLE_PLAY_SECRET_FILE: keyFile(ACCOUNT, accountKey.privateKey),
    GOOGLE_PLAY_PUSH_AUDIENCE: AUDIENCE,
    GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT: SENDER,
    GOOGLE_PLAY_API_URL: google.origin,
  };
}

function startStandin(): Promise<GooglePlayStandin> {
  return startGooglePlay({
    packageName: PACKAGE,
    account: { email: ACCOUNT, privateKey: accountKey.privateKey },
    audience: AUDIENCE,
    sender: SENDER,
    key: pushKey,
  });
}

/** The stand-in and stores in memory, new for every test. */
export class Bench {
  google!: GooglePlayStandin;
  receipts!: ReceiptBook;
  unclaimed!: UnclaimedPurchaseBook;
  /** The pending purchases, by what they wait for and their receipt. */
  readonly pending = new Map<string, NewPendingPurchase>();
  now = SENT_AT;

  constructor() {
    beforeEach(async () => {
      this.google = await startStandin();
      this.receipts = memoryReceipts();
      this.unclaimed = memoryUnclaimed();
      this.pending.clear();
      this.now = SENT_AT;
      setEnvironment(variablesFor(this.google));
    });
    afterEach(() => this.google.stop());
  }

  get deps(): Omit<GatewayDeps, 'api' | 'isReadOnly'> {
    return {
      receipts: this.receipts,
      unclaimed: this.unclaimed,
      pending: {
        open: async (purchase) => {
          this.pending.set(`${purchase.awaits} ${purchase.receiptId}`, purchase);
        },
        close: async ({ awaits, receiptId }) => {
          this.pending.delete(`${awaits} ${receiptId}`);
        },
      },
      now: () => this.now,
    };
  }

  gateway(given: Partial<GatewayDeps> = {}) {
    return openGateway({ ...this.deps, ...given });
  }

  /** The gateway's list of a span, page by page; by default all that Google lists. */
  async listed(since = new Date(0), gateway = this.gateway()): Promise<(readonly Reported[])[]> {
    const pages = [];
    for await (const page of gateway.history?.list(since, this.now) ?? []) pages.push(page);
    return pages;
  }

  /** What the app's call and the schedule do with a purchase. */
  purchases() {
    return openGooglePlay(readConfig(), this.deps).purchases;
  }

  /** A live deployment: its configuration takes no stand-in, so its dependencies are put together here. */
  live(): Purchases {
    return new Purchases(this.#liveDeps);
  }

  /** The refunds of the same one. */
  voids(): Voids {
    return new Voids(this.#liveDeps, this.live());
  }

  /** What is waited for: all there is, in order. */
  waits(): string[] {
    return [...this.pending.values()].map(({ awaits }) => awaits).sort();
  }

  get #liveDeps(): PurchasesDeps {
    const api = new GooglePlayApi(readConfig());
    return { ...this.deps, mode: 'live', api, catalogue: readCatalogue() };
  }

  buy(given: Partial<NewPurchase> = {}): Sale {
    return this.google.control.buy({ productId: 'credits_500', ...given });
  }

  /** With real money. */
  paid(given: Partial<NewPurchase> = {}): Sale {
    return this.buy({ test: false, ...given });
  }

  /** How a purchase stands, and what its movements say: `kind cents mode`. */
  async synced(token: string, purchases = this.live(), by: Claim = claim): Promise<string[]> {
    const { standing, movements } = await purchases.syncPurchase(token, by);
    const rows = movements.map(({ kind, amountCents, mode }) => `${kind} ${amountCents} ${mode}`);
    return [standing, ...rows];
  }
}
