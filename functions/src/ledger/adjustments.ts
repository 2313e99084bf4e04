import {
  FieldValue,
  Timestamp,
  type DocumentReference,
  type DocumentSnapshot,
  type Firestore,
  type WriteBatch,
} from 'firebase-admin/firestore';
import { Conflict, Forbidden, NotFound, Unavailable } from '../errors';
import { ADJUSTMENTS, PAYMENT_LOCKS, PAYMENTS } from '../firestore/collections';
import { openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { ERASED } from '../ids';
import {
  expectSame,
  expectWaiting,
  rowOf,
  storedAdjustment,
  type Adjustment,
  type Asked,
  type AskedMove,
} from './adjustment-document';
import { idOfRow } from './adjustment-id';
import { lastMoveOf } from './holder';
import type { RecordedRow } from './ledger';
import { RowLookup } from './lookup';
import { moveOf, rowsOfMove, type Move } from './move';
import { newDocumentOf } from './new-row';
import { rewriteLock } from './payment-lock';
import type { PaymentRow } from './payment-row';
import { ledgerQueries } from './queries';

/** How a row is booked. */
export interface Turn {
  readonly now: Date;
  /** How long only the caller pushes the row; afterwards the schedule does. */
  readonly leaseMs: number;
}

/** What became of a request. */
export interface Adjusted {
  readonly adjustment: Adjustment;
  /** The rows that the caller pushes. */
  readonly fresh: readonly RecordedRow[];
}

/** The rows of an adjustment, as they are decided; those of a move by what was read under the lock. */
interface Decided {
  readonly rows: readonly PaymentRow[];
  readonly held?: { readonly lock: DocumentSnapshot; readonly gateway: string };
}

/** Each try that is overtaken means that something else of the same was written. */
const MOST_TRIES = 10;

/**
 * Adjustments: balances that the staff changes by hand, and payments that it moves to another user. An
 * adjustment and its rows are written in one commit, so that none is ever there without the others. All
 * methods throw Unavailable when Firestore does not answer.
 */
export class Adjustments {
  readonly #firestore: Firestore;
  readonly #rows: RowLookup;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
    this.#rows = new RowLookup(firestore);
  }

  /** The adjustment of a key that was used before. */
  async find(id: string): Promise<Adjustment | undefined> {
    return (await this.#read(id))?.adjustment;
  }

  /** Those that wait for a second person, the longest first. One that cannot be read is left out. */
  async waiting(limit: number): Promise<Adjustment[]> {
    const query = ledgerQueries.waitingAdjustments(this.#firestore).limit(limit);
    return (await withDeadline(query.get())).docs.flatMap((stored) => {
      const { data } = storedAdjustment.safeParse(stored.data());
      return data === undefined ? [] : [{ ...data, id: stored.id }];
    });
  }

  /**
   * Books an adjustment, or lets it wait for a second person. One that was asked for before is
   * returned as it stands.
   * @param limitCents the most, in either direction, that needs no second person.
   * @throws Conflict when the id was used for something else.
   */
  async request(asked: Asked, limitCents: number, turn: Turn): Promise<Adjusted> {
    const made = await this.#create(asked, { rows: [rowOf(asked, turn.now)] }, limitCents, turn);
    if (made !== undefined) return made;
    const known = await this.find(asked.id);
    if (known === undefined) throw new Unavailable('The adjustment was written and is gone.');
    expectSame(asked, known);
    return { adjustment: known, fresh: [] };
  }

  /**
   * Moves what is left of a payment to another user, or lets it wait for a second person. A move that
   * was made, or is asked for once more in the same words, is returned as it stands.
   * @throws NotFound when there is no such row, Conflict as `moveOf`.
   */
  async move(asked: AskedMove, limitCents: number, turn: Turn): Promise<Adjusted> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { lock, whole } = await this.#readPayment(asked.paymentId);
      const last = lastMoveOf(whole.rows);
      const made = last?.uid === asked.uid ? await this.find(idOfRow(last.paymentId)) : undefined;
      if (made !== undefined) return { adjustment: made, fresh: [] };
      const move = moveOf(whole, asked);
      const known = await this.find(move.id);
      if (known !== undefined) return { adjustment: known, fresh: [] };
      const { id, amountCents } = move;
      const decided = decidedOf(move, lock, turn.now);
      const moved = await this.#create({ ...asked, id, amountCents }, decided, limitCents, turn);
      if (moved !== undefined) return moved;
    }
    throw new Unavailable('Other movements of the payment always came first.');
  }

  /**
   * Books an adjustment that waits. The same member may repeat it.
   * @param check throws when it must not be booked any more.
   * @throws NotFound, Forbidden for the member who asked for it, Conflict when it waits no longer.
   */
  async approve(
    id: string,
    by: string,
    check: (adjustment: Adjustment) => Promise<void>,
    { now, leaseMs }: Turn,
  ): Promise<Adjusted> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { adjustment, version } = await this.#expect(id);
      if (adjustment.state === 'booked' && adjustment.approvedBy === by) {
        return { adjustment, fresh: [] };
      }
      expectWaiting(adjustment);
      if (adjustment.madeBy === by) {
        throw new Forbidden('You have asked for it yourself: another member must approve it.');
      }
      if (adjustment.uid === ERASED) throw new Conflict('The account was deleted: decline it.');
      await check(adjustment);
      const batch = this.#firestore.batch();
      const fields = { state: 'booked', approved_by: by, ...decidedAt(now) };
      batch.update(this.#document(id), fields, { lastUpdateTime: version });
      const decided = await this.#decide(adjustment, now);
      const fresh = await this.#commit(batch, decided, { now, leaseMs });
      if (fresh === undefined) continue;
      const approved = { ...adjustment, ...bookedState, approvedBy: by, decidedAt: now };
      return { adjustment: approved, fresh };
    }
    throw new Unavailable('The adjustment was always changed in the meantime.');
  }

  /** Ends one that waits, also by its own maker. @throws NotFound, and Conflict when it does not. */
  async decline(id: string, by: string, reason: string, now: Date): Promise<Adjustment> {
    const { adjustment, version } = await this.#expect(id);
    expectWaiting(adjustment);
    const fields = { state: 'declined', declined_by: by, declined_for: reason, ...decidedAt(now) };
    const update = this.#document(id).update(fields, { lastUpdateTime: version });
    if (!(await tryWrite(update))) throw new Conflict('It changes just now: look at it again.');
    return { ...adjustment, state: 'declined' };
  }

  /** Undefined when the id is there, or something else of the payment was written first. */
  async #create(
    asked: Asked,
    decided: Decided,
    limitCents: number,
    turn: Turn,
  ): Promise<Adjusted | undefined> {
    const isWaiting = Math.abs(asked.amountCents) > limitCents;
    const state = isWaiting ? ({ state: 'waiting', waitsSince: turn.now } as const) : bookedState;
    const adjustment = { ...asked, madeAt: turn.now, ...state };
    const batch = this.#firestore.batch();
    batch.create(this.#document(asked.id), storedAdjustment.encode(adjustment));
    const fresh = await this.#commit(batch, isWaiting ? { rows: [] } : decided, turn);
    return fresh && { adjustment, fresh };
  }

  /** @throws Conflict when a payment is not any more as it was when its move was asked for. */
  async #decide(adjustment: Adjustment, now: Date): Promise<Decided> {
    const { id, paymentId, amountCents } = adjustment;
    if (paymentId === undefined) return { rows: [rowOf(adjustment, now)] };
    const { lock, whole } = await this.#readPayment(paymentId);
    const move = moveOf(whole, adjustment);
    if (move.id === id && move.amountCents === amountCents) return decidedOf(move, lock, now);
    throw new Conflict('The payment has changed since: decline it, and ask for it once more.');
  }

  /** Writes the rows with what is in the batch. Undefined when any of it was overtaken. */
  async #commit(
    batch: WriteBatch,
    { rows, held }: Decided,
    { now, leaseMs }: Turn,
  ): Promise<RecordedRow[] | undefined> {
    const payments = this.#firestore.collection(PAYMENTS);
    for (const row of rows) {
      batch.create(payments.doc(row.paymentId), newDocumentOf(row, now, leaseMs));
      if (held === undefined || row.amountCents < 0) continue;
      rewriteLock(batch, held.lock, { gateway: held.gateway, last_row: row.paymentId });
    }
    let version: Timestamp | undefined;
    await tryWrite(batch.commit().then(([first]) => (version = first?.writeTime)));
    const at = version;
    if (at === undefined) return undefined;
    return rows.filter(({ uid }) => uid !== ERASED).map((row) => ({ ...row, version: at }));
  }

  /** The lock is read before the rows, so a row that is missed changes it. */
  async #readPayment(paymentId: string) {
    const document = this.#firestore.collection(PAYMENT_LOCKS).doc(paymentId);
    const lock = await withDeadline(document.get());
    return { lock, whole: await this.#rows.ofPayment(paymentId) };
  }

  async #expect(id: string) {
    const found = await this.#read(id);
    if (found === undefined) throw new NotFound('No adjustment has the id.');
    return found;
  }

  async #read(id: string) {
    const stored = await withDeadline(this.#document(id).get());
    if (stored.updateTime === undefined) return undefined;
    const { data } = storedAdjustment.safeParse(stored.data());
    if (data === undefined)
      throw new Conflict('The adjustment was edited by hand and is unreadable.');
    return { adjustment: { ...data, id }, version: stored.updateTime };
  }

  #document(id: string): DocumentReference {
    return this.#firestore.collection(ADJUSTMENTS).doc(id);
  }
}

const bookedState = { state: 'booked' } as const;

function decidedAt(now: Date) {
  return { decided_at: Timestamp.fromDate(now), waits_since: FieldValue.delete() };
}

function decidedOf(move: Move, lock: DocumentSnapshot, now: Date): Decided {
  return { rows: rowsOfMove(move, now), held: { lock, gateway: move.payment.gateway } };
}

export function openAdjustments(): Adjustments {
  return new Adjustments(openFirestore());
}
