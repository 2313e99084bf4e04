import { isOfUser, type BookedRow } from '../ledger/booked-rows';
import { newCents } from '../ledger/bounds';
import type { PaymentRow } from '../ledger/payment-row';
import { BeyondBounds } from '../errors';

/**
 * - `missing`: the gateway reports a movement that is not booked, or not all of a total.
 * - `unknown`: a row has nothing at the gateway that it could stand for.
 * - `amount`: the row of a movement has another amount.
 * - `user`: the row of a movement is another user's.
 * - `excess`: more is booked than the gateway's total.
 */
export type DifferenceKind = 'missing' | 'unknown' | 'amount' | 'user' | 'excess';

/** One difference between a gateway and our books. Both sides are signed US cents. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly paymentId: string;
  /** The kind of the movement. */
  readonly movement: string;
  readonly orderId: string | null;
  /** Null when the gateway has nothing. */
  readonly gatewayCents: number | null;
  /** Null when nothing is booked. */
  readonly bookedCents: number | null;
  /** When the money moved; null when only a row without a time says so. */
  readonly occurredAt: Date | null;
}

/**
 * Compares all that a gateway says of some payments with all rows of them.
 * @param reported every movement of the payments, as the gateway reports it now.
 * @param rows the rows of the same payments, none left out.
 */
export function differencesOf(
  reported: readonly PaymentRow[],
  rows: readonly BookedRow[],
): Difference[] {
  const booked = new Map(rows.map((row) => [row.paymentId, row]));
  const known = new Set<string>();
  const found: Difference[] = [];
  for (const one of reported) {
    if (one.isTotal === true) {
      const counted = ofTotal(one, rows);
      for (const { paymentId } of counted) known.add(paymentId);
      found.push(...compareTotal(one, counted, rows));
      continue;
    }
    known.add(one.paymentId);
    // A gateway that reports the failure of a refund no longer reports the refund.
    if (one.kind === 'refund_failed' && one.parentId !== null) known.add(one.parentId);
    found.push(...compareOne(one, booked.get(one.paymentId), booked));
  }
  const unknown = rows.filter(({ paymentId }) => !known.has(paymentId));
  return [...found, ...unknown.map(toUnknown)];
}

function compareOne(
  one: PaymentRow,
  row: BookedRow | undefined,
  booked: ReadonlyMap<string, BookedRow>,
): Difference[] {
  if (row === undefined) {
    // A refund that failed before it was booked moves nothing, nor does its failure.
    const isVoid = one.kind === 'refund_failed' && !booked.has(one.parentId ?? '');
    return isVoid ? [] : [difference('missing', one, one.amountCents, null)];
  }
  if (row.amountCents !== one.amountCents) {
    return [difference('amount', one, one.amountCents, row.amountCents)];
  }
  if (isOfUser(row, one.uid)) return [];
  return [difference('user', one, one.amountCents, row.amountCents)];
}

/** The rows that a total counts: those of its kind, of the same payment. */
function ofTotal(total: PaymentRow, rows: readonly BookedRow[]): readonly BookedRow[] {
  const root = total.parentId ?? total.paymentId;
  return rows.filter(
    ({ kind, paymentId, parentId }) =>
      kind === total.kind && (paymentId === total.paymentId || parentId === root),
  );
}

function compareTotal(
  total: PaymentRow,
  counted: readonly BookedRow[],
  rows: readonly BookedRow[],
): Difference[] {
  const cents = counted.reduce((sum, { amountCents }) => sum + amountCents, 0);
  const other = counted.find((row) => !isOfUser(row, total.uid));
  if (other !== undefined) return [difference('user', total, total.amountCents, cents)];
  if (isMissing(total, counted, rows)) {
    return [difference('missing', total, total.amountCents, counted.length === 0 ? null : cents)];
  }
  if (cents === total.amountCents) return [];
  return [difference('excess', total, total.amountCents, cents)];
}

/** Whether the ledger would book a part of the total, or refuse it for the bounds of its payment. */
function isMissing(
  total: PaymentRow,
  counted: readonly BookedRow[],
  rows: readonly BookedRow[],
): boolean {
  const root = total.parentId ?? total.paymentId;
  const others = rows.filter((row) => row.paymentId === root || row.parentId === root);
  try {
    return newCents(total, [...new Set([...counted, ...others])]) !== 0;
  } catch (error) {
    if (error instanceof BeyondBounds) return true;
    throw error;
  }
}

function difference(
  kind: DifferenceKind,
  { paymentId, kind: movement, orderId, occurredAt }: PaymentRow,
  gatewayCents: number,
  bookedCents: number | null,
): Difference {
  return { kind, paymentId, movement, orderId, gatewayCents, bookedCents, occurredAt };
}

function toUnknown(row: BookedRow): Difference {
  const { paymentId, kind: movement, orderId, amountCents: bookedCents } = row;
  const occurredAt = row.occurredAt ?? row.createdAt;
  return {
    kind: 'unknown',
    paymentId,
    movement,
    orderId,
    gatewayCents: null,
    bookedCents,
    occurredAt,
  };
}
