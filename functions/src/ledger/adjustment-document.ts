import { FieldValue, Timestamp } from '../firestore/client';
import { z } from 'zod';
import { paymentsMode, type PaymentsMode } from '../config/settings';
import { Conflict, Forbidden } from '../errors';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { ERASED, MANUAL } from '../ids';
import { rowIdOf } from './adjustment-id';
import type { RecordedRow } from './ledger';
import type { PaymentRow } from './payment-row';

const adjustmentFields = {
  /** Whose balance it changes; of a move, the user who gets the money. */
  uid: ['uid', z.string()],
  /** Signed US cents, never 0; of a move, what was left of the payment. */
  amountCents: ['amount', z.int()],
  /** The payment that is moved; missing where a balance is adjusted. */
  paymentId: ['payment_id', z.string().exactOptional()],
  /** Why, in the words of the member who asked for it. */
  reason: ['reason', z.string()],
  mode: ['mode', paymentsMode],
  /** The member who asked for it. */
  madeBy: ['made_by', z.string()],
  madeByEmail: ['made_by_email', z.string()],
  madeAt: ['made_at', date],
  /** `booked` is written together with the rows, never before them. */
  state: ['state', z.enum(['waiting', 'booked', 'declined'])],
  /** While it waits for a second person. */
  waitsSince: ['waits_since', date.exactOptional()],
  /** The member who approved it; missing where it needed no second person. */
  approvedBy: ['approved_by', z.string().exactOptional()],
  declinedBy: ['declined_by', z.string().exactOptional()],
  declinedFor: ['declined_for', z.string().exactOptional()],
  decidedAt: ['decided_at', date.exactOptional()],
} as const;

export const storedAdjustment = defineDocument(adjustmentFields);

/** A balance that the staff changes by hand, or a payment that it moves to another user. */
export interface Adjustment extends FieldValues<typeof adjustmentFields> {
  readonly id: string;
}

/** What a member asks for. */
export type Asked = Pick<
  Adjustment,
  'id' | 'uid' | 'amountCents' | 'paymentId' | 'reason' | 'mode' | 'madeBy' | 'madeByEmail'
>;

/** A move, as a member asks for it: the payment says how much, and from whom. */
export type AskedMove = Omit<Asked, 'id' | 'amountCents'> & { readonly paymentId: string };

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

/** The row that adjusts a balance. */
export function rowOf({ id, uid, amountCents, mode }: Asked, now: Date): PaymentRow {
  return {
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

export function expectWaiting({ state }: Adjustment): void {
  if (state === 'waiting') return;
  throw new Conflict(state === 'booked' ? 'It is booked already.' : 'It was declined.');
}

/** @throws Forbidden when the balance is the member's own. */
export function expectOther(uid: string, by: string): void {
  if (uid !== by) return;
  throw new Forbidden(
    'It changes your own balance: another member must ask for it, and approve it.',
  );
}

/** The member who decides on an adjustment, and the mode of the deployment. */
export interface Approver {
  readonly uid: string;
  readonly mode: PaymentsMode;
}

/**
 * @throws Conflict when it waits no longer, or can only be declined.
 * @throws Forbidden for the member who asked for it, and for the one whose balance it changes.
 */
export function expectApprovable(adjustment: Adjustment, { uid: by, mode }: Approver): void {
  expectWaiting(adjustment);
  if (adjustment.madeBy === by) {
    throw new Forbidden('You have asked for it yourself: another member must approve it.');
  }
  expectOther(adjustment.uid, by);
  if (adjustment.uid === ERASED) throw new Conflict('The account was deleted: decline it.');
  if (adjustment.mode === mode) return;
  throw new Conflict('It was asked for in the other mode: decline it.');
}

export const bookedState = { state: 'booked' } as const;

/** The fields of a decision, beside its state and its member. */
export function decidedAt(now: Date) {
  return { decided_at: Timestamp.fromDate(now), waits_since: FieldValue.delete() };
}
