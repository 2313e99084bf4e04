import { createDecipheriv, createHash } from 'node:crypto';

/** SHA-256, upper-case hex, of the values and the secret key, joined with colons. */
export function sign(secretKey: string, values: readonly string[]): string {
  return createHash('sha256')
    .update([...values, secretKey].join(':'))
    .digest('hex')
    .toUpperCase();
}

const NOTICE_FIELDS = [
  'm_operation_id',
  'm_operation_ps',
  'm_operation_date',
  'm_operation_pay_date',
  'm_shop',
  'm_orderid',
  'm_amount',
  'm_curr',
  'm_desc',
  'm_status',
];

/** A notification's fields with their `m_sign`; `m_params` counts when it is there. */
export function signedNotice(
  fields: Readonly<Record<string, string>>,
  secretKey: string,
): Record<string, string> {
  const names = 'm_params' in fields ? [...NOTICE_FIELDS, 'm_params'] : NOTICE_FIELDS;
  const values = names.map((name) => fields[name] ?? '');
  return { ...fields, m_sign: sign(secretKey, values) };
}

/** Reads the `m_params` of a form; throws when they were encrypted with another key. */
export function decryptedParams(encryptionKey: string, orderId: string, params: string): string {
  const key = createHash('md5')
    .update(encryptionKey + orderId)
    .digest('hex');
  const decipher = createDecipheriv('aes-256-cbc', key, Buffer.alloc(16));
  const encrypted = Buffer.from(decodeURIComponent(params), 'base64');
  return Buffer.concat([decipher.update(encrypted), decipher.final()]).toString('utf8');
}
