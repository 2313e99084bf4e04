import { createHmac } from 'node:crypto';

/** HMAC-MD5, lower-case hex, of the fields joined with semicolons. */
export function sign(secretKey: string, ...fields: (string | number)[]): string {
  return createHmac('md5', secretKey).update(fields.join(';')).digest('hex');
}

const REPORT_FIELDS = [
  'merchantAccount',
  'orderReference',
  'amount',
  'currency',
  'authCode',
  'cardPan',
  'transactionStatus',
  'reasonCode',
] as const;

/** What a service callback says; any other field is not signed. */
export type Report = Record<string, unknown>;

/** The report with its `merchantSignature`, absent and null fields signed as empty. */
export function signedReport(report: Report, secretKey: string): Report {
  const values = REPORT_FIELDS.map((name) => textOf(report[name]));
  return { ...report, merchantSignature: sign(secretKey, ...values) };
}

/** A field as it is signed: absent and null as nothing, a number as JSON writes it. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '').replaceAll('"', '');
}
