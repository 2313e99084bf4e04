import { createHash, randomBytes } from 'node:crypto';
import { Timestamp, type DocumentReference, type Firestore } from 'firebase-admin/firestore';
import { IDEMPOTENCY_KEY_LIFE_MS, MINUTE_MS, OPEN_ORDER_MS } from '../config/limits';
import { readSettings, type Settings } from '../config/settings';
import { Conflict, Malformed, TooManyRequests, Unavailable } from '../errors';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { ledgerQueries } from '../ledger/queries';
import { once } from '../once';
import {
  fromDocument,
  isOrderId,
  ordinaryIds,
  toDocument,
  type Order,
  type OrderIdForm,
} from './order';
import { orderQueries } from './queries';
import { expectCustomerId } from '../ids';
import { ORDERS } from '../firestore/collections';

/** The order that a client asks for. */
export interface OrderRequest {
  readonly uid: string;
  readonly amountCents: number;
  readonly gateway: string;
  /** The client's `Idempotency-Key`: the same key gives the same order. */
  readonly idempotencyKey: string | undefined;
  /** For a gateway that does not accept ordinary ids. */
  readonly ids?: OrderIdForm;
}

/** Firestore's client repeats a create whose answer was lost for less than this. */
const JUST_NOW_MS = MINUTE_MS;

/** For a repeated request whose first one was refused a moment ago. */
const REMOVED = 'The order was refused and deleted.';

export class Orders {
  readonly #firestore: Firestore;
  readonly #settings: Settings;
  readonly #now: () => Date;
  readonly #random: () => Buffer;

  /** @param random makes 32 bytes. */
  constructor(
    firestore: Firestore,
    settings: Settings,
    now: () => Date,
    random: () => Buffer = () => randomBytes(32),
  ) {
    this.#firestore = firestore;
    this.#settings = settings;
    this.#now = now;
    this.#random = random;
  }

  /**
   * Writes an order, or finds the one that the same key has made before.
   * @throws Malformed when the amount is out of bounds.
   * @throws Forbidden when the Retail API could not hold a balance for this uid.
   * @throws Conflict when the key was used for another amount, or too long ago.
   * @throws TooManyRequests when too many orders of this user are open.
   */
  async place(request: OrderRequest): Promise<Order> {
    this.#check(request);
    // A short id may be taken by chance. Twice in a row is not chance.
    const order = (await this.#createOrFind(request)) ?? (await this.#createOrFind(request));
    if (order === undefined) throw new Conflict('No free order id was found.');
    await this.#admit(order);
    return order;
  }

  /**
   * Finds the order with this id, which may be any text from outside.
   * @param ids the form of the gateway's ids; a text of another form finds nothing.
   * @throws Unavailable when Firestore does not answer.
   */
  async find(orderId: string, ids?: Pick<OrderIdForm, 'pattern'>): Promise<Order | undefined> {
    if (!isOrderId(orderId, ids)) return undefined;
    const stored = await withDeadline(this.#document(orderId).get());
    return stored.exists ? fromDocument(stored.data()) : undefined;
  }

  /**
   * Binds an order to the gateway's own object, before the buyer hears of it. Again with the same
   * object changes nothing.
   * @param ref the gateway's id of the object.
   * @throws Conflict when the order is bound to another object.
   * @throws Unavailable when Firestore does not answer; the same request, sent again, binds it.
   */
  async bind(order: Order, ref: string): Promise<void> {
    if (order.gatewayRef === ref) return;
    const document = this.#document(order.orderId);
    const bound = await withDeadline(
      this.#firestore.runTransaction(async (transaction) => {
        const known: unknown = (await transaction.get(document)).get('gateway_ref');
        if (known === undefined) transaction.update(document, { gateway_ref: ref });
        return known ?? ref;
      }),
    );
    if (bound !== ref)
      throw new Conflict('This payment was started before; use a new Idempotency-Key.');
  }

