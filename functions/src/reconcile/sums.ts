import type { BookedRow } from '../ledger/booked-rows';

/** How much of one kind the gateway reports, we have booked, and the Retail API has confirmed. */
export interface Sums {
  /** A `MovementKind`, or a word that a person has written into a row. */
  readonly kind: string;
  readonly gatewayCount: number;
  /** Signed US cents. */
  readonly gatewayCents: number;
  readonly bookedCount: number;
  readonly bookedCents: number;
  /** Rows that the Retail API applied, and of these on a later try than the first. */
  readonly applied: number;
  readonly late: number;
  /** Rows that it had already when they came. */
  readonly duplicate: number;
  /** Rows that it has confirmed before rows said how. */
  readonly confirmed: number;
  readonly undelivered: number;
}

/** @param told each movement once. @param booked each row once. */
export function sumsOf(
  told: readonly Pick<BookedRow, 'kind' | 'amountCents'>[],
  booked: readonly BookedRow[],
): Sums[] {
  const kinds = [...new Set([...told, ...booked].map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const ofGateway = told.filter((one) => one.kind === kind);
    const rows = booked.filter((one) => one.kind === kind);
    const synced = rows.filter(({ isSynced }) => isSynced);
    const as = (how: string | null) => synced.filter(({ syncedAs }) => syncedAs === how);
    return {
      kind,
      gatewayCount: ofGateway.length,
      gatewayCents: centsOf(ofGateway),
      bookedCount: rows.length,
      bookedCents: centsOf(rows),
      applied: as('applied').length,
      late: as('applied').filter(({ syncedTry }) => (syncedTry ?? 1) > 1).length,
      duplicate: as('duplicate').length,
      confirmed: as(null).length,
      undelivered: rows.length - synced.length,
    };
  });
}

/** A row without a readable amount counts as nothing here; it is a difference of its own. */
function centsOf(rows: readonly { readonly amountCents: number }[]): number {
  return rows.reduce(
    (sum, { amountCents }) => sum + (Number.isNaN(amountCents) ? 0 : amountCents),
    0,
  );
}
