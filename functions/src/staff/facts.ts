import { NotFound } from '../errors';
import type { FoundRow } from '../ledger/lookup';
import type { FoundEvent } from '../ledger/open-events';
import type { RefundRequest } from '../ledger/refund-request';
import type { RefundRequests } from '../ledger/refund-requests';
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
  /** Refunds that were asked for. */
  readonly requests: readonly RefundRequest[];
  /** What the staff did about any of it. */
  readonly acts: readonly ActOnRecord[];
}

/** The most rows and parked events of one story. */
const MOST = 100;

/**
 * Reads all that the books have of an order or a payment.
 * @param id an order id, a payment id, an id of the gateway, or the id of a parked event.
 * @throws NotFound when there is nothing.
 * @throws Unavailable when Firestore does not answer.
 */
export async function readFacts(
  {
    audit,
    requests,
    ...books
  }: Books & { readonly audit: AuditBook; readonly requests: RefundRequests },
  id: string,
): Promise<Facts> {
  const parked = await books.events.withId(id);
  const found = await start(books, [id, ...(parked === undefined ? [] : namesIn(parked))]);
  const { order } = found;
  const rows = await rowsOf(books, id, found);
  const about = await books.events.about(subjectsOf(id, order, rows), MOST);
  const events = about.some((event) => event.id === parked?.id)
    ? about
    : [...(parked === undefined ? [] : [parked]), ...about];
  if (order === undefined && rows.length === 0 && events.length === 0) {
    throw new NotFound('Nothing has the id.');
  }
  const asked = await requests.of(rows.map(({ paymentId }) => paymentId));
  const targets = [
    ...(order === undefined ? [] : [order.orderId]),
    ...rows.map(({ paymentId }) => paymentId),
    ...events.map((event) => event.id),
    ...asked.map((one) => one.id),
  ];
  const [acts, reviewedAt] = await Promise.all([
    audit.on(targets),
    order && books.orders.reviewOf(order.orderId),
  ]);
  return { order, reviewedAt, rows, events, requests: asked, acts };
}

/** Where a story begins. */
interface Start {
  readonly order: Order | undefined;
  readonly row: FoundRow | undefined;
}

/** The ids that a parked event tells, with the name of its gateway and without it. */
function namesIn({ gateway, subjects }: FoundEvent): string[] {
  const prefix = `${gateway}_`;
  return subjects.flatMap((one) =>
    one.startsWith(prefix) ? [one, one.slice(prefix.length)] : [one],
  );
}

/** The first of some names that an order or a row has. */
async function start(books: Books, names: readonly string[]): Promise<Start> {
  for (const name of names) {
    const found = await startAt(books, name);
    if (found.order !== undefined || found.row !== undefined) return found;
  }
  return { order: undefined, row: undefined };
}

async function startAt({ orders, rows }: Books, id: string): Promise<Start> {
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
async function rowsOf({ rows }: Books, id: string, { order, row }: Start): Promise<FoundRow[]> {
  const ofOrder = await rows.ofOrder(order?.orderId ?? row?.orderId ?? id, MOST);
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
