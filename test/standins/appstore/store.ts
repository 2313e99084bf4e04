import { randomInt, randomUUID } from 'node:crypto';
import { signJws } from './authority.ts';
import type { Authority } from './authority.ts';
import type { SignedNotification } from './deliveries.ts';
import type { NotificationPayload, TransactionPayload } from './payloads.ts';

/** The app whose purchases the stand-in sells. */
export interface App {
  readonly bundleId: string;
  /** Its number in App Store Connect; notifications of the sandbox may leave it out. */
  readonly appAppleId?: number;
  readonly environment: string;
}

export interface Purchase {
  productId: string;
  /** 1 unless told otherwise. */
  quantity?: number;
  /** What the app says of its user; left out, as an old app does. */
  appAccountToken?: string;
  /** Thousandths of a dollar; 4990 unless told otherwise. */
  price?: number;
  /** `Consumable` unless told otherwise. */
  type?: string;
}

/** What a buyer has: the id of the purchase, and its proof as StoreKit gives it to the app. */
export interface Bought {
  transactionId: string;
  signedTransaction: string;
}

/** The purchases of one app, as the App Store keeps and signs them. */
export class Store {
  readonly #app: App;
  readonly #authority: Authority;
  readonly #now: () => number;
  readonly #onNotification: (notification: SignedNotification) => void;
  readonly #purchases = new Map<string, TransactionPayload>();
  /** No two stand-ins give out the same ids: what they sell may meet in one Firestore. */
  #lastId = 2_000_000_000_000_000 + randomInt(1_000_000_000) * 1_000_000;
  #lastSigned = 0;

  constructor(
    app: App,
    authority: Authority,
    now: () => number,
    onNotification: (notification: SignedNotification) => void,
  ) {
    this.#app = app;
    this.#authority = authority;
    this.#now = now;
    this.#onNotification = onNotification;
  }

  buy({ productId, quantity = 1, price = 4990, type = 'Consumable', ...more }: Purchase): Bought {
    this.#lastId += 1;
    const transactionId = String(this.#lastId);
    const at = this.#now();
    this.#purchases.set(transactionId, {
      transactionId,
      originalTransactionId: transactionId,
      bundleId: this.#app.bundleId,
      productId,
      type,
      quantity,
      purchaseDate: at,
      originalPurchaseDate: at,
      signedDate: at,
      inAppOwnershipType: 'PURCHASED',
      transactionReason: 'PURCHASE',
      environment: this.#app.environment,
      storefront: 'USA',
      currency: 'USD',
      price: price * quantity,
      ...(more.appAccountToken && { appAccountToken: more.appAccountToken }),
    });
    return { transactionId, signedTransaction: this.signedTransaction(transactionId) };
  }

  /** The proof of a purchase as it is now, signed anew. */
  signedTransaction(transactionId: string, patch: Partial<TransactionPayload> = {}): string {
    const payload = { ...this.#purchase(transactionId), signedDate: this.#signedNow(), ...patch };
    return signJws(payload, this.#authority);
  }

  /** @param percentage in thousandths of a percent, all refunds together. */
  refund(transactionId: string, percentage: number): void {
    Object.assign(this.#purchase(transactionId), {
      revocationDate: this.#now(),
      revocationReason: 0,
      revocationType: percentage === 100_000 ? 'REFUND_FULL' : 'REFUND_PRORATED',
      revocationPercentage: percentage,
    });
    this.notify('REFUND', transactionId);
  }

  reverseRefund(transactionId: string): void {
    const purchase = this.#purchase(transactionId);
    delete purchase.revocationDate;
    delete purchase.revocationReason;
    delete purchase.revocationType;
    delete purchase.revocationPercentage;
    this.notify('REFUND_REVERSED', transactionId);
  }

  /** Makes a notification of any type, about a purchase or about none. */
  notify(notificationType: string, transactionId?: string): SignedNotification {
    const { bundleId, appAppleId, environment } = this.#app;
    const payload: NotificationPayload = {
      notificationType,
      notificationUUID: randomUUID(),
      version: '2.0',
      signedDate: this.#signedNow(),
      data: {
        ...(appAppleId !== undefined && { appAppleId }),
        bundleId,
        bundleVersion: '1',
        environment,
        ...(transactionId !== undefined && {
          signedTransactionInfo: this.signedTransaction(transactionId),
        }),
      },
    };
    const body = JSON.stringify({ signedPayload: signJws(payload, this.#authority) });
    const notification = {
      id: payload.notificationUUID,
      type: notificationType,
      signedAt: payload.signedDate,
      ...(transactionId !== undefined && { transactionId }),
      body,
    };
    this.#onNotification(notification);
    return notification;
  }

  /** Overwrites what is signed of a purchase, in silence, for a state that no act leads to. */
  edit(transactionId: string, patch: Partial<TransactionPayload>): void {
    Object.assign(this.#purchase(transactionId), patch);
  }

  has(transactionId: string): boolean {
    return this.#purchases.has(transactionId);
  }

  /** Forgets the purchases; their ids are not given out again. */
  clear(): void {
    this.#purchases.clear();
  }

  #purchase(transactionId: string): TransactionPayload {
    const purchase = this.#purchases.get(transactionId);
    if (purchase === undefined) throw new Error(`there is no purchase ${transactionId}`);
    return purchase;
  }

  /** No two signatures are of the same millisecond, so that their order can be told. */
  #signedNow(): number {
    this.#lastSigned = Math.max(this.#now(), this.#lastSigned + 1);
    return this.#lastSigned;
  }
}
