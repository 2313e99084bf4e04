import {
  FieldValue,
  Timestamp,
  type Firestore,
  type QueryDocumentSnapshot,
} from '../firestore/client';
import { UNPAID_ORDER_LIFE_MS } from '../config/limits';
import { updateEach } from '../firestore/conditional-updates';
import { openFirestore, withDeadline } from '../firestore/firestore';
import { paidAmong } from './paid';
import { orderQueries } from './queries';

const PAGE = 300;

/** Decides about orders that were placed long ago: a paid one is kept, any other one expires. */
export class OrderExpiry {
  readonly #firestore: Firestore;
  readonly #now: () => Date;
  readonly #pageSize: number;

  constructor(firestore: Firestore, now: () => Date, pageSize = PAGE) {
    this.#firestore = firestore;
    this.#now = now;
    this.#pageSize = pageSize;
  }

  /**
   * May be repeated, and may run twice at once. An order that was decided about is not read again.
   * @param until no page is begun after it.
   * @throws Unavailable when Firestore does not answer.
   */
  async run(until: Date): Promise<void> {
    while (this.#now() <= until) {
      const before = Timestamp.fromMillis(this.#now().getTime() - UNPAID_ORDER_LIFE_MS);
      const query = orderQueries.undecidedBefore(this.#firestore, before);
      const { docs } = await withDeadline(query.limit(this.#pageSize).get());
      const decided = await this.#decide(docs);
      if (docs.length < this.#pageSize || decided === 0) return;
    }
  }

  /** Returns how many were decided about; another run was faster with the others. */
  async #decide(orders: readonly QueryDocumentSnapshot[]): Promise<number> {
    const paid = await paidAmong(
      this.#firestore,
      orders.map(({ id }) => id),
    );
    const expires_at = Timestamp.fromDate(this.#now());
    const updates = orders.map(({ id, ref, updateTime }) => ({
      document: ref,
      version: updateTime,
      fields: { is_open: FieldValue.delete(), ...(!paid.has(id) && { expires_at }) },
      about: { order_id: id },
    }));
    const written = await updateEach(this.#firestore, updates);
    return written.filter((time) => time !== undefined).length;
  }
}

export function openOrderExpiry(): OrderExpiry {
  return new OrderExpiry(openFirestore(), () => new Date());
}
