import { PURCHASE_LEASE_MS } from '../../config/limits';
import { isRevokedWhole, type Receipt } from '../../stores/receipt';
import {
  receiptIdOf,
  toRevocation,
  unlessUnknown,
  type PurchasesDeps,
  type Purchases,
} from './purchases';
import type { Purchase } from './objects';
import { isRefunded } from './stage';
import type { Movement } from '../../movement';

/** A refund that Google announces or lists. */
export interface Void {
  readonly token: string;
  /** Leads to the order when Google has forgotten the purchase. */
  readonly googleOrderId: string | null;
  /** Google's list says that all of the purchase is refunded. No further proof is needed. */
  readonly isWhole?: boolean;
}

/** How much of a refund Google shows, and all the money that its purchase has moved. */
export interface SyncedVoid {
  readonly shown: 'whole' | 'part' | 'nothing';
  readonly movements: readonly Movement[];
}

/**
 * The one routine behind every report of a refund: the announcement, the schedule that goes on
 * looking, Google's list, and an inquiry.
 */
export class Voids {
  readonly #deps: PurchasesDeps;
  readonly #purchases: Purchases;

  constructor(deps: PurchasesDeps, purchases: Purchases) {
    this.#deps = deps;
    this.#purchases = purchases;
  }

  /**
   * Takes in a refund that Google announces. Google's API may lag behind, and may show one of two
   * announced parts first. So the schedule goes on looking until all of the purchase is refunded.
   * The pending purchase that makes it look is stored before Google is asked.
   * @throws as `Purchases.syncPurchase`, but never NotFound.
   */
  async handleAnnouncement(given: Void): Promise<readonly Movement[]> {
    const { pending, receipts, now } = this.#deps;
    const { token, googleOrderId } = given;
    const receiptId = receiptIdOf(token);
    const known = await receipts.find(receiptId);
    if (known !== undefined && isRevokedWhole(known)) return known.movements;
    const openedAt = now();
    const wait = { awaits: 'refund', receiptId, uid: known?.owner?.uid ?? null } as const;
    const dueAt = new Date(openedAt.getTime() + PURCHASE_LEASE_MS);
    await pending.open({ ...wait, token, orderId: googleOrderId, openedAt }, dueAt);
    const { shown, movements } = await this.#sync(given, known);
    if (shown === 'whole') await pending.close(wait);
    return movements;
  }

  /**
   * All that the purchase has moved, as Google shows it now: its refunds, and its credit, which is made
   * when there is none. Throws as the announcement.
   */
  async syncAll(given: Void): Promise<readonly Movement[]> {
    const known = await this.#deps.receipts.find(receiptIdOf(given.token));
    if (known !== undefined && isRevokedWhole(known)) return known.movements;
    const { shown, movements, purchase } = await this.#sync(given, known);
    if (shown !== 'nothing') return movements;
    if (purchase === undefined) return known?.movements ?? [];
    return (await this.#purchases.applyPurchase(given.token, purchase)).movements;
  }

  /** Looks for a refund, and takes in the part that Google shows. Throws as the announcement. */
  async syncVoid(given: Void): Promise<SyncedVoid> {
    const known = await this.#deps.receipts.find(receiptIdOf(given.token));
    if (known !== undefined && isRevokedWhole(known)) {
      return { shown: 'whole', movements: known.movements };
    }
    return this.#sync(given, known);
  }

  async #sync(
    { token, googleOrderId, isWhole }: Void,
    known: Receipt | undefined,
  ): Promise<SyncedVoid & { readonly purchase?: Purchase | undefined }> {
    const { api } = this.#deps;
    if (isWhole === true) return this.#revokeWhole(token, quantityOf(known));
    const purchase = await unlessUnknown(api.readPurchase(token));
    if (purchase !== undefined && this.#purchases.isOfEarlierBackend(purchase, known)) {
      // Its refunds are the earlier backend's, too: there is nothing to wait for.
      return { shown: 'whole', movements: [] };
    }
    if (purchase !== undefined && purchase.voidedQuantity > 0) {
      const { movements } = await this.#purchases.applyPurchase(token, purchase);
      return { shown: purchase.voidedQuantity < purchase.quantity ? 'part' : 'whole', movements };
    }
    if (await this.#isOrderRefunded(token, purchase?.googleOrderId ?? googleOrderId)) {
      return this.#revokeWhole(token, purchase?.quantity ?? quantityOf(known));
    }
    return { shown: 'nothing', movements: [], purchase };
  }

  async #isOrderRefunded(token: string, googleOrderId: string | null): Promise<boolean> {
    if (googleOrderId === null) return false;
    const order = await unlessUnknown(this.#deps.api.readOrder(googleOrderId));
    return order?.purchaseToken === token && isRefunded(order);
  }

  async #revokeWhole(token: string, quantity: number): Promise<SyncedVoid> {
    const { receipts, now } = this.#deps;
    const revocation = toRevocation(quantity, quantity, now());
    const { movements } = await receipts.revoke(receiptIdOf(token), revocation);
    return { shown: 'whole', movements };
  }
}

/** The quantity that our receipt knows. Google no longer shows the purchase. */
function quantityOf(known: Receipt | undefined): number {
  return known?.product?.quantity ?? known?.revocation?.whole ?? 1;
}
