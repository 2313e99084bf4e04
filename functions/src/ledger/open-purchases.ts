import { Timestamp, type DocumentReference, type Firestore } from 'firebase-admin/firestore';
import { z } from 'zod';
import { answered, grpc, grpcCode } from '../firestore';
import { storedDate } from './payment-row';
import { ledgerQueries, OPEN_PURCHASES } from './queries';

/**
 * A purchase in a store that wants to be told when we have credited it, and that we have not told
 * yet; or one that is still to be paid.
 */
export interface OpenPurchase {
  /** Of the receipt it becomes, or is. */
  readonly receiptId: string;
  readonly uid: string;
  /** What the store knows it by. */
  readonly token: string;
  readonly openedAt: Date;
  /** Tries that did not finish it. */
  readonly attempts: number;
}

const stored = z.object({
  uid: z.string(),
  purchase_token: z.string(),
  opened_at: storedDate,
  attempts: z.int(),
});

/** What is left to do in a store, kept until it is done. Written before the credit it is about. */
export class OpenPurchases {
  readonly #firestore: Firestore;
  readonly #gateway: string;

  /** @param gateway the folder's name. */
  constructor(firestore: Firestore, gateway: string) {
    this.#firestore = firestore;
    this.#gateway = gateway;
  }

  /**
   * Opening the same purchase again changes nothing.
   * @param dueAt when the schedule takes over from whoever opens it.
   */
  async open(purchase: Omit<OpenPurchase, 'attempts'>, dueAt: Date): Promise<void> {
    const document = {
      gateway: this.#gateway,
      uid: purchase.uid,
      purchase_token: purchase.token,
      opened_at: Timestamp.fromDate(purchase.openedAt),
      attempts: 0,
      due_at: Timestamp.fromDate(dueAt),
    };
    const create = this.#document(purchase.receiptId).create(document);
    await answered(create).catch((error: unknown) => {
      if (grpcCode(error) !== grpc.alreadyExists) throw error;
    });
  }

  /** Those that are due, longest due first. One that a person has broken is left out. */
  async due(now: Date, limit: number): Promise<OpenPurchase[]> {
    const at = Timestamp.fromDate(now);
    const query = ledgerQueries.dueOpenPurchases(this.#firestore, this.#gateway, at);
    const found = await answered(query.limit(limit).get());
    return found.docs.flatMap((document) => {
      const { data } = stored.safeParse(document.data());
      if (data === undefined) return [];
      const { uid, purchase_token: token, opened_at: openedAt, attempts } = data;
      const receiptId = document.id.slice(this.#gateway.length + 1);
      return [{ receiptId, uid, token, openedAt, attempts }];
    });
  }

  async postpone({ receiptId, attempts }: OpenPurchase, dueAt: Date): Promise<void> {
    const fields = { attempts: attempts + 1, due_at: Timestamp.fromDate(dueAt) };
    await answered(this.#document(receiptId).update(fields));
  }

  async close(receiptId: string): Promise<void> {
    await answered(this.#document(receiptId).delete());
  }

  #document(receiptId: string): DocumentReference {
    return this.#firestore.collection(OPEN_PURCHASES).doc(`${this.#gateway}_${receiptId}`);
  }
}
