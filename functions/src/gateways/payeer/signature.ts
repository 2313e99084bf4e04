import { createHash } from 'node:crypto';

/** Payeer's signature of both ways: SHA-256, upper-case hex, of the values and the key after them. */
export function signatureOf(secretKey: string, values: readonly string[]): string {
  const text = [...values, secretKey].join(':');
  return createHash('sha256').update(text, 'utf8').digest('hex').toUpperCase();
}
