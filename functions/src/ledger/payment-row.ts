import type { DocumentData } from '../firestore/client';
import { z } from 'zod';
import { Unusable } from '../errors';
import { date, defineDocument, type FieldValues } from '../firestore/document';
import { ERASED, firebaseUid, paymentId, sameOwner } from '../ids';
import { movementFields, rowKinds, type Movement } from '../movement';
import type { BoundRow } from './bounds';
import type { HeldRow } from './holder';

/** The fields of a row that are written once and never edited. */
export const rowFields = {
  ...movementFields,
  kind: ['kind', z.enum(rowKinds)],
  /** `<gateway>_<movement id>`: the document's id and the Retail API's `transaction_id`. */
  paymentId: ['payment_id', paymentId],
  gateway: ['gateway', z.string()],
  /** The payment id of the payment that a correction belongs to. */
  parentId: ['parent_id', paymentId.nullable()],
  /** The payment was moved: the row's user has its money, and is not the one that the gateway names. */
  isMoved: ['is_moved', z.literal(true).exactOptional()],
} as const;

const waitingFields = {
  ...rowFields,
  /** See `Movement`. The ledger row has the difference, which is known only when it is written. */
  isTotal: ['is_total', z.literal(true).exactOptional()],
} as const;

/** A movement with its place in the ledger. */
export type PaymentRow = FieldValues<typeof waitingFields>;

/** A row of the ledger. */
export const paymentRow = defineDocument(rowFields);

const boundRow = defineDocument({
  /** A person may have written a row with a kind of their own. */
  kind: ['kind', z.string().catch('')],
  amountCents: rowFields.amountCents,
  uid: ['uid', z.string().catch('')],
  occurredAt: ['occurred_at', date.nullable().catch(null).default(null)],
});

/**
 * Reads what the bounds of a payment need of one of its rows, and whose its money is.
 * @throws Unusable when a person has written a row without an amount.
 */
export function toBoundRow(stored: DocumentData | undefined): BoundRow & HeldRow {
  const { data } = boundRow.safeParse(stored);
  if (data === undefined) throw new Unusable('A row of its payment has no amount in whole cents.');
  return data;
}

/** A row that waits in a parked event. */
export const waitingRow = defineDocument(waitingFields);

/**
 * Gives a movement its payment id, and its parent's.
 * @throws Unusable when the ledger could not hold such a row.
 */
export function toPaymentRow(gateway: string, movement: Movement): PaymentRow {
  const { id, ...rest } = movement;
  const row: PaymentRow = {
    ...rest,
    paymentId: `${gateway}_${id}`,
    gateway,
    parentId: movement.parentId === null ? null : `${gateway}_${movement.parentId}`,
  };
  const fault = findFault(row);
  if (fault !== undefined) throw new Unusable(`No row can be made: ${fault}.`);
  return row;
}

/** The first moment that Firestore cannot hold: the year 10000. */
const FIRESTORE_END_MS = Date.UTC(10_000, 0, 1);
/** Far above our order ids, and those of stores. */
const MOST_ORDER_ID = 200;

function findFault(row: PaymentRow): string | undefined {
  if (!paymentId.safeParse(row.paymentId).success) return 'the payment id does not fit the pattern';
  if (!paymentId.nullable().safeParse(row.parentId).success) {
    return 'the payment id of its payment does not fit the pattern';
  }
  if (row.uid !== ERASED && !firebaseUid.safeParse(row.uid).success) {
    return 'the uid is not one of Firebase';
  }
  const occurredMs = row.occurredAt.getTime();
  if (!(occurredMs >= 0 && occurredMs < FIRESTORE_END_MS))
    return 'the time is before 1970 or after 9999';
  const { orderId } = row;
  if (orderId !== null && (orderId.length > MOST_ORDER_ID || !orderId.isWellFormed())) {
    return 'the order id is too long, or no text';
  }
  if (!Number.isSafeInteger(row.amountCents) || row.amountCents === 0) {
    return 'the amount is not a whole, non-zero number of cents';
  }
  return undefined;
}

/**
 * Whether a stored row is of the same movement: two reports of one movement must agree on whose
 * balance moves, by how much, and through which gateway. The user of a payment that was moved is known
 * to be another.
 */
export function isSameMovement(row: PaymentRow, stored: DocumentData): boolean {
  const { uid, amount, gateway } = paymentRow.encode(row);
  const isOfUser = stored['is_moved'] === true || sameOwner(stored['uid'], uid);
  return isOfUser && stored['amount'] === amount && stored['gateway'] === gateway;
}
