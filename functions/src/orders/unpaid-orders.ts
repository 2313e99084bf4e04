import {
  FieldValue,
  Timestamp,
  type DocumentData,
  type Firestore,
  type QueryDocumentSnapshot,
} from '../firestore/client';
import { ORDERS } from '../firestore/collections';
import { openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { log } from '../log';
import { QUESTIONS, questionAfter } from '../schedule/questions';
import { tryFromDocument, type Order } from './order';
import { paidAmong } from './paid';
import { orderQueries } from './queries';

/** An order that its gateway is asked about, under the version that was read. */
export interface UnpaidOrder {
  readonly order: Order;
  readonly version: Timestamp;
}

/** The orders that were brought to a gateway and have no payment: see `Orders.bind`. */
export class UnpaidOrders {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /**
   * Orders that are due for a question and have no row, longest due first. Those that have one are
   * asked about no more, nor are those that a person has made unreadable: these are told.
   * @returns also whether there may be more.
   * @throws Unavailable when Firestore does not answer.
   */
  async due(
    gateway: string,
    now: Date,
    limit: number,
  ): Promise<{ readonly unpaid: readonly UnpaidOrder[]; readonly isLast: boolean }> {
    const query = orderQueries.ordersToAsk(this.#firestore, gateway, Timestamp.fromDate(now));
    const { docs } = await withDeadline(query.limit(limit).get());
    if (docs.length === 0) return { unpaid: [], isLast: true };
    const ids = docs.map(({ id }) => id);
    const paid = await paidAmong(this.#firestore, ids);
    const orders = docs.flatMap((stored) => toUnpaidOrder(stored) ?? []);
    await this.#leave(docs.filter((stored) => toUnpaidOrder(stored) === undefined));
    const isDone = ({ order }: UnpaidOrder) => paid.has(order.orderId) && !order.isInBooking;
    await Promise.all(orders.filter(isDone).map((one) => this.close(one)));
    const unpaid = orders.filter((one) => !isDone(one));
    return { unpaid, isLast: docs.length < limit };
  }

  /**
   * Notes that several rows are about to be written: a run that dies between them is repeated, though
   * the order has a row by then. Undefined when another run was faster.
   */
  async startBooking(one: UnpaidOrder): Promise<UnpaidOrder | undefined> {
    const version = await this.#update(one, { is_in_booking: true });
    return version && { order: { ...one.order, isInBooking: true }, version };
  }

  /** Ends the questions: the order is paid, and all that it moved is booked. */
  async close(one: UnpaidOrder): Promise<void> {
    await this.#update(one, { ask_at: FieldValue.delete(), is_in_booking: FieldValue.delete() });
  }

  /**
   * The gateway knows of no payment. After the last question the order is closed: see `isClosed`.
   * @param isInDoubt the gateway told something that cannot be booked, which may be the payment: the
   *   questions end, and the order is not closed.
   */
  async markUnpaid(one: UnpaidOrder, now: Date, isInDoubt = false): Promise<void> {
    const timesAsked = (one.order.timesAsked ?? 0) + 1;
    const isLast = timesAsked >= QUESTIONS;
    await this.#update(one, {
      times_asked: isLast && isInDoubt ? QUESTIONS - 1 : timesAsked,
      ask_at: isLast ? FieldValue.delete() : Timestamp.fromDate(questionAfter(timesAsked, now)),
    });
  }

  /** Ends the questions without an answer. The order is not closed. */
  async giveUp(one: UnpaidOrder): Promise<void> {
    await this.#update(one, { ask_at: FieldValue.delete() });
  }

  /** The gateway did not answer: the same question comes again after the others. */
  async postpone(one: UnpaidOrder, askAt: Date): Promise<void> {
    await this.#update(one, { ask_at: Timestamp.fromDate(askAt) });
  }

  /** An order that cannot be read must not stand in the way of the others. */
  async #leave(orders: readonly QueryDocumentSnapshot[]): Promise<void> {
    for (const { id, ref, updateTime } of orders) {
      // Alerted first: after the write, the order is found no more.
      log.alert('an order cannot be read: its gateway is not asked about it', {
        order_id: id,
        next_step: 'npm run ops -- recheck <order_id>',
      });
      const fields = { ask_at: FieldValue.delete() };
      await tryWrite(ref.update(fields, { lastUpdateTime: updateTime }));
    }
  }

  /** Undefined for an order that has changed since it was read: it is asked about again. */
  async #update(
    { order, version }: UnpaidOrder,
    fields: DocumentData,
  ): Promise<Timestamp | undefined> {
    const document = this.#firestore.collection(ORDERS).doc(order.orderId);
    let written: Timestamp | undefined;
    const update = document.update(fields, { lastUpdateTime: version });
    await tryWrite(update.then(({ writeTime }) => (written = writeTime)));
    return written;
  }
}

function toUnpaidOrder(stored: QueryDocumentSnapshot): UnpaidOrder | undefined {
  const order = tryFromDocument(stored.data());
  return order && { order, version: stored.updateTime };
}

/** Whether the gateway has said to the end that the order is unpaid. A late payment is still booked. */
export function isClosed({ timesAsked = 0 }: Order): boolean {
  return timesAsked >= QUESTIONS;
}

export function openUnpaidOrders(): UnpaidOrders {
  return new UnpaidOrders(openFirestore());
}
