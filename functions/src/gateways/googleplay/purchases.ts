import { createHash } from 'node:crypto';
import { PURCHASE_LEASE_MS } from '../../config/limits';
import type { PaymentsMode } from '../../config/settings';
import { Conflict, Malformed, NotFound } from '../../errors';
import type { PendingPurchaseBook } from '../../stores/pending-purchases';
import {
  claimReceipt,
  type Receipt,
  type ReceiptOwner,
  type Revocation,
} from '../../stores/receipt';
import type { ReceiptBook } from '../../stores/receipts';
import type { Catalogue } from '../../stores/catalogue';
import { mayUseSandbox } from '../../stores/reviewers';
import type { Purchase } from './objects';
import type { PlayApi } from './play-api';
import { stageOf } from './stage';
import type { Movement } from '../../movement';

/** Who says that a purchase is theirs, and what they say they bought; null: they do not say. */
export interface Claim {
  readonly owner: ReceiptOwner;
  readonly productId: string | null;
}

/** What stands behind a purchase. */
export interface PurchaseParts {
  readonly mode: PaymentsMode;
  readonly play: Pick<PlayApi, 'purchase' | 'order' | 'consume'>;
  readonly receipts: ReceiptBook;
  readonly open: Pick<PendingPurchaseBook, 'open' | 'close'>;
  readonly catalogue: Pick<Catalogue, 'creditCents'>;
  readonly now: () => Date;
}

/** A purchase as it is after we did our part, and all the money it has moved. */
export interface Settled {
  readonly purchase: Purchase;
  readonly standing: Standing;
  readonly movements: readonly Movement[];
}

/**
 * - `credited`: all of it, or what was not refunded.
 * - `pending`: not decided yet; it is asked for again.
 * - `unpaid`: nothing was to be paid for it, so nothing is credited.
 * - `refunded`: nothing of it is left, or nobody ever paid.
 * - `barred`: of a kind that credits nothing on this deployment.
 * - `unclaimed`: nobody has said yet whose it is.
 */
export type Standing = 'credited' | 'pending' | 'unpaid' | 'refunded' | 'barred' | 'unclaimed';

/**
 * The one routine behind every notification, the app's call and the schedule: reads the purchase as
 * it is now and says everything it has moved. So it does not matter who asks first, how often, or
 * in which order.
 */
export class Purchases {
  readonly #parts: PurchaseParts;

  constructor(parts: PurchaseParts) {
    this.#parts = parts;
  }

  /**
   * @param claim left out, the purchase is whose it is known to be.
   * @throws Conflict when it is another user's or may not credit here, Malformed when it is another
   *   product's, NotFound when Google does not know it, Unusable when nothing can be made of it.
   */
  async settle(token: string, claim?: Claim): Promise<Settled> {
    const purchase = await this.#parts.play.purchase(token);
    return this.settleRead(token, purchase, claim);
  }

  /**
   * Tells Google that a purchase is delivered, once what it moved is stored: after that it is not
   * refunded for our silence, and the product can be bought again.
   */
  async finish(token: string, { purchase, standing }: Settled): Promise<void> {
    const { play, open } = this.#parts;
    const { productId, isConsumed } = purchase;
    const isDelivered = standing === 'credited' || standing === 'unpaid';
    if (isDelivered && !isConsumed) {
      await play.consume(productId, token).catch(async (error: unknown) => {
        if (!(await play.purchase(token)).isConsumed) throw error;
      });
    }
    await open.close({ awaits: 'finish', receiptId: receiptIdOf(token) });
  }

  /** `settle` for a purchase that was just read. */
  async settleRead(token: string, purchase: Purchase, claim?: Claim): Promise<Settled> {
    const { receipts } = this.#parts;
    const receipt = await receipts.find(receiptIdOf(token));
    if (claim !== undefined) check(claim, purchase, receipt);
    const { state, quantity, voidedQuantity } = purchase;
    if (state === 'cancelled' || voidedQuantity === quantity) {
      const { movements } = await this.#revoke(token, quantity, quantity);
      return { purchase, standing: 'refunded', movements };
    }
    const before = await this.#creditedOf(token, purchase, receipt, claim);
    if (voidedQuantity === 0) return { purchase, ...before };
    const { movements } = await this.#revoke(token, voidedQuantity, quantity);
    return { purchase, standing: before.standing, movements };
  }

