import { Timestamp, type Firestore } from 'firebase-admin/firestore';
import { createOnce, openFirestore, withDeadline } from '../firestore/firestore';
import { anyIds, isOrderId } from './order';
import type { Review } from '../movement';
import { REVIEWS } from '../firestore/collections';

/**
 * What gateways hold back. Only an app that asks for an order without a payment looks here: the
 * rows win over it, and a review that ended with the money leaves its document behind.
 */
export class Reviews {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Writes down that a review was opened, or has ended without the money; again changes nothing.
   * @throws Unavailable when Firestore does not answer.
   */
  async note({ review, orderId, uid }: Review, gateway: string, now: Date): Promise<void> {
    // A gateway may carry an order id that a person has edited there.
    if (!isOrderId(orderId, anyIds)) return;
    const document = this.#firestore.collection(REVIEWS).doc(orderId);
    if (review === 'closed') {
      await withDeadline(document.delete());
      return;
    }
    const openedAt = Timestamp.fromDate(now);
    await createOnce(document, { order_id: orderId, uid, gateway, opened_at: openedAt });
  }

  /** @throws Unavailable when Firestore does not answer. */
  async isOpen(orderId: string): Promise<boolean> {
    return (await withDeadline(this.#firestore.collection(REVIEWS).doc(orderId).get())).exists;
  }
}

export function openReviews(): Reviews {
  return new Reviews(openFirestore());
}
