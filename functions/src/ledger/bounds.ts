import { BeyondBounds } from '../errors';
import { decimalOf } from '../money';

/** The fields of a row that the bounds of its payment need. */
export interface BoundRow {
  /** A `MovementKind`, or a word that a person has written. */
  readonly kind: string;
  /** Signed US cents. */
  readonly amountCents: number;
}

/**
 * The part of a movement that the rows of its payment do not have yet, in signed US cents; 0 when
 * nothing is new. A total counts the rows of its kind, so totals may come in any order. A payment and
 * its corrections have bounds: their sum is never negative, and corrections never give back more than
 * they took.
 * @param expectedCents reported amounts that will be given back, and wait because they do not fit
 *   either: a lost and a won dispute may be reported in the wrong order, after a refund.
 * @throws BeyondBounds when the movement goes beyond the bounds.
 */
export function newCents(
  { kind, amountCents, isTotal }: BoundRow & { readonly isTotal?: boolean },
  rows: readonly BoundRow[],
  expectedCents = 0,
): number {
  const counted = isTotal === true ? sumOf(rows.filter((row) => row.kind === kind)) : 0;
  const added = amountCents - counted;
  if (added === 0 || added < 0 !== amountCents < 0) return 0;
  const paid = sumOf(rows.filter((row) => row.kind === 'payment'));
  const left = sumOf(rows);
  const after = left + added;
  const isBeyond = added < 0 ? after + expectedCents < 0 : kind !== 'payment' && after > paid;
  if (!isBeyond) return added;
  const takes = added < 0 ? 'takes' : 'gives back';
  const [figure, ofPaid, ofLeft] = [Math.abs(added), paid, left].map(decimalOf);
  throw new BeyondBounds(
    `A ${kind} ${takes} ${figure} USD of a payment of ${ofPaid} USD, of which ${ofLeft} USD are left.`,
  );
}

function sumOf(rows: readonly BoundRow[]): number {
  return rows.reduce((cents, { amountCents }) => cents + amountCents, 0);
}