  #check({ uid, amountCents }: OrderRequest): void {
    const { min, max } = this.#settings.topUpCents;
    if (!Number.isSafeInteger(amountCents) || amountCents < min || amountCents > max) {
      throw new Malformed(`The amount must be a whole number of cents from ${min} to ${max}.`);
    }
    expectCustomerId(uid);
  }

  /** The id is made of the key, so that a repeated request finds the order of the first one. */
  #newOrder({ uid, amountCents, gateway, idempotencyKey: key, ids }: OrderRequest): Order {
    const seed = JSON.stringify([uid, gateway, key]);
    const hash = () => createHash('sha256').update(seed).digest();
    const orderId = (ids ?? ordinaryIds).write(key === undefined ? this.#random() : hash());
    const { mode } = this.#settings;
    return { orderId, uid, amountCents, gateway, mode, createdAt: this.#now() };
  }

  /** Undefined when the random id belongs to another order. */
  async #createOrFind(request: OrderRequest): Promise<Order | undefined> {
    const order = this.#newOrder(request);
    const createdAt = await createOnce(this.#document(order.orderId), toDocument(order));
    if (createdAt !== undefined) return { ...order, createdAt: createdAt.toDate() };
    const known = await this.find(order.orderId, request.ids);
    if (known === undefined) throw new Unavailable(REMOVED);
    if (request.idempotencyKey !== undefined) return this.#acceptRepeat(order, known);
    return isSameCreate(order, known) ? known : undefined;
  }

  #acceptRepeat(order: Order, known: Order): Order {
    if (known.uid !== order.uid || known.gateway !== order.gateway) {
      throw new Conflict('This Idempotency-Key cannot be used; use a new one.');
    }
    if (known.amountCents !== order.amountCents) {
      throw new Conflict('This Idempotency-Key was used for another amount.');
    }
    if (order.createdAt.getTime() - known.createdAt.getTime() > IDEMPOTENCY_KEY_LIFE_MS) {
      throw new Conflict('This Idempotency-Key is too old; use a new one.');
    }
    return known;
  }

  /**
   * Accepts an order with few enough open orders before it. Firestore's clock puts the orders in
   * sequence, so requests sent at once cannot pass the limit together, and a repeated request gets
   * the same decision as the first. No gateway knows a refused order yet, so it is deleted.
   */
  async #admit({ uid, orderId, createdAt }: Order): Promise<void> {
    const limit = this.#settings.openOrdersPerHour;
    const since = Timestamp.fromMillis(this.#now().getTime() - OPEN_ORDER_MS);
    const recent = orderQueries.ordersSince(this.#firestore, uid, since);
    if ((await withDeadline(recent.count().get())).data().count <= limit) return;

    const orders = (await withDeadline(recent.get())).docs;
    const place = orders.findIndex(({ id }) => id === orderId);
    const own = orders[place];
    if (own === undefined) {
      if (createdAt > since.toDate()) throw new Unavailable(REMOVED);
      return;
    }
    const rows = await withDeadline(ledgerQueries.paymentsSince(this.#firestore, uid, since).get());
    const paid = new Set(rows.docs.map((row): unknown => row.get('order_id')));
    const openBefore = orders.slice(place + 1).filter(({ id }) => !paid.has(id));
    const last = openBefore[limit - 1];
    if (last === undefined) return;
    // Unless the same request came again in the meantime and has created the order anew.
    await tryWrite(own.ref.delete({ lastUpdateTime: own.updateTime }));
    const leavesAt = fromDocument(last.data()).createdAt.getTime() + OPEN_ORDER_MS;
    throw new TooManyRequests('Too many unpaid orders; pay or wait.', new Date(leavesAt));
  }

  #document(orderId: string): DocumentReference {
    return this.#firestore.collection(ORDERS).doc(orderId);
  }
}

/** Whether the known order is the one just created, whose answer was lost. */
function isSameCreate(order: Order, known: Order): boolean {
  return (
    known.uid === order.uid &&
    known.gateway === order.gateway &&
    known.amountCents === order.amountCents &&
    Math.abs(order.createdAt.getTime() - known.createdAt.getTime()) < JUST_NOW_MS
  );
}

export const openOrders = once(() => {
  return new Orders(openFirestore(), readSettings(), () => new Date());
});
