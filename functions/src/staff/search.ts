import { findUid } from '../auth';
import type { Reply } from '../http/call';
import { firebaseUid, rowId } from '../ids';
import { openRowLookup, type FoundRow, type RowLookup } from '../ledger/lookup';
import { openOpenEvents, type FoundEvent, type OpenEvents } from '../ledger/open-events';
import { openOrderLookup, type OrderLookup } from '../orders/lookup';
import type { Order } from '../orders/order';
import { MOST, type find } from './calls';
import * as gateways from './gateways';
import { readQuestion, type Question } from './question';
import { toOrderReply, toParkedReply, toRowReply } from './replies';

/** The books that the staff looks into. */
export interface Books {
  readonly orders: OrderLookup;
  readonly rows: RowLookup;
  readonly events: OpenEvents;
}

export function openBooks(): Books {
  return { orders: openOrderLookup(), rows: openRowLookup(), events: openOpenEvents() };
}

/** The findings of one question. There may be more than `MOST` of each. */
interface Findings {
  readonly orders: readonly Order[];
  readonly rows: readonly FoundRow[];
  readonly events: readonly FoundEvent[];
}

const nothing: Findings = { orders: [], rows: [], events: [] };

/** One more than is told, to know whether there are more. */
const LIMIT = MOST + 1;

/** An id of a gateway's own, as payment ids and subjects have it: with the name of every gateway. */
export function withNames(id: string): string[] {
  return Object.values(gateways).map(({ NAME: name }) => `${name}_${id}`);
}

export function openSearch(books: Books = openBooks()) {
  return {
    /** @throws Unavailable when Firestore or Firebase Authentication does not answer. */
    async find({ q }: { readonly q: string }): Promise<Reply<typeof find>> {
      const question = readQuestion(q);
      const uid = question.as === 'email' ? await findUid(question.email) : undefined;
      const found = await look(books, question, uid);
      const orders = newest(
        found.orders,
        ({ orderId }) => orderId,
        ({ createdAt }) => createdAt,
      );
      const rows = newest(
        found.rows,
        ({ paymentId: id }) => id,
        ({ createdAt }) => createdAt,
      );
      const events = newest(
        found.events,
        ({ id }) => id,
        ({ parkedAt }) => parkedAt,
      );
      return {
        as: question.as,
        uid: uid ?? null,
        orders: orders.slice(0, MOST).map(toOrderReply),
        rows: rows.slice(0, MOST).map(toRowReply),
        parked: events.slice(0, MOST).map(toParkedReply),
        is_more: [orders, rows, events].some(({ length }) => length > MOST),
      };
    },
  };
}

function look(books: Books, question: Question, uid: string | undefined): Promise<Findings> {
  switch (question.as) {
    case 'email':
      return uid === undefined ? Promise.resolve(nothing) : ofUser(books, uid);
    case 'amount':
      return ofAmount(books, question);
    case 'id':
      return ofId(books, question.id);
  }
}

async function ofUser({ orders, rows, events }: Books, uid: string): Promise<Findings> {
  const [theirOrders, theirRows, theirEvents] = await Promise.all([
    orders.of(uid, LIMIT),
    rows.of(uid, LIMIT),
    events.of(uid, LIMIT),
  ]);
  return { orders: theirOrders, rows: theirRows, events: theirEvents };
}

async function ofAmount(
  { orders, rows }: Books,
  { cents, since, until }: Extract<Question, { as: 'amount' }>,
): Promise<Findings> {
  const [placed, moved] = await Promise.all([
    orders.ofAmount(cents, since, until, LIMIT),
    rows.ofAmount(cents, since, until, LIMIT),
  ]);
  return { orders: placed, rows: moved, events: [] };
}

/** An id may be that of a user, an order, a row, or of a gateway. All are looked for at once. */
async function ofId(books: Books, id: string): Promise<Findings> {
  const { orders, rows, events } = books;
  const isUid = firebaseUid.safeParse(id).success;
  const [user, order, bound, itself, ofOrder, about] = await Promise.all([
    isUid ? ofUser(books, id) : nothing,
    orders.withId(id),
    orders.boundTo(id, LIMIT),
    rows.withIds(paymentIdsOf(id)),
    rows.ofOrder(id, LIMIT),
    events.about([id, ...withNames(id)], LIMIT),
  ]);
  const placed = order === undefined ? bound : [order, ...bound];
  const paid = await Promise.all(bound.map(({ orderId }) => rows.ofOrder(orderId, LIMIT)));
  return {
    orders: [...user.orders, ...placed],
    rows: [...user.rows, ...itself, ...ofOrder, ...paid.flat()],
    events: [...user.events, ...about],
  };
}

/** The payment ids that a text may stand for, bare or with the name of its gateway. */
export function paymentIdsOf(id: string): string[] {
  return [id, ...withNames(id)].filter((one) => rowId.safeParse(one).success);
}

/** Each once, newest first; one without a time comes last. */
function newest<One>(
  all: readonly One[],
  idOf: (one: One) => string,
  timeOf: (one: One) => Date | null,
): One[] {
  const once = [...new Map(all.map((one) => [idOf(one), one])).values()];
  const ms = (one: One) => timeOf(one)?.getTime() ?? 0;
  return once.sort((a, b) => ms(b) - ms(a));
}
