import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { Unauthentic } from '../../errors';
import { parseLiterals } from '../../json';
import { centsOf, decimalOf, shortDecimalOf } from '../../money';
import { parseForm } from '../form';
import type { WebhookRequest } from '../../gateway';
import { sameBytes } from '../signature';
import type { WayforpayConfig } from './config';

/** The merchant account and its key. */
export type Account = Pick<WayforpayConfig, 'merchantAccount' | 'secretKey'>;

/**
 * A field of the signed text. A missing field and null sign as ''. A number stays the text that
 * WayForPay wrote. The signed text joins the fields with `;`, so a field with one would be ambiguous.
 */
const text = z
  .string()
  .regex(/^[^;]*$/)
  .nullish()
  .transform((value) => value ?? '');

/** The eight fields that the signature covers, in its order; the last two are not covered. */
const signedReport = z.object({
  merchantAccount: text,
  orderReference: text,
  amount: text,
  currency: text,
  authCode: text,
  cardPan: text,
  transactionStatus: text,
  reasonCode: text,
  merchantSignature: z.string(),
  /** Unix seconds. */
  processingDate: z
    .string()
    .regex(/^\d{1,10}$/)
    .optional()
    .catch(undefined),
});

/** The fields of a service callback, and those it shares with a CHECK_STATUS reply. */
export type SignedReport = z.output<typeof signedReport>;

/** Undefined when the value lacks a signature or one of the signed fields is malformed. */
export function parseSignedReport(value: unknown): SignedReport | undefined {
  return signedReport.safeParse(value).data;
}

/**
 * Checks the signature of a service callback.
 * @returns its fields.
 * @throws Unauthentic unless the callback is signed with our key for our account.
 */
export function checkSignature({ body }: WebhookRequest, account: Account): SignedReport {
  const report = parseSignedReport(fieldsOf(body));
  if (report === undefined) throw new Unauthentic('The body is no callback.');
  if (!isGenuine(report, account)) throw new Unauthentic('The signature is wrong.');
  return report;
}

/** Whether our key signed these fields for our account. PHP may print an amount in several ways. */
export function isGenuine(report: SignedReport, { merchantAccount, secretKey }: Account): boolean {
  if (report.merchantAccount !== merchantAccount) return false;
  const { orderReference, currency, authCode, cardPan, transactionStatus, reasonCode } = report;
  return amountTexts(report.amount).some((amount) => {
    const fields = [merchantAccount, orderReference, amount, currency];
    const rest = [authCode, cardPan, transactionStatus, reasonCode];
    return sameBytes(report.merchantSignature, signFields(secretKey, [...fields, ...rest]));
  });
}

function amountTexts(literal: string): string[] {
  const cents = centsOf(literal);
  return cents === undefined ? [literal] : [literal, shortDecimalOf(cents), decimalOf(cents)];
}

/**
 * Reads the JSON of a callback, under any content type: the body itself, the name or the value of
 * a form field, or one form field for each of its fields.
 */
function fieldsOf(body: Buffer): unknown {
  const json = body.toString('utf8').trim();
  if (json.startsWith('{')) return parseLiterals(json);
  const form = parseForm(body);
  if (form === undefined) return undefined;
  const wrapped = [...form.keys(), ...form.values()].find((text) => text.startsWith('{'));
  return wrapped === undefined ? Object.fromEntries(form) : parseLiterals(wrapped);
}

/**
 * WayForPay's signature: HMAC-MD5 in lower-case hex over the fields joined with `;`. The caller
 * knows which fields a message signs, and in which order.
 */
export function signFields(secretKey: string, fields: readonly string[]): string {
  return createHmac('md5', secretKey).update(fields.join(';'), 'utf8').digest('hex');
}
