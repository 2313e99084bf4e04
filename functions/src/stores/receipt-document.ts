import { Timestamp, type DocumentData } from 'firebase-admin/firestore';
import { z } from 'zod';
import { paymentsMode } from '../config/settings';
import type { Receipt } from './receipt';
import { type Movement, movementKinds } from '../movement';
import { storedDate } from '../firestore/stored-date';

export function documentOf({ owner, product, revocation, movements }: Receipt): DocumentData {
  return {
    uid: owner?.uid ?? null,
    account_token: owner?.accountToken ?? null,
    product: product && { product_id: product.productId, quantity: product.quantity },
    revocation: revocation && {
      part: revocation.part,
      whole: revocation.whole,
      as_of: Timestamp.fromDate(revocation.asOf),
      occurred_at: Timestamp.fromDate(revocation.occurredAt),
    },
    movements: movements.map((movement) => ({
      id: movement.id,
      kind: movement.kind,
      uid: movement.uid,
      amount: movement.amountCents,
      parent_id: movement.parentId,
      order_id: movement.orderId,
      mode: movement.mode,
      occurred_at: Timestamp.fromDate(movement.occurredAt),
    })),
  };
}

const storedMovement = z
  .object({
    id: z.string(),
    kind: z.enum(movementKinds),
    uid: z.string(),
    amount: z.int(),
    parent_id: z.string().nullable(),
    order_id: z.string().nullable(),
    mode: paymentsMode,
    occurred_at: storedDate,
  })
  .transform((stored): Movement => ({
    id: stored.id,
    kind: stored.kind,
    uid: stored.uid,
    amountCents: stored.amount,
    parentId: stored.parent_id,
    orderId: stored.order_id,
    mode: stored.mode,
    occurredAt: stored.occurred_at,
  }));

/** Reads back what `documentOf` wrote. */
export const storedReceipt = z
  .object({
    uid: z.string().nullable(),
    account_token: z.string().nullable(),
    product: z.object({ product_id: z.string(), quantity: z.int() }).nullable(),
    revocation: z
      .object({ part: z.int(), whole: z.int(), as_of: storedDate, occurred_at: storedDate })
      .nullable(),
    movements: z.array(storedMovement),
  })
  .transform(({ uid, account_token: accountToken, product, revocation, movements }): Receipt => ({
    owner: uid === null || accountToken === null ? null : { uid, accountToken },
    product: product && { productId: product.product_id, quantity: product.quantity },
    revocation: revocation && {
      part: revocation.part,
      whole: revocation.whole,
      asOf: revocation.as_of,
      occurredAt: revocation.occurred_at,
    },
    movements,
  }));
