import type { DocumentReference, DocumentSnapshot, Firestore, Query } from '../firestore/client';
import { Conflict, NotFound, Unavailable } from '../errors';
import { PAYMENT_LOCKS, REFUND_REQUESTS } from '../firestore/collections';
import { openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { inGroups } from '../firestore/queries';
import { RowLookup, type WholePayment } from './lookup';
import { rewriteLock } from './payment-lock';
import { ledgerQueries } from './queries';
import {
  isAs,
  isOpen,
  openStates,
  refundRequest,
  rowOf,
  toRequest,
  type NewRequest,
  type RefundRequest,
} from './refund-request';

/** A payment, and what may still be given back of it. */
export interface Refundable extends WholePayment {
  /** Oldest first. One whose row is there is `done`. */
  readonly requests: readonly RefundRequest[];
}

/** Each try that is overtaken means that a row or a request of the payment was written. */
const MOST_TRIES = 10;

/**
 * The refunds that were asked for. A new one rewrites the lock of its payment, as each correction does,
 * on the condition that it has not changed since rows and requests were read: so two that are asked for
 * at once never count the same money. Every method throws Unavailable when Firestore does not answer.
 */
export class RefundRequests {
  readonly #firestore: Firestore;
  readonly #rows: RowLookup;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
    this.#rows = new RowLookup(firestore);
  }

  /** @throws NotFound when there is no such row. */
  async readPayment(paymentId: string): Promise<Refundable> {
    const { payment, rows } = await this.#rows.ofPayment(paymentId);
    const booked = new Set(rows.map((row) => row.paymentId));
    const requests = (await this.#allOf(paymentId)).map((one) =>
      isOpen(one) && booked.has(rowOf(one) ?? '') ? { ...one, state: 'done' as const } : one,
    );
    return { payment, rows, requests };
  }

  /**
   * Writes a new request, or takes one that was left for this call alone.
   * @param decide from the payment: the new request, or the one that was left.
   * @throws what `decide` throws, and NotFound.
   */
  async begin(
    paymentId: string,
    decide: (payment: Refundable) => NewRequest | RefundRequest,
    now: Date,
  ): Promise<RefundRequest> {
    const lock = this.#firestore.collection(PAYMENT_LOCKS).doc(paymentId);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      // Read before the rows and the requests, so one that is missed changes it.
      const held = await withDeadline(lock.get());
      const decided = decide(await this.readPayment(paymentId));
      if ('id' in decided) {
        const taken = await this.#take(decided, now);
        if (taken !== undefined) return taken;
        continue;
      }
      const begun = this.#toRequest(decided, now);
      if (await this.#create(begun, held)) return begun;
    }
    throw new Unavailable('Other movements of the payment always came first.');
  }

  /**
   * Notes what became of a request, unless it is done by now.
   * @returns the request as it is then.
   * @throws Conflict when another call has taken or changed it since it was read.
   */
  async note(
    request: RefundRequest,
    end: Partial<Pick<RefundRequest, 'state' | 'refundId' | 'fault' | 'alertedAt'>>,
    now: Date,
  ): Promise<RefundRequest> {
    const noted = { ...request, ...end, changedAt: now };
    const document = this.#document(request.id);
    const stored = await withDeadline(document.get());
    const found = toRequest(stored);
    if (found?.state === 'done') return found;
    if (found !== undefined && stored.updateTime !== undefined && isAs(found, request)) {
      const condition = { lastUpdateTime: stored.updateTime };
      if (await tryWrite(document.update(refundRequest.encode(noted), condition))) return noted;
      // The write was made, and was tried again because its answer was lost.
      const written = toRequest(await withDeadline(document.get()));
      if (written !== undefined && isAs(written, noted)) return written;
    }
    throw new Conflict('Another call has changed the request: see npm run ops -- refunds.');
  }

  /** Ends a request whose row is there. @returns the request as it is then. */
  async endBooked(request: RefundRequest, now: Date): Promise<RefundRequest> {
    const row = rowOf(request);
    if (!isOpen(request) || row === undefined) return request;
    if ((await this.#rows.withIds([row])).length === 0) return request;
    return this.note(request, { state: 'done', fault: null }, now).catch((error: unknown) => {
      if (error instanceof Conflict) return this.withId(request.id);
      throw error;
    });
  }

  /** A request. @throws NotFound when there is none of this id. */
  async withId(id: string): Promise<RefundRequest> {
    const found = toRequest(await withDeadline(this.#document(id).get()));
    if (found === undefined) throw new NotFound('No request has the id.');
    return found;
  }

  /** @throws Conflict when a person has made one unreadable: its sum must not count as free. */
  async #allOf(paymentId: string): Promise<RefundRequest[]> {
    const query = ledgerQueries.refundRequestsOf(this.#firestore, [paymentId]);
    const found = (await withDeadline(query.get())).docs.map((stored) => {
      const request = toRequest(stored);
      if (request !== undefined) return request;
      throw new Conflict(`The refund request ${stored.id} was edited by hand and is unreadable.`);
    });
    return oldestFirst(found);
  }

  /** The requests of some payments, oldest first. One that cannot be read is left out. */
  async of(paymentIds: readonly string[]): Promise<RefundRequest[]> {
    const found = inGroups(paymentIds).map((some) =>
      this.#read(ledgerQueries.refundRequestsOf(this.#firestore, some)),
    );
    return oldestFirst((await Promise.all(found)).flat());
  }

  /** All that are not ended, oldest first. They are few. */
  async open(): Promise<RefundRequest[]> {
    const query = ledgerQueries.refundRequestsIn(this.#firestore, openStates);
    return oldestFirst(await this.#read(query));
  }

  #toRequest(asked: NewRequest, now: Date): RefundRequest {
    return {
      ...asked,
      id: this.#firestore.collection(REFUND_REQUESTS).doc().id,
      state: 'requested',
      refundId: null,
      fault: null,
      createdAt: now,
      changedAt: now,
      alertedAt: null,
    };
  }

  /** False when another movement of the payment came first. */
  async #create(request: RefundRequest, lock: DocumentSnapshot): Promise<boolean> {
    const batch = this.#firestore.batch();
    batch.create(this.#document(request.id), refundRequest.encode(request));
    rewriteLock(batch, lock, { gateway: request.gateway, last_request: request.id });
    if (await tryWrite(batch.commit())) return true;
    // It was made, and was tried again because its answer was lost: no other has this id.
    return (await withDeadline(this.#document(request.id).get())).exists;
  }

  /** Undefined when another call has taken or changed it since it was read. */
  async #take(request: RefundRequest, now: Date): Promise<RefundRequest | undefined> {
    const stored = await withDeadline(this.#document(request.id).get());
    const { updateTime } = stored;
    const isAsRead = toRequest(stored)?.changedAt.getTime() === request.changedAt.getTime();
    if (updateTime === undefined || !isAsRead) return undefined;
    const taken = { ...request, changedAt: now };
    const fields = refundRequest.encode(taken);
    const update = this.#document(request.id).update(fields, { lastUpdateTime: updateTime });
    return (await tryWrite(update)) ? taken : undefined;
  }

  #document(id: string): DocumentReference {
    return this.#firestore.collection(REFUND_REQUESTS).doc(id);
  }

  async #read(query: Query): Promise<RefundRequest[]> {
    return (await withDeadline(query.get())).docs.flatMap((stored) => toRequest(stored) ?? []);
  }
}

function oldestFirst(requests: readonly RefundRequest[]): RefundRequest[] {
  return requests.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}

export function openRefundRequests(): RefundRequests {
  return new RefundRequests(openFirestore());
}
