import {
  FieldValue,
  Timestamp,
  type DocumentReference,
  type Firestore,
  type WriteBatch,
} from 'firebase-admin/firestore';
import { z } from 'zod';
import { paymentsMode } from '../config/settings';
import { Conflict, Forbidden, NotFound, Unavailable } from '../errors';
import { ADJUSTMENTS, PAYMENTS } from '../firestore/collections';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { openFirestore, tryWrite, withDeadline } from '../firestore/firestore';
import { ERASED, MANUAL } from '../ids';
import { rowIdOf } from './adjustment-id';
import type { RecordedRow } from './ledger';
import { newDocumentOf } from './new-row';
import type { PaymentRow } from './payment-row';
import { ledgerQueries } from './queries';

const adjustmentFields = {
  /** Whose balance it changes. */
  uid: ['uid', z.string()],
  /** Signed US cents, never 0. */
  amountCents: ['amount', z.int()],
  /** Why, in the words of the member who asked for it. */
  reason: ['reason', z.string()],
  mode: ['mode', paymentsMode],
  /** The member who asked for it. */
  madeBy: ['made_by', z.string()],
  madeByEmail: ['made_by_email', z.string()],
  madeAt: ['made_at', date],
  /** `booked` is written together with the row, never before it. */
  state: ['state', z.enum(['waiting', 'booked', 'declined'])],
  /** While it waits for a second person. */
  waitsSince: ['waits_since', date.exactOptional()],
  /** The member who approved it; missing where it needed no second person. */
  approvedBy: ['approved_by', z.string().exactOptional()],
  declinedBy: ['declined_by', z.string().exactOptional()],
  declinedFor: ['declined_for', z.string().exactOptional()],
  decidedAt: ['decided_at', date.exactOptional()],
} as const;

const storedAdjustment = defineDocument(adjustmentFields);

/** A balance that the staff changes by hand. */
export interface Adjustment extends FieldValues<typeof adjustmentFields> {
  readonly id: string;
}

/** What a member asks for. */
export type Asked = Pick<
  Adjustment,
  'id' | 'uid' | 'amountCents' | 'reason' | 'mode' | 'madeBy' | 'madeByEmail'
>;

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

/** Each try that is overtaken means that something else of the same was written. */
const MOST_TRIES = 10;

/**
 * Adjustments: balances that the staff changes by hand. An adjustment and its row are written in one
 * commit, so that neither is ever there without the other. All methods throw Unavailable when
 * Firestore does not answer.
 */
export class Adjustments {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
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
  async request(asked: Asked, limitCents: number, { now, leaseMs }: Turn): Promise<Adjusted> {
    const isWaiting = Math.abs(asked.amountCents) > limitCents;
    const state = isWaiting ? ({ state: 'waiting', waitsSince: now } as const) : bookedState;
    const adjustment = { ...asked, madeAt: now, ...state };
    const batch = this.#firestore.batch();
    batch.create(this.#document(asked.id), storedAdjustment.encode(adjustment));
    const rows = isWaiting ? [] : rowsOf(adjustment, now);
    const fresh = await this.#commit(batch, rows, { now, leaseMs });
    if (fresh !== undefined) return { adjustment, fresh };
    const known = await this.find(asked.id);
    if (known === undefined) throw new Unavailable('The adjustment was written and is gone.');
    expectSame(asked, known);
    return { adjustment: known, fresh: [] };
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
      const fresh = await this.#commit(batch, rowsOf(adjustment, now), { now, leaseMs });
      if (fresh === undefined) continue;
      const approved = { ...adjustment, ...bookedState, approvedBy: by, decidedAt: now };
      return { adjustment: approved, fresh };
    }
    throw new Unavailable('The adjustment was always changed in the meantime.');
  }

  /**
   * Ends an adjustment that waits. The member who asked for it may do so, too.
   * @throws NotFound, and Conflict when it waits no longer.
   */
  async decline(id: string, by: string, reason: string, now: Date): Promise<Adjustment> {
    const { adjustment, version } = await this.#expect(id);
    expectWaiting(adjustment);
    const fields = { state: 'declined', declined_by: by, declined_for: reason, ...decidedAt(now) };
    const update = this.#document(id).update(fields, { lastUpdateTime: version });
    if (!(await tryWrite(update))) throw new Conflict('It changes just now: look at it again.');
    return { ...adjustment, state: 'declined' };
  }

  /** Writes the rows with what is in the batch. Undefined when any of it was overtaken. */
  async #commit(
    batch: WriteBatch,
    rows: readonly PaymentRow[],
    { now, leaseMs }: Turn,
  ): Promise<RecordedRow[] | undefined> {
    const payments = this.#firestore.collection(PAYMENTS);
    for (const row of rows) {
      batch.create(payments.doc(row.paymentId), newDocumentOf(row, now, leaseMs));
    }
    let version: Timestamp | undefined;
    await tryWrite(batch.commit().then(([first]) => (version = first?.writeTime)));
    const at = version;
    if (at === undefined) return undefined;
    return rows.filter(({ uid }) => uid !== ERASED).map((row) => ({ ...row, version: at }));
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

function rowsOf({ id, uid, amountCents, mode }: Asked, now: Date): PaymentRow[] {
  const row: PaymentRow = {
    paymentId: rowIdOf(id),
    gateway: MANUAL,
    kind: 'adjustment',
    uid,
    amountCents,
    parentId: null,
    orderId: null,
    mode,
    occurredAt: now,
  };
  return [row];
}

/** @throws Conflict unless a known adjustment is the one that is asked for again. */
export function expectSame(
  asked: Pick<Asked, 'uid' | 'amountCents' | 'reason'>,
  known: Adjustment,
): void {
  const isSameUser = known.uid === asked.uid || known.uid === ERASED;
  if (isSameUser && known.amountCents === asked.amountCents && known.reason === asked.reason)
    return;
  throw new Conflict('The key was used for something else: use another one.');
}

function expectWaiting({ state }: Adjustment): void {
  if (state === 'waiting') return;
  throw new Conflict(state === 'booked' ? 'It is booked already.' : 'It was declined.');
}

export function openAdjustments(): Adjustments {
  return new Adjustments(openFirestore());
}
