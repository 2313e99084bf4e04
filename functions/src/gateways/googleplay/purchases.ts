import { createHash } from 'node:crypto';
import { PURCHASE_LEASE_MS } from '../../config/limits';
import type { PaymentsMode } from '../../config/settings';
import { Conflict, Malformed, NotFound } from '../../errors';
import type { IsEarlier } from '../../stores/earlier-backend';
import type { PendingPurchaseBook } from '../../stores/pending-purchases';
import {
  claimReceipt,
  type Receipt,
  type ReceiptOwner,
  type Revocation,
} from '../../stores/receipt';
import type { ReceiptBook } from '../../stores/receipts';
import type { Catalogue } from '../../stores/catalogue';
import type { UnclaimedPurchaseBook } from '../../stores/unclaimed-purchases';
import { mayUseSandbox, modeOfSale } from '../../stores/reviewers';
import type { Purchase } from './objects';
import type { GooglePlayApi } from './api';
import { readStage } from './stage';
import { standingOf, type Standing } from './standing';
import type { Movement } from '../../movement';

/** A user's claim to a purchase. */
export interface Claim {
  readonly owner: ReceiptOwner;
  /** The product that the user names. Null when they name none. */
  readonly productId: string | null;
}

export interface PurchasesDeps {
  readonly mode: PaymentsMode;
  readonly api: Pick<GooglePlayApi, 'readPurchase' | 'readOrder' | 'consume'>;
  readonly receipts: ReceiptBook;
  readonly pending: Pick<PendingPurchaseBook, 'open' | 'close'>;
  readonly unclaimed: Pick<UnclaimedPurchaseBook, 'keep'>;
  readonly catalogue: Pick<Catalogue, 'creditCents'>;
  /** Absent where there was no earlier backend. */
  readonly isEarlier?: IsEarlier;
  readonly now: () => Date;
}

/** A purchase that our books agree with, and all the money it has moved. */
export interface SyncedPurchase {
  readonly purchase: Purchase;
  readonly standing: Standing;
  readonly movements: readonly Movement[];
}

/**
 * The one routine behind the notifications, the app's call and the schedule. It reads the purchase
 * as it is now and returns everything it has moved, so the order and the number of calls make no
 * difference.
 */
export class Purchases {
  readonly #deps: PurchasesDeps;

  constructor(deps: PurchasesDeps) {
    this.#deps = deps;
  }

  /**
   * Reads a purchase from Google and brings its receipt in line: claims, credits or revokes it.
   * @param claim without one, the purchase belongs to its known user.
   * @throws Conflict when it is another user's, or may not be credited here.
   * @throws Malformed when it is of another product than claimed.
   * @throws NotFound when Google does not know it.
   * @throws Unusable when no row can be made of it.
   */
  async syncPurchase(token: string, claim?: Claim): Promise<SyncedPurchase> {
    return this.applyPurchase(token, await this.read(token), claim);
  }

  /** Reads a purchase from Google. Throws as the API does. */
  read(token: string): Promise<Purchase> {
    return this.#deps.api.readPurchase(token);
  }

  /**
   * Tells Google that a purchase is delivered. Call it once the movements are stored. Google then
   * does not refund it for our silence, and the user can buy the product again. A purchase of a
   * deleted account is not consumed, so that Google pays it back.
   */
  async finish(token: string, { purchase, standing }: SyncedPurchase): Promise<void> {
    const { api, pending } = this.#deps;
    const { productId, isConsumed } = purchase;
    const isDelivered = standing === 'credited' || standing === 'unpaid';
    if (isDelivered && !isConsumed) {
      await api.consume(productId, token).catch(async (error: unknown) => {
        if (!(await api.readPurchase(token)).isConsumed) throw error;
      });
    }
    await pending.close({ awaits: 'finish', receiptId: receiptIdOf(token) });
  }

  /** Does the same for a purchase that was just read. */
  async applyPurchase(token: string, purchase: Purchase, claim?: Claim): Promise<SyncedPurchase> {
    const { receipts } = this.#deps;
    const receipt = await receipts.find(receiptIdOf(token));
    if (claim !== undefined) checkClaim(claim, purchase, receipt);
    if (this.isOfEarlierBackend(purchase, receipt)) {
      return { purchase, standing: 'earlier', movements: [] };
    }
    const { state, quantity, voidedQuantity } = purchase;
    if (state === 'cancelled' || voidedQuantity === quantity) {
      const { movements } = await this.#revoke(token, quantity, quantity);
      return { purchase, standing: 'refunded', movements };
    }
    const before = await this.#readCredit(token, purchase, receipt, claim);
    if (voidedQuantity === 0) return { purchase, ...before };
    const { movements } = await this.#revoke(token, voidedQuantity, quantity);
    return { purchase, standing: before.standing, movements };
  }

  /** Whether a purchase was made before STORE_PURCHASES_SINCE, and not credited here. */
  isOfEarlierBackend({ completedAt }: Purchase, receipt: Receipt | undefined): boolean {
    const { isEarlier = () => false } = this.#deps;
    return isEarlier(completedAt) && (receipt?.movements ?? []).length === 0;
  }

