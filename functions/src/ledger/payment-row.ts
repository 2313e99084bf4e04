import { Timestamp, type DocumentData } from 'firebase-admin/firestore';
import { z } from 'zod';
import { paymentsMode } from '../config/settings';
import { Unusable } from '../errors';
import { storedDate } from '../firestore/stored-date';
import { ERASED, firebaseUid, paymentId, sameOwner } from '../ids';
import { type Movement, movementKinds } from '../movement';

/** What is said once about a movement and never edited. */
export interface PaymentRow extends Omit<Movement, 'id'> {
  /** `<gateway>_<movement id>`: the document's id and the Retail API's `transaction_id`. */
  readonly paymentId: string;
  readonly gateway: string;
}

/** Gives a movement its place in the ledger: its payment id, and its parent's. */
export function rowOf(gateway: string, movement: Movement): PaymentRow {
  const { id, ...rest } = movement;
  const row: PaymentRow = {
    ...rest,
    paymentId: `${gateway}_${id}`,
    gateway,
    parentId: movement.parentId === null ? null : `${gateway}_${movement.parentId}`,
  };
  const fault = faultOf(row);
  if (fault !== undefined) throw new Unusable(`No row can be made: ${fault}.`);
  return row;
}

function faultOf(row: PaymentRow): string | undefined {
  if (!paymentId.safeParse(row.paymentId).success) return 'the payment id does not fit the pattern';
  if (row.uid !== ERASED && !firebaseUid.safeParse(row.uid).success) {
    return 'the uid is not one of Firebase';
  }
  if (!Number.isSafeInteger(row.amountCents) || row.amountCents === 0) {
    return 'the amount is not a whole, non-zero number of cents';
  }
  return undefined;
}

/** Two reports of one movement must agree on whose balance moves, by how much, and through whom. */
export function sameMovement(row: PaymentRow, stored: DocumentData): boolean {
  return (
    sameOwner(stored['uid'], row.uid) &&
    stored['amount'] === row.amountCents &&
    stored['gateway'] === row.gateway
  );
}

/** The fields of a document that say what moved. */
export function documentOf(row: PaymentRow): DocumentData {
  return {
    payment_id: row.paymentId,
    uid: row.uid,
    amount: row.amountCents,
    gateway: row.gateway,
    kind: row.kind,
    parent_id: row.parentId,
    order_id: row.orderId,
    mode: row.mode,
    occurred_at: Timestamp.fromDate(row.occurredAt),
  };
}

/** A row that waits: what it says as a total is made of it only when it is written. */
export function waitingDocumentOf(row: PaymentRow): DocumentData {
  return { ...documentOf(row), ...(row.isTotal && { is_total: true }) };
}

/** Reads back what `waitingDocumentOf` wrote. */
export const storedRow = z
  .object({
    payment_id: paymentId,
    uid: z.string(),
    amount: z.int(),
    gateway: z.string(),
    kind: z.enum(movementKinds),
    parent_id: paymentId.nullable(),
    order_id: z.string().nullable(),
    mode: paymentsMode,
    occurred_at: storedDate,
    is_total: z.literal(true).optional(),
  })
  .transform((stored): PaymentRow => ({
    paymentId: stored.payment_id,
    uid: stored.uid,
    amountCents: stored.amount,
    gateway: stored.gateway,
    kind: stored.kind,
    parentId: stored.parent_id,
    orderId: stored.order_id,
    mode: stored.mode,
    occurredAt: stored.occurred_at,
    ...(stored.is_total && { isTotal: true }),
  }));
