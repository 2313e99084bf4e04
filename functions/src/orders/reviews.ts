import { Timestamp, type Firestore } from '../firestore/client';
import { REVIEW_LIFE_MS } from '../config/limits';
import { createOnce, openFirestore, withDeadline } from '../firestore/firestore';
import { anyIds, isOrderId } from './order';
import type { Review } from '../movement';
import { REVIEWS } from '../firestore/collections';

/**
 * Orders whose money a gateway holds for a manual check. Read only for an order without a payment
 * row: rows count more, and the document of a review that ended with a payment stays until Firestore removes
 * it.
 */
export class Reviews {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Notes that a review was opened, or was closed without a payment. Repeating it changes nothing.
   * @throws Unavailable when Firestore does not answer.
   */
  async note({ review, orderId, uid }: Review, gateway: string, now: Date): Promise<void> {
    // A person may have edited the order id at the gateway.
    if (!isOrderId(orderId, anyIds)) return;
    const document = this.#firestore.collection(REVIEWS).doc(orderId);
    if (review === 'closed') {
      await withDeadline(document.delete());
      return;
    }
    const openedAt = Timestamp.fromDate(now);
    const expiresAt = Timestamp.fromMillis(now.getTime() + REVIEW_LIFE_MS);
    const fields = { order_id: orderId, uid, gateway, opened_at: openedAt, expires_at: expiresAt };
    await createOnce(document, fields);
  }

  /** @throws Unavailable when Firestore does not answer. */
  async isOpen(orderId: string): Promise<boolean> {
    return (await withDeadline(this.#firestore.collection(REVIEWS).doc(orderId).get())).exists;
  }
}

export function openReviews(): Reviews {
  return new Reviews(openFirestore());
}
