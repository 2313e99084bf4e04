import { createHmac } from 'node:crypto';

/**
 * WayForPay's one signature rule: HMAC-MD5 in lower-case hex over the fields joined with `;`. Which
 * fields, and in which order, is said where each message is made.
 */
export function signatureOf(secretKey: string, fields: readonly string[]): string {
  return createHmac('md5', secretKey).update(fields.join(';'), 'utf8').digest('hex');
}
