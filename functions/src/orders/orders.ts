import { createHash, randomUUID } from 'node:crypto';
import {
  Timestamp,
  type DocumentReference,
  type Firestore,
  type Transaction,
} from 'firebase-admin/firestore';
import type { z } from 'zod';
import { readSettings, type Settings } from '../config/settings';
import { Conflict, Forbidden, Malformed, TooManyRequests } from '../errors';
import { answered, openFirestore } from '../firestore';
import { ledgerQueries } from '../ledger/queries';
import { once } from '../once';
import { isCustomerId } from '../sync/retail-api';
import { documentOf, ORDERS, storedOrder, type Order } from './order';
import { orderQueries } from './queries';

/** What a client asks for. */
export interface OrderRequest {
  readonly uid: string;
  readonly amountCents: number;
  readonly gateway: string;
  /** The client's `Idempotency-Key`: the same key gives the same order. */
  readonly idempotencyKey: string | undefined;
}

const HOUR_MS = 60 * 60_000;
/** Gateways keep an idempotency key for a day (Stripe: at least 24 hours); we stop before. */
const KEY_LIFE_MS = 23 * HOUR_MS;
/** A transaction is up to five round trips. */
const TRANSACTION_DEADLINE_MS = 10_000;

export class Orders {
  readonly #firestore: Firestore;
  readonly #settings: Settings;
  readonly #now: () => Date;

  constructor(firestore: Firestore, settings: Settings, now: () => Date) {
    this.#firestore = firestore;
    this.#settings = settings;
    this.#now = now;
  }

  /**
   * Writes an order, or finds the one that the same key has made before.
   * @throws Malformed when the amount is out of bounds.
   * @throws Forbidden when the Retail API could hold no balance for this uid.
   * @throws Conflict when the key was used for another amount, or too long ago.
   * @throws TooManyRequests when too many orders of this user are open.
   */
  async place(request: OrderRequest): Promise<Order> {
    this.#check(request);
    const order = this.#orderOf(request);
    const placed = this.#firestore.runTransaction(async (transaction) => {
      if (request.idempotencyKey !== undefined) {
        const known = await transaction.get(this.#document(order));
        if (known.exists) return this.#repeated(order, storedOrder.parse(known.data()));
      }
      await this.#checkRate(transaction, order.uid);
      transaction.create(this.#document(order), documentOf(order));
      return order;
    });
    return answered(placed, TRANSACTION_DEADLINE_MS);
  }

  #check({ uid, amountCents }: OrderRequest): void {
    const { min, max } = this.#settings.topUpCents;
    if (!Number.isSafeInteger(amountCents) || amountCents < min || amountCents > max) {
      throw new Malformed(`The amount must be a whole number of cents from ${min} to ${max}.`);
    }
    if (!isCustomerId(uid)) throw new Forbidden('This account cannot hold a balance.');
  }

  /** A key makes the order's id, so that a repeated request meets the order it made before. */
  #orderOf({ uid, amountCents, gateway, idempotencyKey: key }: OrderRequest): Order {
    const seed = JSON.stringify([uid, gateway, key]);
    const hash = createHash('sha256').update(seed).digest('hex').slice(0, 32);
    const orderId = key === undefined ? randomUUID().replaceAll('-', '') : hash;
    const { mode } = this.#settings;
    return { orderId, uid, amountCents, gateway, mode, createdAt: this.#now() };
  }

  #repeated(order: Order, known: z.output<typeof storedOrder>): Order {
    if (known.amountCents !== order.amountCents) {
      throw new Conflict('This Idempotency-Key was used for another amount.');
    }
    if (order.createdAt.getTime() - known.createdAt.getTime() > KEY_LIFE_MS) {
      throw new Conflict('This Idempotency-Key is too old; use a new one.');
    }
    return { ...order, ...known };
  }

  /** Counts inside the transaction, so that requests sent at once cannot slip past the limit. */
  async #checkRate(transaction: Transaction, uid: string): Promise<void> {
    const limit = this.#settings.openOrdersPerHour;
    const since = Timestamp.fromMillis(this.#now().getTime() - HOUR_MS);
    const ordered = orderQueries.ordersSince(this.#firestore, uid, since);
    if ((await transaction.get(ordered.count())).data().count < limit) return;

    const rows = await transaction.get(ledgerQueries.paymentsSince(this.#firestore, uid, since));
    const paid = new Set(rows.docs.map((row): unknown => row.get('order_id')));
    const orders = await transaction.get(ordered);
    const open = orders.docs.filter((order) => !paid.has(order.id));
    const last = open[limit - 1];
    if (last === undefined) return;
    const { createdAt } = storedOrder.parse(last.data());
    throw new TooManyRequests(
      'Too many unpaid orders; pay or wait.',
      new Date(createdAt.getTime() + HOUR_MS),
    );
  }

  #document(order: Order): DocumentReference {
    return this.#firestore.collection(ORDERS).doc(order.orderId);
  }
}

export const openOrders = once(() => {
  return new Orders(openFirestore(), readSettings(), () => new Date());
});