  /** The credit of a purchase, before its refunds. Makes the credit when there is none. */
  async #readCredit(
    token: string,
    purchase: Purchase,
    receipt: Receipt | undefined,
    claim: Claim | undefined,
  ): Promise<Omit<SyncedPurchase, 'purchase'>> {
    const credited = receipt?.movements ?? [];
    if (credited.length > 0) return { standing: standingOf(credited), movements: credited };
    const cents = this.#deps.catalogue.creditCents(purchase.productId, purchase.quantity);
    const owner = claim?.owner ?? receipt?.owner ?? (await this.#findBuyer(purchase));
    if (owner === undefined) return { standing: await this.#keep(token, purchase), movements: [] };
    if (!this.#mayCredit(purchase, owner)) {
      if (claim === undefined) return { standing: 'barred', movements: [] };
      // Not a 403, which apps show as an account on hold.
      throw new Conflict('A purchase of this kind credits nothing here.');
    }
    return this.#credit(token, purchase, owner, cents);
  }

  /** Binds the purchase to its user, and credits it if it is paid. */
  async #credit(
    token: string,
    purchase: Purchase,
    owner: ReceiptOwner,
    amountCents: number,
  ): Promise<Omit<SyncedPurchase, 'purchase'>> {
    const { mode, api, receipts, now } = this.#deps;
    const { googleOrderId, productId, quantity, isTest, completedAt } = purchase;
    const stage = await readStage(token, purchase, api);
    if (stage === 'refunded') {
      // Another report may have credited it in the meantime.
      const { movements } = await this.#revoke(token, quantity, quantity);
      return { standing: stage, movements };
    }
    if (stage === 'unpaid') return { standing: stage, movements: [] };
    const receiptId = receiptIdOf(token);
    await this.#open(token, googleOrderId, owner.uid);
    if (stage === 'pending' || googleOrderId === null) {
      await receipts.claim(receiptId, owner);
      return { standing: 'pending', movements: [] };
    }
    const { movements } = await receipts.credit(receiptId, {
      owner,
      productId,
      quantity,
      movementId: googleOrderId,
      amountCents,
      ...modeOfSale(isTest, mode),
      occurredAt: completedAt ?? now(),
    });
    return { standing: standingOf(movements), movements };
  }

  /** Runs before the credit, so that the schedule finds every purchase left unfinished. */
  async #open(token: string, googleOrderId: string | null, uid: string): Promise<void> {
    const openedAt = this.#deps.now();
    const dueAt = new Date(openedAt.getTime() + PURCHASE_LEASE_MS);
    const receiptId = receiptIdOf(token);
    const purchase = { awaits: 'finish', receiptId, uid, token, openedAt } as const;
    await this.#deps.pending.open({ ...purchase, orderId: googleOrderId }, dueAt);
  }

  /** Keeps a purchase of an unknown user until an app's call says whose it is. */
  async #keep(token: string, { isTest, accountToken }: Purchase): Promise<Standing> {
    const { mode, unclaimed, now } = this.#deps;
    if (mode !== 'live' && !isTest) return 'barred';
    const receiptId = receiptIdOf(token);
    await unclaimed.keep({ receiptId, accountToken, proof: token, reportedAt: now() });
    return 'unclaimed';
  }

  #revoke(token: string, part: number, whole: number): Promise<Receipt> {
    const { receipts, now } = this.#deps;
    return receipts.revoke(receiptIdOf(token), toRevocation(part, whole, now()));
  }

  /** A license tester pays nothing on any deployment. Paid money is live money. */
  #mayCredit({ isTest }: Purchase, { uid }: ReceiptOwner): boolean {
    const { mode } = this.#deps;
    return isTest ? mayUseSandbox(uid, mode) : mode === 'live';
  }

  /** The user whom the app named when it bought, known from an earlier claim. */
  async #findBuyer({ accountToken }: Purchase): Promise<ReceiptOwner | undefined> {
    if (accountToken === null) return undefined;
    const uid = await this.#deps.receipts.uidOf(accountToken);
    return uid === undefined ? undefined : { uid, accountToken };
  }
}

/** The hash of the token. The token is too long for a document id, and is enough to claim. */
export function receiptIdOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function checkClaim({ owner, productId }: Claim, purchase: Purchase, receipt?: Receipt): void {
  const { accountToken } = purchase;
  if (accountToken !== null && accountToken !== owner.accountToken) {
    throw new Conflict('This purchase belongs to another account.');
  }
  if (receipt !== undefined) claimReceipt(receipt, owner);
  if (productId !== null && productId !== purchase.productId) {
    throw new Malformed('This purchase is of another product.');
  }
}

/**
 * The number of refunded pieces as a revocation. Google never takes back a refund, so the number only
 * grows; it serves as the time in `asOf`, and of two numbers the higher one is the later.
 */
export function toRevocation(part: number, whole: number, now: Date): Revocation {
  return { part, whole, asOf: new Date(part), occurredAt: now };
}

/** Undefined when Google does not know the object: it forgets old ones, and shows new ones late. */
export async function unlessUnknown<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    return undefined;
  }
}
