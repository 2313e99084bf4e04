import { z } from 'zod';
import { SCHEDULED_RUN_MS } from '../config/limits';
import { Conflict, Parkable, Unusable } from '../errors';
import type { AskedPayment, Gateway, GatewayEvent } from '../gateway';
import { openBookedRows, type BookedRow, type BookedRows } from '../ledger/booked-rows';
import { openLooks, type Looks } from '../ledger/looks';
import type { EventSource } from '../ledger/parked-events';
import { toPaymentRow, type PaymentRow } from '../ledger/payment-row';
import { openUnresolvedEvents, type UnresolvedEvents } from '../ledger/unresolved-events';
import { signedDecimalOf } from '../money';
import type { Reported } from '../movement';
import { openUnpaidOrders, type UnpaidOrders } from '../orders/unpaid-orders';
import { book, openPipeline, park, type Booked, type Pipeline } from '../pipeline';
import { differencesOf, type Difference } from './differences';

/** One gateway, asked again, and the books that its answers are compared with. */
export interface SecondLook {
  readonly name: string;
  readonly gateway: Pick<Gateway<GatewayEvent>, 'inquire' | 'subjectOf' | 'history'>;
  readonly pipeline: Pipeline;
  readonly unpaid: UnpaidOrders;
  readonly unresolved: UnresolvedEvents;
  readonly looks: Looks;
  readonly rows: BookedRows;
  /** Whether the run begins nothing new. */
  readonly isOver: () => boolean;
}

export async function openSecondLook(
  name: string,
  gateway: SecondLook['gateway'],
  pipeline?: Pipeline,
): Promise<SecondLook> {
  const opened = pipeline ?? (await openPipeline());
  const endsAt = opened.now().getTime() + SCHEDULED_RUN_MS;
  return {
    name,
    gateway,
    pipeline: opened,
    unpaid: openUnpaidOrders(),
    unresolved: openUnresolvedEvents(),
    looks: openLooks(),
    rows: openBookedRows(),
    isOver: () => opened.now().getTime() > endsAt,
  };
}

/** The type of the events that a second look parks. */
const SECOND_LOOK = 'second_look';

const ownEvent = z.object({
  type: z.literal(SECOND_LOOK),
  orderId: z.string().nullable(),
  ref: z.string().nullable(),
  paymentId: z.string().nullable(),
});

/** The origin of what a second look books or parks. */
export function sourceOf(name: string, asked: AskedPayment): EventSource {
  const id = asked.paymentId ?? asked.orderId ?? asked.ref ?? 'list';
  const { orderId, ref, paymentId } = asked;
  return {
    gateway: name,
    event: Object.assign({ id: `look_${id}`, type: SECOND_LOOK }, { orderId, ref, paymentId }),
  };
}

/** The payment that a parked event is about, where its gateway can be asked about it. */
export function askedAbout(
  { gateway }: Pick<SecondLook, 'gateway'>,
  event: unknown,
): AskedPayment | undefined {
  return ownEvent.safeParse(event).data ?? gateway.subjectOf?.(event);
}

/** A row that a person has named in another way has no id at the gateway. */
export function movementIdOf(name: string, paymentId: string): string | null {
  return paymentId.startsWith(`${name}_`) ? paymentId.slice(name.length + 1) : null;
}

/** The payment that a row is of, as its gateway is asked about it. */
export function askedOf(
  name: string,
  root: string,
  { orderId }: Pick<BookedRow, 'orderId'>,
): AskedPayment {
  return { orderId, ref: null, paymentId: movementIdOf(name, root) };
}

/**
 * Asks about one payment. An answer that cannot be read as a whole is among the results.
 * @throws Unavailable and Misconfigured as `Gateway.inquire`.
 */
export async function ask(
  { gateway }: Pick<SecondLook, 'gateway'>,
  asked: AskedPayment,
): Promise<readonly Reported[]> {
  try {
    return (await gateway.inquire?.(asked)) ?? [];
  } catch (error) {
    if (!(error instanceof Parkable)) throw error;
    return [withSubject(error, asked)];
  }
}

/** Books what a gateway has answered. @throws Unavailable when Firestore does not answer. */
export function bookAnswer(
  { name, pipeline }: SecondLook,
  asked: AskedPayment,
  reported: readonly Reported[],
): Promise<Booked> {
  return book(pipeline, sourceOf(name, asked), reported, { isSecondLook: true, payment: asked });
}

/** An error that names nothing is about the payment that was asked about. */
function withSubject(error: Parkable, { paymentId, ref, orderId }: AskedPayment): Unusable {
  const about = error.about ?? paymentId ?? ref ?? orderId;
  return new Unusable(error.message, { cause: error, ...(about !== null && { about }) });
}

/** The rows that the movements among the results would be. One that cannot be a row is left out. */
export function toRows(name: string, reported: readonly Reported[]): PaymentRow[] {
  return reported.flatMap((one) => {
    if (one instanceof Unusable || 'review' in one) return [];
    try {
      return [toPaymentRow(name, one)];
    } catch (error) {
      if (error instanceof Unusable) return [];
      throw error;
    }
  });
}

/**
 * The payment that each row is of, by the row's payment id: a correction of a correction is of the
 * payment, too.
 */
export function rootsByRow(
  rows: readonly Pick<PaymentRow, 'paymentId' | 'parentId'>[],
): Map<string, string> {
  const parents = new Map(rows.map(({ paymentId, parentId }) => [paymentId, parentId]));
  const rootOf = (id: string, seen = new Set<string>()): string => {
    const parent = parents.get(id) ?? null;
    // A person may have written rows that name each other.
    return parent === null || seen.has(id) ? id : rootOf(parent, seen.add(id));
  };
  return new Map(rows.map(({ paymentId }) => [paymentId, rootOf(paymentId)]));
}

/** The rows of some payments, and where they differ from what a gateway says. */
interface Compared {
  readonly booked: readonly BookedRow[];
  readonly differences: readonly Difference[];
}

/**
 * Compares what a gateway says of some payments with their rows.
 * @param roots the payments that were asked about; those of the movements are added.
 */
export async function compare(
  { name, rows }: Pick<SecondLook, 'name' | 'rows'>,
  roots: readonly string[],
  reported: readonly Reported[],
): Promise<Compared> {
  const told = toRows(name, reported);
  const wanted = new Set([...roots, ...rootsByRow(told).values()]);
  const booked = await rows.ofPayments([...wanted]);
  return { booked, differences: differencesOf(told, booked) };
}

const words: Readonly<Record<Exclude<Difference['kind'], 'missing'>, string>> = {
  unknown: 'The gateway has nothing that this row could stand for',
  amount: 'The row has another amount than the gateway',
  user: "The row is another user's than the gateway says",
  excess: 'More is booked than the gateway reports',
};

/** Parks a difference that cannot be booked: once, with both sides. A missing row was parked before. */
export async function reportDifference(
  { name, pipeline }: SecondLook,
  asked: AskedPayment,
  difference: Difference,
): Promise<void> {
  const { kind, paymentId, gatewayCents, bookedCents } = difference;
  if (kind === 'missing') return;
  const error = new Conflict(
    `${words[kind]}: ${usd(gatewayCents)} at the gateway, ${usd(bookedCents)} booked.`,
    { about: movementIdOf(name, paymentId) ?? paymentId },
  );
  await park(pipeline, sourceOf(name, asked), error, { isSecondLook: true, payment: asked });
}

function usd(cents: number | null): string {
  if (cents === null) return 'nothing';
  return Number.isSafeInteger(cents) ? `${signedDecimalOf(cents)} USD` : 'no whole cents';
}
