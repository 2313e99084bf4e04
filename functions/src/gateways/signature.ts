import { timingSafeEqual } from 'node:crypto';

/** Whether two values are the same bytes. The time it takes does not tell where they differ. */
export function sameBytes(a: string | Buffer, b: string | Buffer): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
