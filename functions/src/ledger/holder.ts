/** The fields of a row that say whose the money of its payment is. */
export interface HeldRow {
  /** A `RowKind`, or a word that a person has written. */
  readonly kind: string;
  /** Empty where a person has broken it. */
  readonly uid: string;
  /** Signed US cents; null where a person has broken it. */
  readonly amountCents: number | null;
  readonly occurredAt: Date | null;
}

/**
 * The row that gave the money of a payment to another user, the last one where it was moved again.
 * A move is later than the one before it, whatever the clocks say: see `rowsOfMove`.
 */
export function lastMoveOf<Row extends HeldRow>(rows: readonly Row[]): Row | undefined {
  const ms = ({ occurredAt }: Row) => occurredAt?.getTime() ?? 0;
  return rows
    .filter(({ kind, amountCents }) => kind === 'move' && (amountCents ?? 0) > 0)
    .toSorted((a, b) => ms(a) - ms(b))
    .at(-1);
}

/**
 * The user who has the money of a payment: the one it was moved to last, or else the one it was paid
 * for. A correction changes this user's balance.
 * @param owner the user of the payment's own row.
 * @param rows all rows of the payment.
 */
export function holderOf(owner: string, rows: readonly HeldRow[]): string {
  return lastMoveOf(rows)?.uid ?? owner;
}
