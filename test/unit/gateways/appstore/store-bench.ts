import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { Unusable } from '../../../../functions/src/errors.ts';
import {
  openGateway,
  type GatewayDeps,
} from '../../../../functions/src/gateways/appstore/gateway.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import { accountToken } from '../../../../functions/src/stores/account-token.ts';
import type { ReceiptBook } from '../../../../functions/src/stores/receipts.ts';
import type { UnclaimedPurchaseBook } from '../../../../functions/src/stores/unclaimed-purchases.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { memoryReceipts, memoryUnclaimed } from '../../../harness/receipts.ts';
import type { AppStoreControl } from '../../../standins/appstore/server.ts';
import { startAppStore, type AppStoreStandin } from '../../../standins/appstore/server.ts';
import type { SignedNotification } from '../../../standins/appstore/deliveries.ts';
import { authority, credit, requestOf, testConfig, variables } from './bench.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A test deployment with a key for the API of the stand-in, and books in memory, for every test. */
export class StoreBench {
  #standin!: AppStoreStandin;
  receipts!: ReceiptBook;
  unclaimed!: UnclaimedPurchaseBook;
  #genuineFetch = globalThis.fetch;

  constructor() {
    beforeEach(async () => {
      const { bundleId } = testConfig;
      this.receipts = memoryReceipts();
      this.unclaimed = memoryUnclaimed();
      this.#genuineFetch = globalThis.fetch;
      this.#standin = await startAppStore({
        app: { bundleId, environment: 'Sandbox' },
        authority,
        apiKey: { publicKey: createPublicKey(KEY), keyId: 'KEYID', issuerId: 'issuer', bundleId },
      });
      setEnvironment({
        ...variables,
        APPSTORE_PRIVATE_KEY: KEY,
        APPSTORE_KEY_ID: 'KEYID',
        APPSTORE_ISSUER_ID: 'issuer',
        APPSTORE_CONSUMPTION_CONSENT: 'true',
        APPSTORE_API_URL: this.#standin.origin,
      });
    });
    afterEach(async () => {
      globalThis.fetch = this.#genuineFetch;
      await this.#standin.stop();
    });
  }

  get store(): AppStoreControl {
    return this.#standin.control;
  }

  gateway(given: Partial<GatewayDeps> = {}) {
    return openGateway({ receipts: this.receipts, unclaimed: this.unclaimed, ...given });
  }

  /** Bought by user1, who has bought before; the id of the purchase. */
  async bought(given: { productId?: string; price?: number; type?: string } = {}): Promise<string> {
    await this.receipts.claim('an earlier one', {
      uid: 'user1',
      accountToken: accountToken('user1'),
    });
    const appAccountToken = accountToken('user1');
    return this.store.buy({ productId: 'credits_499', appAccountToken, ...given }).transactionId;
  }

  /** Bought, and credited by the app's call. */
  async credited(): Promise<string> {
    const id = await this.bought();
    await credit(this.receipts, 'user1', `sandbox-${id}`);
    return id;
  }

  /** What the webhook makes of a notification. */
  async webhook({ body }: SignedNotification): Promise<readonly Reported[]> {
    const gateway = this.gateway();
    return gateway.movements(await gateway.verify(requestOf(body)));
  }

  /** The API answers every request of this path with this. */
  answer(path: string, body: unknown): void {
    globalThis.fetch = async (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      if (!address.includes(path)) return this.#genuineFetch(input, init);
      return new Response(typeof body === 'string' ? body : JSON.stringify(body));
    };
  }

  /** The paths that the API was asked for. */
  asked(): string[] {
    return this.store.requests().map(({ method, path }) => `${method} ${path}`);
  }
}

/** As `kind cents`, or what cannot be read with its name. */
export function said(reported: readonly Reported[] = []): string[] {
  return reported.map((one) => {
    if (one instanceof Unusable) return `${one.about ?? ''} ${one.message}`;
    return 'review' in one ? 'review' : `${one.kind} ${one.amountCents}`;
  });
}
