import {
  FieldValue,
  Timestamp,
  type DocumentReference,
  type Firestore,
  type QueryDocumentSnapshot,
} from '../firestore/client';
import { HANDOVER_MS, OPEN_ORDER_MS } from '../config/limits';
import { ORDERS } from '../firestore/collections';
import { tryWrite, withDeadline } from '../firestore/firestore';
import { fromDocument, type Order } from './order';
import { paidAmong } from './paid';
import { orderQueries } from './queries';

/** An order has one row, and rarely a few more. */
const ROWS_PER_ORDER = 1.5;

/**
 * The orders that count against their user: placed within the hour, not paid, and either known to
 * their gateway or on the way there. An order that fails on its way is closed by `Orders`. Paid ones,
 * and those whose process died on the way, are closed here when they are in the way of another.
 */
export class OpenOrders {
  readonly #firestore: Firestore;
  readonly #limit: number;
  readonly #now: () => Date;

  /** @param limit of open orders of one user. */
  constructor(firestore: Firestore, limit: number, now: () => Date) {
    this.#firestore = firestore;
    this.#limit = limit;
    this.#now = now;
  }

  /**
   * Whether too many other orders are open. A new order has those before it against it: Firestore's
   * clock puts the orders in sequence, so requests that are sent at once cannot pass together. An
   * order that is opened again has all others against it, because its place in the sequence is old.
   * The reads are bounded by the limit, however many orders there are: at 20, they are 53.
   * @param order written as open.
   * @returns when one of the others leaves; undefined when there is room.
   * @throws Unavailable when Firestore does not answer.
   */
  async fullUntil({ uid, orderId, isAdmitted }: Order): Promise<Date | undefined> {
    const now = this.#now().getTime();
    const open = orderQueries.openOrdersSince(
      this.#firestore,
      uid,
      Timestamp.fromMillis(now - OPEN_ORDER_MS),
    );
    const countOf = (query: typeof open) => withDeadline(query.count());
    if ((await countOf(open)) <= this.#limit) return undefined;

    const isReopened = isAdmitted === true;
    const own = await withDeadline(this.#firestore.collection(ORDERS).doc(orderId).get());
    const others = isReopened || !own.exists ? open : open.startAfter(own);
    // One more, because the order itself may be among them.
    const page = await withDeadline(others.limit(this.#limit + (isReopened ? 1 : 0)).get());
    const docs = page.docs.filter(({ id }) => id !== orderId);
    const closable = await this.#findClosable(docs, now);
    const oldest = docs.filter(({ id }) => !closable.has(id)).at(-1);
    const leavesAt = new Date((oldest ? createdAtOf(oldest) : now) + OPEN_ORDER_MS);
    if (docs.length - closable.size >= this.#limit) return leavesAt;

    const closing = docs.flatMap(({ id, ref, updateTime }) => {
      const isPaid = closable.get(id);
      return isPaid === undefined ? [] : [close(ref, updateTime, { isPaid })];
    });
    await Promise.all(closing);
    if (docs.length < this.#limit) return undefined;
    // There may be others behind the page.
    const left = (await countOf(others)) - (isReopened ? 1 : 0);
    return left < this.#limit ? undefined : leavesAt;
  }

  /** Those that are paid, and those that no gateway has answered for; each with whether it is paid. */
  async #findClosable(
    docs: readonly QueryDocumentSnapshot[],
    now: number,
  ): Promise<Map<string, boolean>> {
    const ids = docs.map(({ id }) => id);
    const paid = await paidAmong(this.#firestore, ids, ROWS_PER_ORDER);
    const isLost = (one: QueryDocumentSnapshot) =>
      one.get('gateway_ref') === undefined && createdAtOf(one) < now - HANDOVER_MS;
    const closable = new Map<string, boolean>();
    for (const one of docs) {
      if (paid.has(one.id)) closable.set(one.id, true);
      else if (isLost(one)) closable.set(one.id, false);
    }
    return closable;
  }
}

/**
 * Lets an order count no longer.
 * @param version nothing is done when the order has changed since then.
 * @param isPaid an order that is not may still be paid, as its gateway may have heard of it:
 *   `OrderExpiry` decides about it.
 */
export function close(
  document: DocumentReference,
  version: Timestamp,
  { isPaid }: { readonly isPaid: boolean },
): Promise<boolean> {
  const fields = { is_open: isPaid ? FieldValue.delete() : false };
  return tryWrite(document.update(fields, { lastUpdateTime: version }));
}

function createdAtOf(document: QueryDocumentSnapshot): number {
  return fromDocument(document.data()).createdAt.getTime();
}
