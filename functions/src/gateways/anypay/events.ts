import { z } from 'zod';
import { Malformed, Unauthentic } from '../../errors';
import { parseForm } from '../form';
import type { GatewayEvent } from '../../gateway';
import { sameBytes } from '../signature';
import type { ProjectConfig } from './config';
import { noticeSignature } from './signatures';

/** A notification. All that is taken from it is which order to ask the API about. */
export interface AnypayEvent extends GatewayEvent {
  readonly payId: string;
  /** What AnyPay claims: under MD5 anybody could have written it. */
  readonly status: string;
  readonly isTest: boolean;
}

/** Joined with colons where they are signed: none may hold one. */
const part = z.string().regex(/^[^:]*$/);

const signed = z.object({
  merchant_id: part,
  pay_id: part,
  amount: part,
  currency: part.default(''),
  status: part.default(''),
  sign: z.string().toLowerCase(),
});

/** What `pay_id` may be: digits, at most 15. */
const payId = z.string().regex(/^\d{1,15}$/);

/**
 * Proves a notification and reads it.
 * @throws Unauthentic for whatever is not signed with our key for our project.
 * @throws Malformed when it is, and speaks of an order that cannot be one.
 */
export function readEvent(body: Buffer, config: ProjectConfig): AnypayEvent {
  const form = parseForm(body);
  const { data: notice } = signed.safeParse(Object.fromEntries(form ?? []));
  if (form === undefined || notice === undefined || !isGenuine(notice, config)) {
    throw new Unauthentic('The signature is missing or wrong.');
  }
  const { status } = notice;
  const { data } = payId.safeParse(notice.pay_id);
  if (data === undefined) throw new Malformed('The notification is signed and names no order.');
  const type = /^[\w-]{1,40}$/.test(status) ? status : 'unreadable';
  return { id: `${data}_${type}`, type, payId: data, status, isTest: form.get('test') === '1' };
}

function isGenuine(notice: z.output<typeof signed>, config: ProjectConfig): boolean {
  const { merchant_id: projectId, pay_id, amount, currency, status, sign } = notice;
  if (projectId !== config.projectId) return false;
  return sameBytes(sign, noticeSignature(config, { payId: pay_id, amount, currency, status }));
}
