import type {
  DocumentReference,
  DocumentSnapshot,
  Firestore,
  Timestamp,
  WriteBatch,
} from '../firestore/client';
import { Conflict, NotFound, Unavailable } from '../errors';
import { ADJUSTMENTS, PAYMENT_LOCKS, PAYMENTS } from '../firestore/collections';
import { openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { ERASED } from '../ids';
import {
  bookedState,
  decidedAt,
  expectApprovable,
  expectOther,
  expectSame,
  expectWaiting,
  rowOf,
  storedAdjustment,
  type Adjusted,
  type Adjustment,
  type Approver,
  type Asked,
  type AskedMove,
  type Turn,
} from './adjustment-document';
import { idOfRow } from './adjustment-id';
import { lastMoveOf } from './holder';
import type { RecordedRow } from './ledger';
import { RowLookup, type WholePayment } from './lookup';
import { DELETED, moveOf, rowsOfMove, type Move } from './move';
import { newDocumentOf } from './new-row';
import { rewriteLock } from './payment-lock';
import type { PaymentRow } from './payment-row';
import { ledgerQueries } from './queries';

/** The rows of an adjustment, as they are decided; those of a move by what was read under the lock. */
interface Decided {
  readonly rows: readonly PaymentRow[];
  readonly held?: { readonly lock: DocumentSnapshot; readonly gateway: string };
}

/** Whether the deletion of an account was asked for. */
type IsDeleted = (uid: string) => Promise<boolean>;

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
  readonly #isDeleted: IsDeleted;

  constructor(firestore: Firestore, isDeleted: IsDeleted) {
    this.#firestore = firestore;
    this.#isDeleted = isDeleted;
    this.#rows = new RowLookup(firestore);
  }

  /** The adjustment of a key that was used before. */
  async find(id: string | undefined): Promise<Adjustment | undefined> {
    return id === undefined ? undefined : (await this.#read(id))?.adjustment;
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
   * @throws Forbidden for the member's own balance, Conflict when the id was used for something else.
   */
  async request(asked: Asked, limitCents: number, turn: Turn): Promise<Adjusted> {
    expectOther(asked.uid, asked.madeBy);
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
   * @throws NotFound for no such row, Forbidden for the member's own balance, Conflict as `moveOf`.
   */
  async move(asked: AskedMove, limitCents: number, turn: Turn): Promise<Adjusted> {
    expectOther(asked.uid, asked.madeBy);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { lock, whole } = await this.#readPayment(asked.paymentId);
      const last = lastMoveOf(whole.rows);
      const made = last?.uid === asked.uid ? await this.find(idOfRow(last.paymentId)) : undefined;
      if (made?.paymentId === asked.paymentId) return { adjustment: made, fresh: [] };
      const move = await this.#moveOf(whole, asked);
      const known = await this.find(move.id);
      if (known?.paymentId === asked.paymentId) return { adjustment: known, fresh: [] };
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
   * @throws NotFound, Forbidden and Conflict as `expectApprovable`.
   */
  async approve(
    id: string,
    by: Approver,
    check: (adjustment: Adjustment) => Promise<void>,
    { now, leaseMs }: Turn,
  ): Promise<Adjusted> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { adjustment, version } = await this.#expect(id);
      if (adjustment.state === 'booked' && adjustment.approvedBy === by.uid) {
        return { adjustment, fresh: [] };
      }
      expectApprovable(adjustment, by);
      await check(adjustment);
      const batch = this.#firestore.batch();
      const fields = { state: 'booked', approved_by: by.uid, ...decidedAt(now) };
      batch.update(this.#document(id), fields, { lastUpdateTime: version });
      const decided = await this.#decide(adjustment, now);
      const fresh = await this.#commit(batch, decided, { now, leaseMs });
      if (fresh === undefined) continue;
      const approved = { ...adjustment, ...bookedState, approvedBy: by.uid, decidedAt: now };
      return { adjustment: approved, fresh };
    }
    throw new Unavailable('The adjustment was always changed in the meantime.');
  }

  /**
   * Ends one that waits, also by its own maker. The same member may repeat it.
   * @throws NotFound, and Conflict when it waits no longer.
   */
  async decline(id: string, by: string, reason: string, now: Date): Promise<Adjustment> {
    const fields = { state: 'declined', declined_by: by, declined_for: reason, ...decidedAt(now) };
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { adjustment, version } = await this.#expect(id);
      if (adjustment.state === 'declined' && adjustment.declinedBy === by) return adjustment;
      expectWaiting(adjustment);
      const update = this.#document(id).update(fields, { lastUpdateTime: version });
      if (await tryWrite(update)) return { ...adjustment, state: 'declined', decidedAt: now };
    }
    throw new Unavailable('The adjustment was always changed in the meantime.');
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
    const move = await this.#moveOf(whole, adjustment);
    if (move.id === id && move.amountCents === amountCents) return decidedOf(move, lock, now);
    throw new Conflict('The payment has changed since: decline it, and ask for it once more.');
  }

  /** @throws Conflict as `moveOf`, and while the account that has the money is being deleted. */
  async #moveOf(whole: WholePayment, asked: AskedMove | Adjustment): Promise<Move> {
    const move = moveOf(whole, asked);
    if (await this.#isDeleted(move.from)) throw new Conflict(DELETED);
    return move;
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

function decidedOf(move: Move, lock: DocumentSnapshot, now: Date): Decided {
  return { rows: rowsOfMove(move, now), held: { lock, gateway: move.payment.gateway } };
}

export function openAdjustments(isDeleted: IsDeleted): Adjustments {
  return new Adjustments(openFirestore(), isDeleted);
}
