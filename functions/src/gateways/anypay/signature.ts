import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Unauthentic } from '../../errors';
import { parseForm } from '../form';
import type { WebhookRequest } from '../../gateway';
import { sameBytes } from '../signature';
import type { AnypayConfig, ProjectConfig } from './config';

/** The signed text joins the fields with colons, so a field with a colon would be ambiguous. */
const part = z.string().regex(/^[^:]*$/);

const signedNotice = z.object({
  merchant_id: part,
  pay_id: part,
  amount: part,
  currency: part.default(''),
  status: part.default(''),
  /** No signature covers this field. */
  test: z.string().default(''),
  sign: z.string().toLowerCase(),
});

/** The fields of a genuine notification. MD5 covers neither the currency nor the status. */
export type SignedNotice = Readonly<z.output<typeof signedNotice>>;

/**
 * Checks the signature of a notification.
 * @returns its fields.
 * @throws Unauthentic unless the notification is signed with our key for our project.
 */
export function checkSignature({ body }: WebhookRequest, config: ProjectConfig): SignedNotice {
  const form = parseForm(body);
  const { data: notice } = signedNotice.safeParse(Object.fromEntries(form ?? []));
  if (form === undefined || notice === undefined || !isGenuine(notice, config)) {
    throw new Unauthentic('The signature is missing or wrong.');
  }
  return notice;
}

function isGenuine(notice: SignedNotice, config: ProjectConfig): boolean {
  const { merchant_id: projectId, pay_id: payId, amount, currency, status, sign } = notice;
  if (projectId !== config.projectId) return false;
  return sameBytes(sign, signNotice(config, { payId, amount, currency, status }));
}

/** The fields that the payment form's signature covers. Only SHA-256 covers the last three. */
export interface FormFields {
  readonly payId: string;
  /** The text that the app posts. */
  readonly amount: string;
  readonly currency: string;
  readonly desc: string;
  readonly successUrl: string;
  readonly failUrl: string;
}

/** The signature of the payment form. An optional field that the app does not post is ''. */
export function signForm(config: ProjectConfig, form: FormFields): string {
  const { signType, projectId, secretKey } = config;
  const { payId, amount, currency, desc, successUrl, failUrl } = form;
  return hash(
    signType,
    signType === 'md5'
      ? [currency, amount, secretKey, projectId, payId]
      : [projectId, payId, amount, currency, desc, successUrl, failUrl, secretKey],
  );
}

/** The fields that a notification's signature covers. Only SHA-256 covers currency and status. */
export interface NoticeFields {
  readonly payId: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
}

export function signNotice(config: ProjectConfig, notice: NoticeFields): string {
  const { signType, projectId, secretKey } = config;
  const { payId, amount, currency, status } = notice;
  return hash(
    signType,
    signType === 'md5'
      ? [projectId, amount, payId, secretKey]
      : [currency, amount, payId, projectId, status, secretKey],
  );
}

/** The signature of an API call: the method, its fields and our key, joined without a separator. */
export function signApiCall(
  { apiId, apiKey }: Pick<AnypayConfig, 'apiId' | 'apiKey'>,
  method: string,
  fields: readonly string[],
): string {
  return createHash('sha256')
    .update([method, apiId, ...fields, apiKey].join(''), 'utf8')
    .digest('hex');
}

function hash(algorithm: 'md5' | 'sha256', parts: readonly string[]): string {
  return createHash(algorithm).update(parts.join(':'), 'utf8').digest('hex');
}
