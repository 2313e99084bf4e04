import {
  FieldValue,
  Timestamp,
  type DocumentData,
  type DocumentReference,
  type Firestore,
  type QueryDocumentSnapshot,
} from 'firebase-admin/firestore';
import { z } from 'zod';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { log } from '../log';
import { storeQueries } from './queries';
import { storedDate } from '../firestore/stored-date';
import { PENDING_PURCHASES } from '../firestore/collections';

/**
 * What a purchase in a store waits for. `finish`: to be paid, credited, and the store to be told so.
 * `refund`: the store to show all of a refund that it has announced.
 */
export type Awaited = 'finish' | 'refund';

/** A purchase that waits; for either thing on its own. */
export interface PendingPurchase {
  readonly awaits: Awaited;
  /** Of the receipt it becomes, or is. */
  readonly receiptId: string;
  /** Who has opened it, or has it; null where nobody is known. */
  readonly uid: string | null;
  /** What the store knows it by. */
  readonly token: string;
  /** The store's order, as far as it was told. */
  readonly orderId: string | null;
  readonly openedAt: Date;
  /** Looks that did not end the waiting. */
  readonly attempts: number;
  /** The version that was read: what is opened anew in the meantime stays open. */
  readonly version: Timestamp;
}

export type NewPendingPurchase = Omit<PendingPurchase, 'attempts' | 'version'>;

const stored = z.object({
  awaits: z.enum(['finish', 'refund']),
  receipt_id: z.string(),
  uid: z.string().nullable(),
  purchase_token: z.string(),
  order_id: z.string().nullable(),
  opened_at: storedDate,
  attempts: z.int(),
});

/** What is left to do in a store, kept until it is done. Written before the row it is about. */
export class PendingPurchases {
  readonly #firestore: Firestore;
  readonly #gateway: string;

  /** @param gateway the folder's name. */
  constructor(firestore: Firestore, gateway: string) {
    this.#firestore = firestore;
    this.#gateway = gateway;
  }

  /**
   * Opening the same purchase again changes nothing; but a refund that is announced again may be
   * another one, and is waited for anew.
   * @param dueAt when the schedule takes over from whoever opens it.
   */
  async open(purchase: NewPendingPurchase, dueAt: Date): Promise<void> {
    const document = this.#document(purchase);
    const fields = this.#fieldsOf(purchase, dueAt);
    if (purchase.awaits === 'refund') await withDeadline(document.set(fields));
    else await createOnce(document, fields);
  }

  /** Those that are due, longest due first. One that a person has broken is left to a person. */
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

  /** @param purchase with its version, it is closed only if it was not opened anew since. */
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
    });
    await tryWrite(document.update({ due_at: FieldValue.delete() }));
  }

  #fieldsOf(purchase: NewPendingPurchase, dueAt: Date): DocumentData {
    return {
      gateway: this.#gateway,
      awaits: purchase.awaits,
      receipt_id: purchase.receiptId,
      uid: purchase.uid,
      purchase_token: purchase.token,
      order_id: purchase.orderId,
      opened_at: Timestamp.fromDate(purchase.openedAt),
      attempts: 0,
      due_at: Timestamp.fromDate(dueAt),
    };
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
  const { data } = stored.safeParse(document.data());
  if (data === undefined) return undefined;
  return {
    awaits: data.awaits,
    receiptId: data.receipt_id,
    uid: data.uid,
    token: data.purchase_token,
    orderId: data.order_id,
    openedAt: data.opened_at,
    attempts: data.attempts,
    version: document.updateTime,
  };
}

/** What a gateway uses of the open purchases. */
export type PendingPurchaseBook = Pick<PendingPurchases, keyof PendingPurchases>;

export function openPendingPurchases(gateway: string): PendingPurchaseBook {
  return new PendingPurchases(openFirestore(), gateway);
}
