import { createHash, randomBytes } from 'node:crypto';
import { Timestamp, type DocumentReference, type Firestore } from '../firestore/client';
import { MINUTE_MS } from '../config/limits';
import { readSettings, type Settings } from '../config/settings';
import { Conflict, Malformed, TooManyRequests, Unavailable } from '../errors';
import { createOnce, openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { log } from '../log';
import { once } from '../once';
import { Crowd } from './crowd';
import { close, OpenOrders } from './open-orders';
import {
  anyIds,
  fromDocument,
  isOrderId,
  ordinaryIds,
  toDocument,
  type Order,
  type OrderIdForm,
  type OrderRequest,
} from './order';
import { checkRepeat, isSameCreate } from './repeats';
import { expectCustomerId } from '../ids';
import { questionAfter } from '../schedule/questions';
import { ORDERS } from '../firestore/collections';

const TOO_MANY = 'Too many unpaid orders; pay or wait.';

/** An order as it was read or written. */
interface Stored {
  readonly order: Order;
  /** The document's version: a write under it fails when the order has changed since then. */
  readonly version: Timestamp;
}

/** For a repeated request whose first one was refused a moment ago. */
/** A write that others were faster than is tried so often. */
const MOST_TRIES = 10;
const REMOVED = 'The order was refused and deleted.';

export class Orders {
  readonly #firestore: Firestore;
  readonly #settings: Settings;
  readonly #now: () => Date;
  readonly #random: () => Buffer;
  readonly #openOrders: OpenOrders;
  readonly #crowd: Crowd;

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
    this.#crowd = new Crowd(settings.openOrdersPerHour);
    this.#openOrders = new OpenOrders(firestore, settings.openOrdersPerHour, now);
  }

  /**
   * Writes an order, or finds the one that the same key has made before. The order is admitted when
   * this returns: bring it to its gateway with `handOver`.
   * @throws Malformed when the amount is out of bounds.
   * @throws Forbidden when the Retail API could not hold a balance for this uid.
   * @throws Conflict when the key was used for another amount, or too long ago.
   * @throws TooManyRequests when too many orders of this user are open; the order is then gone.
   */
  async place(request: OrderRequest): Promise<Order> {
    this.#check(request);
    const { uid, gateway, idempotencyKey: key } = request;
    const name = key === undefined ? request : `${gateway} ${key}`;
    const placed = await this.#crowd.admit(uid, name, async () => {
      // A short id may be taken by chance. Twice in a row is not chance.
      const stored = (await this.#createOrFind(request)) ?? (await this.#createOrFind(request));
      if (stored === undefined) throw new Conflict('No free order id was found.');
      return this.#admit(stored);
    });
    if (placed !== undefined) return placed;
    throw new TooManyRequests(TOO_MANY, new Date(this.#now().getTime() + MINUTE_MS));
  }

  /**
   * Brings an order to its gateway and binds it to the object that the gateway answers with.
   * An order that the gateway does not answer for counts no longer against its user. It is kept,
   * because the gateway may have heard of it, and the same request, sent again, opens it again.
   * @param order from `place`.
   * @param refOf the gateway's id of the object.
   * @throws what `call` throws, and as `bind`.
   */
  async handOver<Made>(
    order: Order,
    call: () => Promise<Made>,
    refOf: (made: Made) => string,
  ): Promise<Made> {
    let made: Made;
    try {
      made = await call();
    } catch (error) {
      await this.#release(order);
      throw error;
    }
    await this.bind(order, refOf(made));
    return made;
  }

  /**
   * Finds the order with this id, which may be any text from outside.
   * @param ids the form of the gateway's ids; a text of another form finds nothing.
   * @throws Unavailable when Firestore does not answer.
   */
  async find(orderId: string, ids?: Pick<OrderIdForm, 'pattern'>): Promise<Order | undefined> {
    return (await this.#read(orderId, ids ?? ordinaryIds))?.order;
  }

  /**
   * Binds an order to the gateway's own object, before the buyer hears of it: from now on it counts
   * against its user. Again with the same object changes nothing.
   * @param ref the gateway's id of the object.
   * @throws Conflict when the order is bound to another object.
   * @throws Unavailable when Firestore does not answer; the same request, sent again, binds it.
   */
  async bind(order: Order, ref: string): Promise<void> {
    if (order.gatewayRef === ref) return;
    const document = this.#document(order.orderId);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const stored = await withDeadline(document.get());
      const bound = stored.get('gateway_ref');
      if (bound === ref) return;
      if (bound !== undefined)
        throw new Conflict('This payment was started before; use a new Idempotency-Key.');
      if (stored.updateTime === undefined) throw new Unavailable(REMOVED);
      const ask_at = Timestamp.fromDate(questionAfter(0, this.#now()));
      const fields = { gateway_ref: ref, is_open: true, ask_at };
      if (await tryWrite(document.update(fields, { lastUpdateTime: stored.updateTime }))) return;
    }
    throw new Unavailable('The order was changed by others each time.');
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
    const createdAt = this.#now();
    return { orderId, uid, amountCents, gateway, mode, createdAt, isOpen: true };
  }

  /** Undefined when the random id belongs to another order. */
  async #createOrFind(request: OrderRequest): Promise<Stored | undefined> {
    const order = this.#newOrder(request);
    const version = await createOnce(this.#document(order.orderId), toDocument(order));
    if (version !== undefined) return { order: { ...order, createdAt: version.toDate() }, version };
    const known = await this.#read(order.orderId);
    if (known === undefined) throw new Unavailable(REMOVED);
    if (request.idempotencyKey !== undefined) checkRepeat(order, known.order);
    else if (!isSameCreate(order, known.order)) return undefined;
    return known;
  }

  /**
   * Lets an order pass to its gateway, once: by a write, so that no other call deletes it. Several
   * calls may have the same order, each under the version that it has read. The first write counts,
   * and the others look again.
   */
  async #admit({ order, version }: Stored): Promise<Order> {
    const { orderId, gatewayRef, isOpen, isAdmitted } = order;
    if (gatewayRef !== undefined || (isOpen && isAdmitted)) return order;
    // Closed without an answer of its gateway; or older than the two marks, and then admitted.
    if (!isOpen) return this.#reopen({ order, version });
    const document = this.#document(orderId);
    const fullUntil = await this.#openOrders.fullUntil(order);
    const isMine =
      fullUntil === undefined
        ? await tryWrite(document.update({ is_admitted: true }, { lastUpdateTime: version }))
        : await tryWrite(document.delete({ lastUpdateTime: version }));
    if (isMine) {
      if (fullUntil !== undefined) throw new TooManyRequests(TOO_MANY, fullUntil);
      return { ...order, isAdmitted: true };
    }
    const changed = await this.#read(orderId);
    if (changed === undefined) {
      throw fullUntil ? new TooManyRequests(TOO_MANY, fullUntil) : new Unavailable(REMOVED);
    }
    return this.#admit(changed);
  }

  /** Opens an order that its gateway may have heard of. It is never deleted. */
  async #reopen({ order, version }: Stored): Promise<Order> {
    const document = this.#document(order.orderId);
    const reopened: Order = { ...order, isOpen: true, isAdmitted: true };
    const marks = { is_open: true, is_admitted: true };
    if (!(await tryWrite(document.update(marks, { lastUpdateTime: version })))) {
      throw new Unavailable('The same order is being placed by another call.');
    }
    const fullUntil = await this.#openOrders.fullUntil(reopened);
    if (fullUntil === undefined) return reopened;
    await this.#release(reopened);
    throw new TooManyRequests(TOO_MANY, fullUntil);
  }

  /** Lets an order count no longer, unless it is bound. A failure is logged: the order counts too long. */
  async #release({ orderId }: Order): Promise<void> {
    try {
      const stored = await this.#read(orderId);
      if (stored === undefined || stored.order.gatewayRef !== undefined) return;
      await close(this.#document(orderId), stored.version, { isPaid: false });
    } catch (error) {
      log.failure(error);
    }
  }

  async #read(
    orderId: string,
    ids: Pick<OrderIdForm, 'pattern'> = anyIds,
  ): Promise<Stored | undefined> {
    if (!isOrderId(orderId, ids)) return undefined;
    const stored = await withDeadline(this.#document(orderId).get());
    const { updateTime: version } = stored;
    return version && { order: fromDocument(stored.data()), version };
  }

  #document(orderId: string): DocumentReference {
    return this.#firestore.collection(ORDERS).doc(orderId);
  }
}

export const openOrders = once(() => {
  return new Orders(openFirestore(), readSettings(), () => new Date());
});
