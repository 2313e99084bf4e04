import { NotFound } from '../errors';
import type { FoundRow } from '../ledger/lookup';
import type { FoundEvent } from '../ledger/open-events';
import type { Order } from '../orders/order';
import type { ActOnRecord, AuditBook } from '../roles/audit-book';
import { paymentIdsOf, withNames, type Books } from './search';

/** All that the books have of one order, or of one payment without an order. */
export interface Facts {
  readonly order: Order | undefined;
  /** When the gateway began to hold the money for a check. */
  readonly reviewedAt: Date | undefined;
  readonly rows: readonly FoundRow[];
  readonly events: readonly FoundEvent[];
  /** What the staff did about any of it. */
  readonly acts: readonly ActOnRecord[];
}

/** The most rows and parked events of one story. */
const MOST = 100;

/**
 * Reads all that the books have of an order or a payment.
 * @param id an order id, a payment id, or an id of the gateway.
 * @throws NotFound when there is nothing.
 * @throws Unavailable when Firestore does not answer.
 */
export async function readFacts(
  { audit, ...books }: Books & { readonly audit: AuditBook },
  id: string,
): Promise<Facts> {
  const { order, row } = await start(books, id);
  const rows = await rowsOf(books, order, row);
  const events = await books.events.about(subjectsOf(id, order, rows), MOST);
  if (order === undefined && rows.length === 0 && events.length === 0) {
    throw new NotFound('Nothing has the id.');
  }
  const targets = [
    ...(order === undefined ? [] : [order.orderId]),
    ...rows.map(({ paymentId }) => paymentId),
    ...events.map((event) => event.id),
  ];
  const [acts, reviewedAt] = await Promise.all([
    audit.on(targets),
    order && books.orders.reviewOf(order.orderId),
  ]);
  return { order, reviewedAt, rows, events, acts };
}

async function start({ orders, rows }: Books, id: string) {
  const [named, itself] = await Promise.all([orders.withId(id), rows.withIds(paymentIdsOf(id))]);
  const [row] = itself;
  if (named !== undefined) return { order: named, row };
  if (row !== undefined) {
    return { order: row.orderId === null ? undefined : await orders.withId(row.orderId), row };
  }
  const [bound] = await orders.boundTo(id, 1);
  return { order: bound, row };
}

/** The rows of the order, and the payment of the row with all its corrections. */
async function rowsOf(
  { rows }: Books,
  order: Order | undefined,
  row: FoundRow | undefined,
): Promise<FoundRow[]> {
  const ofOrder = order === undefined ? [] : await rows.ofOrder(order.orderId, MOST);
  const above = await rows.withIds(parentsOf(row === undefined ? [] : [row]));
  const top = await rows.withIds(parentsOf(above));
  const known = [...ofOrder, ...(row === undefined ? [] : [row]), ...above, ...top];
  const corrections = await rows.correctionsOf(idsOf(known));
  const failures = await rows.correctionsOf(idsOf(corrections));
  const all = [...known, ...corrections, ...failures];
  return [...new Map(all.map((one) => [one.paymentId, one])).values()];
}

function parentsOf(rows: readonly FoundRow[]): string[] {
  return rows.flatMap(({ parentId }) => parentId ?? []);
}

function idsOf(rows: readonly FoundRow[]): string[] {
  return [...new Set(rows.map(({ paymentId }) => paymentId))];
}

function subjectsOf(id: string, order: Order | undefined, rows: readonly FoundRow[]): string[] {
  const { gateway, orderId, gatewayRef } = order ?? {};
  const ofOrder = [orderId, gatewayRef].flatMap((one) =>
    gateway === undefined || one === undefined ? [] : [`${gateway}_${one}`],
  );
  return [...new Set([id, ...withNames(id), ...ofOrder, ...idsOf(rows)])];
}
