import type { DocumentReference, Firestore } from '../firestore/client';
import { z } from 'zod';
import { Conflict, Malformed, NotFound } from '../errors';
import { UNCLAIMED_PURCHASES } from '../firestore/collections';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { createOnce, openFirestore, withDeadline } from '../firestore/firestore';
import { log } from '../log';
import { storeQueries } from './queries';
import type { ReceiptOwner } from './receipt';

const unclaimedFields = {
  gateway: ['gateway', z.string()],
  /** The receipt that the purchase will have. */
  receiptId: ['receipt_id', z.string()],
  /** The name of the buyer at the store; null when the app gave none. */
  accountToken: ['account_token', z.string().nullable()],
  /** What an app would send to claim the purchase: Google's token, or the JWS that Apple signed. */
  proof: ['proof', z.string()],
  reportedAt: ['reported_at', date],
} as const;

const unclaimedPurchase = defineDocument(unclaimedFields);

/** A purchase that its store has reported before its buyer has ever called. */
export type UnclaimedPurchase = FieldValues<typeof unclaimedFields>;

/** Purchases of one account that are read in one call. */
const MOST_AT_ONCE = 20;

/** No further purchase is taken up after this, because an app waits: the next call takes it up. */
const INLINE_CLAIMS_MS = 10_000;

/** The purchases of one store whose buyer is not known yet. All methods throw Unavailable. */
export class UnclaimedPurchases {
  readonly #firestore: Firestore;
  readonly #gateway: string;

  /** @param gateway the folder's name. */
  constructor(firestore: Firestore, gateway: string) {
    this.#firestore = firestore;
    this.#gateway = gateway;
  }

  /** Keeps a purchase until it is claimed. Keeping it again changes nothing. */
  async keep(purchase: Omit<UnclaimedPurchase, 'gateway'>): Promise<void> {
    const fields = unclaimedPurchase.encode({ ...purchase, gateway: this.#gateway });
    await createOnce(this.#document(purchase.receiptId), fields);
  }

  /** Purchases whose buyer has this account token. */
  async of(accountToken: string): Promise<UnclaimedPurchase[]> {
    const query = storeQueries.unclaimedPurchasesOf(this.#firestore, accountToken);
    const { docs } = await withDeadline(query.limit(MOST_AT_ONCE).get());
    return docs.flatMap((stored) => {
      const { data } = unclaimedPurchase.safeParse(stored.data());
      if (data === undefined) {
        log.alert('an unclaimed purchase cannot be read', {
          parked_id: stored.id,
          next_step: 'Compare the document in tn_unclaimed_purchases with the store by its id.',
        });
      }
      return data?.gateway === this.#gateway ? [data] : [];
    });
  }

  async close(receiptId: string): Promise<void> {
    await withDeadline(this.#document(receiptId).delete());
  }

  #document(receiptId: string): DocumentReference {
    return this.#firestore.collection(UNCLAIMED_PURCHASES).doc(`${this.#gateway}_${receiptId}`);
  }
}

/** The methods, without the private fields, so that a test can bring its own. */
export type UnclaimedPurchaseBook = Pick<UnclaimedPurchases, keyof UnclaimedPurchases>;

export function openUnclaimedPurchases(gateway: string): UnclaimedPurchaseBook {
  return new UnclaimedPurchases(openFirestore(), gateway);
}

/**
 * Takes up what a store has reported of a user before the user's first call. Call it after a purchase
 * of the user was taken in. Never throws, because that purchase is stored: a purchase that fails here
 * is taken up by the next call. One that can never be this user's is dropped.
 * @param settled the receipt of the purchase that the user has just sent.
 * @param credit credits one purchase, as if the app had sent it.
 */
export async function claimReported(
  book: UnclaimedPurchaseBook,
  owner: ReceiptOwner,
  settled: string,
  credit: (purchase: UnclaimedPurchase) => Promise<void>,
): Promise<void> {
  const startedMs = performance.now();
  try {
    await book.close(settled);
    for (const purchase of await book.of(owner.accountToken)) {
      if (performance.now() - startedMs > INLINE_CLAIMS_MS) return;
      if (await isTaken(purchase, credit)) await book.close(purchase.receiptId);
    }
  } catch (error) {
    log.failure(error, {});
  }
}

async function isTaken(
  purchase: UnclaimedPurchase,
  credit: (purchase: UnclaimedPurchase) => Promise<void>,
): Promise<boolean> {
  try {
    await credit(purchase);
    return true;
  } catch (error) {
    log.failure(error, { gateway: purchase.gateway, parked_id: purchase.receiptId });
    return [Conflict, Malformed, NotFound].some((one) => error instanceof one);
  }
}
