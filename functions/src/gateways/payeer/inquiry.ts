import { Unusable } from '../../errors';
import type { AskedPayment } from '../../gateway';
import { openHistory as openRows } from '../../ledger/history';
import type { Movement, Reported } from '../../movement';
import type { Order } from '../../orders/order';
import { paymentOf } from '../ordered-payment';
import type { PayeerApi, PayeerPayment } from './api';
import { NAME } from './config';
import { findOrder, type MovementsDeps } from './movements';

/**
 * Notifications name a payment by `m_operation_id`, and the API by `merchantTransactionId`. Payeer does
 * not say that the two are equal. A row is named by the notification. If the API's number were another
 * one, a row that is made of it would credit the payment again when the notification comes late.
 *
 * So the order stands between the two: each payment that the API shows takes the place of a row that
 * the order has, whatever the numbers are. One that is left over is parked, because its notification
 * may still come. It is booked under the API's number only where the operator has compared the numbers
 * and has set PAYEER_API_BOOKS, and the order has no row that speaks against it. The number is then the
 * notification's, too, so that both make the same row.
 */

export interface InquiryDeps extends MovementsDeps {
  /** @throws Misconfigured when the API's settings are missing. */
  readonly api: () => Pick<PayeerApi, 'listPayments' | 'listTransfers'>;
  /** The movement ids of the payments of an order that are booked. */
  readonly bookedIds: (order: Order) => Promise<readonly string[]>;
  /** See `ApiConfig`. */
  readonly books: () => boolean;
  readonly now: () => Date;
}

/**
 * Asks Payeer's API for every payment of one order, as it stands now.
 * @throws Unavailable when Payeer or Firestore does not answer.
 * @throws Misconfigured when the API's settings are missing, or Payeer refuses them.
 */
export async function inquire(
  { orderId, ref }: AskedPayment,
  deps: InquiryDeps,
): Promise<readonly Reported[]> {
  // Every row of Payeer's names its order, and an order is bound to its own id.
  const named = orderId ?? ref;
  const order = named === null ? undefined : await findOrder(named, deps);
  return order === undefined ? [] : readOrder(order, deps);
}

/** All payments of our order. The rows are read last: one that is written meanwhile is then among them. */
export async function readOrder(order: Order, deps: InquiryDeps): Promise<readonly Reported[]> {
  const listed = await deps.api().listPayments(order.orderId);
  const read = listed.map((one) => toMovement(order, one, deps.now()));
  const unusable = read.filter((one) => one instanceof Unusable);
  const paid = read.flatMap((one) => (one instanceof Unusable ? [] : [one]));
  if (paid.length === 0) return unusable;
  return [...pair(paid, await deps.bookedIds(order), deps.books()), ...unusable];
}

/** The payment under the API's number, or the reason why a person must look. */
function toMovement(order: Order, one: PayeerPayment | Unusable, now: Date): Movement | Unusable {
  if (one instanceof Unusable) return one;
  try {
    return paymentOf(order, { ...one, id: one.transactionId, occurredAt: one.paidAt ?? now });
  } catch (error) {
    if (error instanceof Unusable) return error;
    throw error;
  }
}

function pair(
  paid: readonly Movement[],
  booked: readonly string[],
  books: boolean,
): (Movement | Unusable)[] {
  const others = booked.filter((id) => !paid.some((one) => one.id === id));
  const isOtherwiseNumbered = others.length > 0;
  return paid.map((one) => {
    const id = booked.includes(one.id) ? one.id : others.shift();
    if (id !== undefined) return { ...one, id };
    if (books && !isOtherwiseNumbered) return one;
    return new Unusable(
      books
        ? "Payeer's API names a payment by another number than its notification."
        : 'Payeer holds a payment that it has not told us of; see PAYEER_API_BOOKS.',
      { about: one.id },
    );
  });
}

/** Reads the movement ids of an order's payments from the ledger. */
export async function readBookedIds({ uid, orderId }: Order): Promise<readonly string[]> {
  const rows = await openRows().ofOrder(uid, orderId);
  return rows
    .filter(({ gateway, kind }) => gateway === NAME && (kind ?? 'payment') === 'payment')
    .map(({ paymentId }) => paymentId.slice(NAME.length + 1));
}
