import { Timestamp, type Firestore, type Query } from '../firestore/client';
import { ORDERS, REVIEWS } from '../firestore/collections';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { anyIds, isOrderId, tryFromDocument, type Order } from './order';
import { orderQueries } from './queries';

const EVER = Timestamp.fromMillis(0);

/**
 * Orders, looked up for the staff. One that a person has made unreadable is left out, so that it hides
 * nothing else. Every method throws Unavailable when Firestore does not answer.
 */
export class OrderLookup {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /** The order with this id, which may be any text. */
  async withId(orderId: string): Promise<Order | undefined> {
    if (!isOrderId(orderId, anyIds)) return undefined;
    const stored = await withDeadline(this.#firestore.collection(ORDERS).doc(orderId).get());
    return tryFromDocument(stored.data());
  }

  /** Orders that are bound to a gateway's object. */
  boundTo(ref: string, limit: number): Promise<Order[]> {
    return this.#read(orderQueries.ordersBoundTo(this.#firestore, ref).limit(limit));
  }

  /** The newest orders of a user. */
  of(uid: string, limit: number): Promise<Order[]> {
    return this.#read(orderQueries.ordersSince(this.#firestore, uid, EVER).limit(limit));
  }

  /** The newest orders over an amount that were placed in a span of time. */
  ofAmount(cents: number, since: Date, until: Date, limit: number): Promise<Order[]> {
    const span = [Timestamp.fromDate(since), Timestamp.fromDate(until)] as const;
    return this.#read(orderQueries.ordersOfAmount(this.#firestore, cents, ...span).limit(limit));
  }

  /** When a gateway began to hold the order's money for a check; undefined where it does not. */
  async reviewOf(orderId: string): Promise<Date | undefined> {
    const stored = await withDeadline(this.#firestore.collection(REVIEWS).doc(orderId).get());
    const openedAt: unknown = stored.get('opened_at');
    return openedAt instanceof Timestamp ? openedAt.toDate() : undefined;
  }

  async #read(query: Query): Promise<Order[]> {
    return (await withDeadline(query.get())).docs.flatMap(
      (stored) => tryFromDocument(stored.data()) ?? [],
    );
  }
}

export function openOrderLookup(): OrderLookup {
  return new OrderLookup(openFirestore());
}
