import type { DocumentData } from '../firestore/client';
import { z } from 'zod';
import { date, defineDocument } from '../firestore/document';
import { movementFields } from '../movement';
import type { Receipt } from './receipt';

const receipt = defineDocument({
  uid: ['uid', z.string().nullable()],
  accountToken: ['account_token', z.string().nullable()],
  product: [
    'product',
    defineDocument({
      productId: ['product_id', z.string()],
      quantity: ['quantity', z.int()],
    }).nullable(),
  ],
  revocation: [
    'revocation',
    defineDocument({
      part: ['part', z.int()],
      whole: ['whole', z.int()],
      asOf: ['as_of', date],
      occurredAt: ['occurred_at', date],
    }).nullable(),
  ],
  movements: ['movements', z.array(defineDocument({ id: ['id', z.string()], ...movementFields }))],
});

/** The document of a receipt. The owner's two fields stand beside the others, for the queries. */
export function toDocument({ owner, ...rest }: Receipt): DocumentData {
  const { uid, accountToken } = owner ?? { uid: null, accountToken: null };
  return receipt.encode({ uid, accountToken, ...rest, movements: [...rest.movements] });
}

/** Reads what `toDocument` wrote. */
export function fromDocument(document: DocumentData | undefined): Receipt {
  const { uid, accountToken, ...rest } = receipt.parse(document);
  return { ...rest, owner: uid === null || accountToken === null ? null : { uid, accountToken } };
}
