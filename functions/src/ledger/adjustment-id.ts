import { createHash } from 'node:crypto';
import { MANUAL } from '../ids';

/** The id of the adjustment that a key asks for: the same key is always the same adjustment. */
export function adjustmentIdOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** The payment id of an adjustment's row. */
export function rowIdOf(id: string): string {
  return `${MANUAL}_${id}`;
}
