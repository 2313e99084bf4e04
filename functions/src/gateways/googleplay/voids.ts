import { PURCHASE_LEASE_MS } from '../../config/limits';
import { isRevokedWhole, type Receipt } from '../../stores/receipt';
import {
  receiptIdOf,
  revocationOf,
  unlessUnknown,
  type PurchaseParts,
  type Purchases,
} from './purchases';
import { isRefunded } from './stage';
import type { Movement } from '../../movement';

/** A refund, as Google announces it or lists it. */
export interface Void {
  readonly token: string;
  /** For when Google has forgotten the purchase. */
  readonly orderId: string | null;
  /** All of the purchase is refunded, by Google's own list: nothing else needs to show it. */
  readonly isWhole?: boolean;
}

/** What is to be seen of a refund, and all the money that its purchase has moved. */
export interface Seen {
  readonly shown: 'whole' | 'part' | 'nothing';
  readonly movements: readonly Movement[];
}

/**
 * The one routine behind every word of a refund: the announcement, the schedule that goes on
 * looking for it, and the daily list.
 */
export class Voids {
  readonly #parts: PurchaseParts;
  readonly #purchases: Purchases;

  constructor(parts: PurchaseParts, purchases: Purchases) {
    this.#parts = parts;
    this.#purchases = purchases;
  }

  /**
   * Takes in a refund that Google announces. What its API shows may lag behind, and of two parts
   * that are announced together one may show first: until all of the purchase is refunded, the
   * schedule goes on looking. That is written down before Google is asked.
   * @throws as `Purchases.settle`, but NotFound.
   */
  async announced(given: Void): Promise<readonly Movement[]> {
    const { open, receipts, now } = this.#parts;
    const { token, orderId } = given;
    const receiptId = receiptIdOf(token);
    const known = await receipts.find(receiptId);
    if (known !== undefined && isRevokedWhole(known)) return known.movements;
    const openedAt = now();
    const wait = { awaits: 'refund', receiptId, uid: known?.owner?.uid ?? null } as const;
    const dueAt = new Date(openedAt.getTime() + PURCHASE_LEASE_MS);
    await open.open({ ...wait, token, orderId, openedAt }, dueAt);
    const { shown, movements } = await this.#look(given, known);
    if (shown === 'whole') await open.close(wait);
    return movements;
  }

  /** Looks for a refund, and takes in what there is to be seen of it. Throws as `announced`. */
  async look(given: Void): Promise<Seen> {
    const known = await this.#parts.receipts.find(receiptIdOf(given.token));
    if (known !== undefined && isRevokedWhole(known)) {
      return { shown: 'whole', movements: known.movements };
    }
    return this.#look(given, known);
  }

  async #look({ token, orderId, isWhole }: Void, known: Receipt | undefined): Promise<Seen> {
    const { play } = this.#parts;
    if (isWhole === true) return this.#revokeWhole(token, quantityOf(known));
    const purchase = await unlessUnknown(play.purchase(token));
    if (purchase !== undefined && purchase.voidedQuantity > 0) {
      const { movements } = await this.#purchases.settleRead(token, purchase);
      return { shown: purchase.voidedQuantity < purchase.quantity ? 'part' : 'whole', movements };
    }
    if (await this.#isOrderRefunded(token, purchase?.orderId ?? orderId)) {
      return this.#revokeWhole(token, purchase?.quantity ?? quantityOf(known));
    }
    return { shown: 'nothing', movements: [] };
  }

  async #isOrderRefunded(token: string, orderId: string | null): Promise<boolean> {
    if (orderId === null) return false;
    const order = await unlessUnknown(this.#parts.play.order(orderId));
    return order?.purchaseToken === token && isRefunded(order);
  }

  async #revokeWhole(token: string, quantity: number): Promise<Seen> {
    const { receipts, now } = this.#parts;
    const revocation = revocationOf(quantity, quantity, now());
    const { movements } = await receipts.revoke(receiptIdOf(token), revocation);
    return { shown: 'whole', movements };
  }
}

/** Of a purchase that Google shows no longer, as far as we know. */
function quantityOf(known: Receipt | undefined): number {
  return known?.product?.quantity ?? known?.revocation?.whole ?? 1;
}
