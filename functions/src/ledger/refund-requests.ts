import {
  Timestamp,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
  type Query,
} from 'firebase-admin/firestore';
import { z } from 'zod';
import { NotFound, Unavailable } from '../errors';
import { PAYMENT_LOCKS, REFUND_REQUESTS } from '../firestore/collections';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { inGroups } from '../firestore/queries';
import { RowLookup, type WholePayment } from './lookup';
import { rewriteLock } from './payment-lock';
import { ledgerQueries } from './queries';

/**
 * - `requested`: written down; the gateway may have been called.
 * - `sent`: the gateway has taken it.
 * - `unknown`: the gateway was called, and its answer is not known.
 * - `done`: its row is in the ledger.
 * - `failed`: nothing was given back.
 */
export const refundStates = ['requested', 'sent', 'unknown', 'done', 'failed'] as const;
export type RefundState = (typeof refundStates)[number];

const openStates: readonly RefundState[] = ['requested', 'sent', 'unknown'];

const requestFields = {
  paymentId: ['payment_id', z.string()],
  gateway: ['gateway', z.string()],
  /** The sum that is given back, in US cents. */
  amountCents: ['amount', z.int().min(1)],
  /** What refunds of the payment had taken before, in US cents. */
  refundedCents: ['refunded_before', z.int()],
  state: ['state', z.enum(refundStates)],
  /** The gateway's id of the refund, as its row has it. */
  refundId: ['gateway_refund_id', z.string().nullable()],
  /** Why it failed, or its end is not known. */
  fault: ['fault', z.string().nullable()],
  /** The line of `tn_audit`, which says who and why. */
  line: ['audit_id', z.string()],
  createdAt: ['created_at', date],
  /** Until then it is one call's alone. */
  callUntil: ['call_until', date],
  changedAt: ['changed_at', date],
  /** When a person was told that its row is late. */
  alertedAt: ['alerted_at', date.nullable()],
} as const;

const refundRequest = defineDocument(requestFields);

/** A refund that a member of the staff has asked for. It names no customer. */
export interface RefundRequest extends FieldValues<typeof requestFields> {
  /** The key towards the gateway. */
  readonly id: string;
}

/** A request that is to be written. */
export type NewRequest = Pick<
  RefundRequest,
  'paymentId' | 'gateway' | 'amountCents' | 'refundedCents' | 'line' | 'callUntil'
>;

/** A payment, and what may still be given back of it. */
export interface Refundable extends WholePayment {
  /** Oldest first. One whose row is there is `done`. */
  readonly requests: readonly RefundRequest[];
}

export function isOpen({ state }: RefundRequest): boolean {
  return openStates.includes(state);
}

/** The payment id of the row that ends a request. */
function rowOf({ gateway, refundId }: RefundRequest): string | undefined {
  return refundId === null ? undefined : `${gateway}_${refundId}`;
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
    const requests = (await this.of([paymentId])).map((one) =>
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
      const begun = 'id' in decided ? decided : this.#toRequest(decided, now);
      const isBegun =
        'id' in decided ? await this.#take(decided, now) : await this.#create(begun, held);
      if (isBegun) return begun;
    }
    throw new Unavailable('Other movements of the payment always came first.');
  }

  /** Notes what became of a request. */
  async note(
    { id }: RefundRequest,
    end: Partial<Pick<RefundRequest, 'state' | 'refundId' | 'fault' | 'alertedAt'>>,
    now: Date,
  ): Promise<void> {
    const { state, refundId, fault, alertedAt } = end;
    const fields = {
      changed_at: Timestamp.fromDate(now),
      ...(state !== undefined && { state }),
      ...(refundId !== undefined && { gateway_refund_id: refundId }),
      ...(fault !== undefined && { fault }),
      ...(alertedAt !== undefined &&
        alertedAt !== null && { alerted_at: Timestamp.fromDate(alertedAt) }),
    };
    await withDeadline(this.#document(id).update(fields));
  }

  /** Ends a request whose row is there. @returns the request as it is then. */
  async endBooked(request: RefundRequest, now: Date): Promise<RefundRequest> {
    const row = rowOf(request);
    if (!isOpen(request) || row === undefined) return request;
    if ((await this.#rows.withIds([row])).length === 0) return request;
    await this.note(request, { state: 'done', fault: null }, now);
    return { ...request, state: 'done', fault: null };
  }

  /** A request. @throws NotFound when there is none of this id. */
  async withId(id: string): Promise<RefundRequest> {
    const found = toRequest(await withDeadline(this.#document(id).get()));
    if (found === undefined) throw new NotFound('No request has the id.');
    return found;
  }

  /** The requests of some payments, oldest first. */
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

  #create(request: RefundRequest, lock: DocumentSnapshot): Promise<boolean> {
    const batch = this.#firestore.batch();
    batch.create(this.#document(request.id), refundRequest.encode(request));
    rewriteLock(batch, lock, { gateway: request.gateway, last_request: request.id });
    return tryWrite(batch.commit());
  }

  /** False when another call has taken or changed it since it was read. */
  async #take({ id, callUntil, changedAt }: RefundRequest, now: Date): Promise<boolean> {
    const stored = await withDeadline(this.#document(id).get());
    const { updateTime } = stored;
    const isAsRead = toRequest(stored)?.changedAt.getTime() === changedAt.getTime();
    if (updateTime === undefined || !isAsRead) return false;
    const fields = {
      call_until: Timestamp.fromDate(callUntil),
      changed_at: Timestamp.fromDate(now),
    };
    return tryWrite(this.#document(id).update(fields, { lastUpdateTime: updateTime }));
  }

  #document(id: string): DocumentReference {
    return this.#firestore.collection(REFUND_REQUESTS).doc(id);
  }

  async #read(query: Query): Promise<RefundRequest[]> {
    return (await withDeadline(query.get())).docs.flatMap((stored) => toRequest(stored) ?? []);
  }
}

function toRequest(stored: DocumentSnapshot): RefundRequest | undefined {
  const { data } = refundRequest.safeParse(stored.data());
  return data && { ...data, id: stored.id };
}

function oldestFirst(requests: readonly RefundRequest[]): RefundRequest[] {
  return requests.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
}

export function openRefundRequests(): RefundRequests {
  return new RefundRequests(openFirestore());
}
