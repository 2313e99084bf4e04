import { createHash } from 'node:crypto';
import { MANUAL } from '../ids';

/** The id of the adjustment that a key asks for: the same key is always the same adjustment. */
export function adjustmentIdOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** The payment id of an adjustment's row; of a move, the row that gives. */
export function rowIdOf(id: string): string {
  return `${MANUAL}_${id}`;
}

/** The id of the adjustment that wrote a row. */
export function idOfRow(paymentId: string): string {
  return paymentId.slice(rowIdOf('').length);
}

/** The payment id of the row of a move that takes. */
export function fromRowIdOf(id: string): string {
  return `${rowIdOf(id)}-from`;
}