  /** What the purchase was credited with, as if nothing of it had been refunded. */
  async #creditedOf(
    token: string,
    purchase: Purchase,
    receipt: Receipt | undefined,
    claim: Claim | undefined,
  ): Promise<Omit<Settled, 'purchase'>> {
    const credited = receipt?.movements ?? [];
    if (credited.length > 0) return { standing: standingOf(credited), movements: credited };
    const cents = this.#parts.catalogue.creditCents(purchase.productId, purchase.quantity);
    const owner = claim?.owner ?? receipt?.owner ?? (await this.#buyerOf(purchase));
    if (owner === undefined) return { standing: 'unclaimed', movements: [] };
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
  ): Promise<Omit<Settled, 'purchase'>> {
    const { mode, play, receipts, now } = this.#parts;
    const { orderId, productId, quantity, isTest, completedAt } = purchase;
    const stage = await stageOf(token, purchase, play);
    if (stage === 'refunded') {
      // Another report may have credited it since.
      const { movements } = await this.#revoke(token, quantity, quantity);
      return { standing: stage, movements };
    }
    if (stage === 'unpaid') return { standing: stage, movements: [] };
    const receiptId = receiptIdOf(token);
    await this.#open(token, orderId, owner.uid);
    if (stage === 'pending' || orderId === null) {
      await receipts.claim(receiptId, owner);
      return { standing: 'pending', movements: [] };
    }
    const { movements } = await receipts.credit(receiptId, {
      owner,
      productId,
      quantity,
      movementId: orderId,
      amountCents,
      mode: isTest ? 'test' : mode,
      occurredAt: completedAt ?? now(),
    });
    return { standing: standingOf(movements), movements };
  }

  /** Before the credit, so that none is forgotten: see `schedule.ts`. */
  async #open(token: string, orderId: string | null, uid: string): Promise<void> {
    const openedAt = this.#parts.now();
    const dueAt = new Date(openedAt.getTime() + PURCHASE_LEASE_MS);
    const receiptId = receiptIdOf(token);
    const purchase = { awaits: 'finish', receiptId, uid, token, orderId, openedAt } as const;
    await this.#parts.open.open(purchase, dueAt);
  }

  #revoke(token: string, part: number, whole: number): Promise<Receipt> {
    const { receipts, now } = this.#parts;
    return receipts.revoke(receiptIdOf(token), revocationOf(part, whole, now()));
  }

  /** A licensed tester pays nothing, on whatever deployment; money that was paid is live money. */
  #mayCredit({ isTest }: Purchase, { uid }: ReceiptOwner): boolean {
    const { mode } = this.#parts;
    return isTest ? mayUseSandbox(uid, mode) : mode === 'live';
  }

  /** The user whom the app named when it bought, if they have claimed something before. */
  async #buyerOf({ accountToken }: Purchase): Promise<ReceiptOwner | undefined> {
    if (accountToken === null) return undefined;
    const uid = await this.#parts.receipts.uidOf(accountToken);
    return uid === undefined ? undefined : { uid, accountToken };
  }
}

/** A token is too long for the id of a document, and is nobody's to read there. */
export function receiptIdOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function check({ owner, productId }: Claim, purchase: Purchase, receipt?: Receipt): void {
  const { accountToken } = purchase;
  if (accountToken !== null && accountToken !== owner.accountToken) {
    throw new Conflict('This purchase belongs to another account.');
  }
  if (receipt !== undefined) claimReceipt(receipt, owner);
  if (productId !== null && productId !== purchase.productId) {
    throw new Malformed('This purchase is of another product.');
  }
}

function standingOf(movements: readonly Movement[]): Standing {
  const cents = movements.reduce((sum, { amountCents }) => sum + amountCents, 0);
  return cents > 0 ? 'credited' : 'refunded';
}

/**
 * Google never takes back a refund, so its count of them is their order in time: of two counts the
 * higher one is the later, whichever we read first.
 */
export function revocationOf(part: number, whole: number, now: Date): Revocation {
  return { part, whole, asOf: new Date(part), occurredAt: now };
}

/** Undefined for what Google does not know: it forgets old purchases, and knows new ones late. */
export async function unlessUnknown<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    return undefined;
  }
}
