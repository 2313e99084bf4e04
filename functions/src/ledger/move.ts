import { Conflict } from '../errors';
import { ERASED, firebaseUid, MANUAL } from '../ids';
import type { PaymentsMode } from '../config/settings';
import { fromRowIdOf, moveIdOf, rowIdOf } from './adjustment-id';
import type { AskedMove } from './adjustment-document';
import { lastMoveOf } from './holder';
import type { FoundRow, WholePayment } from './lookup';
import type { PaymentRow } from './payment-row';
import { leftOutcomes } from './sync-fault';

/** The rest of a payment, on its way from the user who has it to another. */
export interface Move {
  /** The same move of the payment, asked for in the same words, has the same id. */
  readonly id: string;
  readonly payment: FoundRow;
  readonly from: string;
  readonly to: string;
  /** US cents, above 0. */
  readonly amountCents: number;
  readonly mode: PaymentsMode;
  /** The row that brought the money to `from`; undefined where the payment was not moved before. */
  readonly last: FoundRow | undefined;
}

/** Why a payment of a deleted account, or of one that is being deleted, is not moved. */
export const DELETED =
  'The account that has the money is deleted, and no balance is left to take it from: refund the payment, or adjust the balance of the right user.';

/**
 * What a move would bring to another user now.
 * @throws Conflict when the payment cannot be moved; the message says why.
 */
export function moveOf(
  { payment, rows }: WholePayment,
  { uid: to, reason, mode }: Pick<AskedMove, 'uid' | 'reason' | 'mode'>,
): Move {
  expectPayment(payment, mode);
  const last = lastMoveOf(rows);
  const from = last?.uid ?? payment.uid;
  if (from === to) throw new Conflict('The user has the money of this payment already.');
  if (from === ERASED) throw new Conflict(DELETED);
  if (!firebaseUid.safeParse(from).success) {
    throw new Conflict('A row of the payment has no user: mend it first.');
  }
  expectGiven(rows.filter(({ uid }) => uid === from));
  const amountCents = sumCents(rows);
  if (amountCents <= 0) throw new Conflict('Nothing is left of the payment.');
  const { paymentId } = payment;
  const id = moveIdOf(paymentId, to, reason, last?.paymentId ?? null);
  return { id, payment, from, to, amountCents, mode, last };
}

/**
 * Money that the Retail API has refused to give is in no balance. A row that takes it would take other
 * money of the user instead.
 * @throws Conflict when a row that gives to the user was refused.
 */
function expectGiven(rows: readonly FoundRow[]): void {
  const refused = rows.find(
    ({ amountCents, isSynced, fault }) =>
      (amountCents ?? 0) > 0 && !isSynced && leftOutcomes.includes(fault?.outcome ?? ''),
  );
  if (refused === undefined) return;
  const { paymentId } = refused;
  throw new Conflict(
    `The Retail API has refused the money, so the user does not have it. Mend the cause, then: npm run ops -- refused --retry ${paymentId}. Move the payment when its story says that the row is pushed.`,
  );
}

/** @throws Conflict unless the row is a payment, and of this mode. */
export function expectPayment({ kind, parentId, mode }: FoundRow, expected: PaymentsMode): void {
  if (kind !== 'payment' || parentId !== null) {
    throw new Conflict('This row is no payment: name the payment that it belongs to.');
  }
  if (mode !== expected) {
    throw new Conflict(
      'The payment is of the other mode: the keys of this deployment are not its.',
    );
  }
}

/** The sum of some rows. @throws Conflict when a person has broken one of them. */
export function sumCents(rows: readonly FoundRow[]): number {
  return rows.reduce((sum, { amountCents }) => {
    if (amountCents !== null) return sum + amountCents;
    throw new Conflict('A row of the payment has no amount in whole cents: mend it first.');
  }, 0);
}

/** The two rows of a move, which are always written together. */
export function rowsOfMove(
  { id, payment, from, to, amountCents, mode, last }: Move,
  now: Date,
): PaymentRow[] {
  // Clocks differ, and the last move says who has the money.
  const lastMs = last?.occurredAt?.getTime() ?? 0;
  const given: PaymentRow = {
    paymentId: rowIdOf(id),
    gateway: MANUAL,
    kind: 'move',
    uid: to,
    amountCents,
    parentId: payment.paymentId,
    orderId: payment.orderId,
    mode,
    ...(payment.isReviewer && { isReviewer: true }),
    occurredAt: new Date(Math.max(now.getTime(), lastMs + 1)),
  };
  return [given, { ...given, paymentId: fromRowIdOf(id), uid: from, amountCents: -amountCents }];
}
