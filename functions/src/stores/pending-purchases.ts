import {
  FieldValue,
  Timestamp,
  type DocumentReference,
  type Firestore,
  type QueryDocumentSnapshot,
} from '../firestore/client';
import { z } from 'zod';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { log } from '../log';
import { storeQueries } from './queries';
import { PENDING_PURCHASES } from '../firestore/collections';

const pendingFields = {
  /**
   * The end of the wait. `finish`: the purchase is paid and credited, and the store knows. `refund`:
   * the store shows all of a refund that it has announced. A purchase may wait for both, apart.
   */
  awaits: ['awaits', z.enum(['finish', 'refund'])],
  /** The receipt that the purchase has, or will have. */
  receiptId: ['receipt_id', z.string()],
  /** The user who opened the purchase, or owns it; null where no user is known. */
  uid: ['uid', z.string().nullable()],
  /** The store's key of the purchase. */
  token: ['purchase_token', z.string()],
  /** The store's order; null where the store has not named it. */
  orderId: ['order_id', z.string().nullable()],
  openedAt: ['opened_at', date],
  /** Looks that did not end the wait. */
  attempts: ['attempts', z.int()],
} as const;

const pendingPurchase = defineDocument(pendingFields);

/** A purchase that waits for one thing. */
export interface PendingPurchase extends FieldValues<typeof pendingFields> {
  /** The version that was read: a purchase that was opened anew since then stays open. */
  readonly version: Timestamp;
}

export type NewPendingPurchase = Omit<PendingPurchase, 'attempts' | 'version'>;

/** Work that is left to do at a store, kept until it is done. Written before the row it belongs to. */
export class PendingPurchases {
  readonly #firestore: Firestore;
  readonly #gateway: string;

  /** @param gateway the folder's name. */
  constructor(firestore: Firestore, gateway: string) {
    this.#firestore = firestore;
    this.#gateway = gateway;
  }

  /**
   * Opening the same purchase again changes nothing. A refund that is announced again may be another
   * refund, so the wait for it starts anew.
   * @param dueAt when the schedule takes over from the caller.
   */
  async open(purchase: NewPendingPurchase, dueAt: Date): Promise<void> {
    const document = this.#document(purchase);
    const fields = {
      ...pendingPurchase.encode({ ...purchase, attempts: 0 }),
      gateway: this.#gateway,
      due_at: Timestamp.fromDate(dueAt),
    };
    if (purchase.awaits === 'refund') await withDeadline(document.set(fields));
    else await createOnce(document, fields);
  }

  /** Purchases that are due, longest due first. One that cannot be read is reported and not due again. */
  async due(now: Date, limit: number): Promise<PendingPurchase[]> {
    const at = Timestamp.fromDate(now);
    const query = storeQueries.duePendingPurchases(this.#firestore, this.#gateway, at);
    const { docs } = await withDeadline(query.limit(limit).get());
    const purchases = docs.map(fromDocument);
    const broken = docs.filter((_, index) => purchases[index] === undefined);
    await Promise.all(broken.map((document) => this.#setAside(document.ref)));
    const readable = purchases.filter((purchase) => purchase !== undefined);
    return broken.length > 0 && readable.length === 0 ? this.due(now, limit) : readable;
  }

  async postpone({ attempts, version, ...purchase }: PendingPurchase, dueAt: Date): Promise<void> {
    const fields = { attempts: attempts + 1, due_at: Timestamp.fromDate(dueAt) };
    await tryWrite(this.#document(purchase).update(fields, { lastUpdateTime: version }));
  }

  /** @param purchase with a version: it stays open if it was opened anew since that version. */
  async close(
    purchase: Pick<PendingPurchase, 'awaits' | 'receiptId'> & { readonly version?: Timestamp },
  ): Promise<void> {
    const { version } = purchase;
    const document = this.#document(purchase);
    await tryWrite(document.delete(version && { lastUpdateTime: version }));
  }

  async #setAside(document: DocumentReference): Promise<void> {
    log.alert('an open purchase cannot be read', {
      gateway: this.#gateway,
      parked_id: document.id,
      next_step: 'Compare the document in tn_open_purchases with the store by its id.',
    });
    await tryWrite(document.update({ due_at: FieldValue.delete() }));
  }

  #document({
    awaits,
    receiptId,
  }: Pick<PendingPurchase, 'awaits' | 'receiptId'>): DocumentReference {
    const id = `${this.#gateway}_${receiptId}_${awaits}`;
    return this.#firestore.collection(PENDING_PURCHASES).doc(id);
  }
}

function fromDocument(document: QueryDocumentSnapshot): PendingPurchase | undefined {
  const { data } = pendingPurchase.safeParse(document.data());
  return data && { ...data, version: document.updateTime };
}

/** The methods, without the private fields, so that a test can bring its own. */
export type PendingPurchaseBook = Pick<PendingPurchases, keyof PendingPurchases>;

export function openPendingPurchases(gateway: string): PendingPurchaseBook {
  return new PendingPurchases(openFirestore(), gateway);
}
