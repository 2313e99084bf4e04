import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Unauthentic } from '../../errors';
import { centsOf, decimalOf, shortDecimalOf } from '../../money';
import { parseForm } from '../form';
import type { GatewayEvent } from '../../gateway';
import { parseLiterals } from '../../json';
import { sameBytes } from '../signature';
import { signatureOf } from './signature';

/** A service callback, and what a CHECK_STATUS reply has in common with it. */
export interface WayforpayEvent extends GatewayEvent {
  readonly orderReference: string;
  readonly status: string;
  /** Undefined when the amount is none: see `centsOf`. */
  readonly amountCents: number | undefined;
  readonly currency: string;
  readonly processedAt: Date;
}

/**
 * Not there and null sign as the empty text; numbers are the texts they were written as. None holds
 * what the signature joins them with: no part of one can be passed off as another.
 */
const text = z
  .string()
  .regex(/^[^;]*$/)
  .nullish()
  .transform((value) => value ?? '');

/** The eight fields of the signature, in its order, and the one it does not cover. */
export const signedReport = z.object({
  merchantAccount: text,
  orderReference: text,
  amount: text,
  currency: text,
  authCode: text,
  cardPan: text,
  transactionStatus: text,
  reasonCode: text,
  merchantSignature: z.string(),
});
type SignedReport = z.output<typeof signedReport>;

/** Unix seconds; unsigned, so only ever the time of a row. */
const processed = z.object({ processingDate: z.string().regex(/^\d{1,10}$/) });

/**
 * Proves a callback and reads it.
 * @throws Unauthentic for whatever is not signed with our key for our account.
 */
export function readEvent(body: Buffer, account: string, secretKey: string, now: Date) {
  const fields = fieldsOf(body);
  const { data: report } = signedReport.safeParse(fields);
  if (report === undefined) throw new Unauthentic('The body is no callback.');
  if (!isGenuine(report, account, secretKey)) throw new Unauthentic('The signature is wrong.');
  const at = processed.safeParse(fields).data?.processingDate;
  return eventOf(report, at === undefined ? now : new Date(Number(at) * 1000));
}

/** Whether our key signed these fields of our account; PHP prints an amount in more than one way. */
export function isGenuine(report: SignedReport, account: string, secretKey: string): boolean {
  if (report.merchantAccount !== account) return false;
  const { orderReference, currency, authCode, cardPan, transactionStatus, reasonCode } = report;
  return amountTexts(report.amount).some((amount) => {
    const fields = [account, orderReference, amount, currency];
    const rest = [authCode, cardPan, transactionStatus, reasonCode];
    return sameBytes(report.merchantSignature, signatureOf(secretKey, [...fields, ...rest]));
  });
}

function amountTexts(literal: string): string[] {
  const cents = centsOf(literal);
  return cents === undefined ? [literal] : [literal, shortDecimalOf(cents), decimalOf(cents)];
}

function eventOf(report: SignedReport, processedAt: Date): WayforpayEvent {
  const { merchantSignature, transactionStatus: status } = report;
  return {
    // Another name for what was signed: of one report only its repetitions have the same.
    id: createHash('sha256').update(merchantSignature).digest('hex').slice(0, 32),
    type: /^\w{1,40}$/.test(status) ? status : 'unreadable',
    orderReference: report.orderReference,
    status,
    amountCents: centsOf(report.amount),
    currency: report.currency,
    processedAt,
  };
}

/**
 * The body is JSON text under whatever content type: as it is, as the name or the value of a form
 * field, or taken apart into a form.
 */
function fieldsOf(body: Buffer): unknown {
  const json = body.toString('utf8').trim();
  if (json.startsWith('{')) return parseLiterals(json);
  const form = parseForm(body);
  if (form === undefined) return undefined;
  const texts = [...form.keys(), ...form.values()];
  const wrapped = texts.map(parseLiterals).find((value) => typeof value === 'object' && value);
  return wrapped ?? Object.fromEntries(form);
}
