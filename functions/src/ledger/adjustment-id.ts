import { createHash } from 'node:crypto';
import { MANUAL } from '../ids';

/** The id of the adjustment that a key asks for: the same key is always the same adjustment. */
export function adjustmentIdOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/**
 * The id of a move: its words in the same order are always the same move. A key of an adjustment has no
 * line break, so no key has the id of a move.
 */
export function moveIdOf(...words: readonly (string | null)[]): string {
  return adjustmentIdOf(`move\n${JSON.stringify(words)}`);
}

/** The payment id of an adjustment's row; of a move, the row that gives. */
export function rowIdOf(id: string): string {
  return `${MANUAL}_${id}`;
}

const writtenRow = new RegExp(`^${rowIdOf('([0-9a-f]{32})')}$`);

/** The id of the adjustment that wrote a row; undefined for a row that a person has written. */
export function idOfRow(paymentId: string): string | undefined {
  return writtenRow.exec(paymentId)?.[1];
}

/** The payment id of the row of a move that takes. */
export function fromRowIdOf(id: string): string {
  return `${rowIdOf(id)}-from`;
}
