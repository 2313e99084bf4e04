import { createHash } from 'node:crypto';
import type { AnypayConfig, ProjectConfig } from './config';

/** What the payment form's signature covers; only SHA-256 covers the last three. */
export interface FormFields {
  readonly payId: string;
  /** The text that is posted. */
  readonly amount: string;
  readonly currency: string;
  readonly desc: string;
  readonly successUrl: string;
  readonly failUrl: string;
}

/** An optional field that is not posted signs as the empty text. */
export function formSignature(config: ProjectConfig, form: FormFields): string {
  const { signType, projectId, secretKey } = config;
  const { payId, amount, currency, desc, successUrl, failUrl } = form;
  return hash(
    signType,
    signType === 'md5'
      ? [currency, amount, secretKey, projectId, payId]
      : [projectId, payId, amount, currency, desc, successUrl, failUrl, secretKey],
  );
}

/** What a notification's signature covers; only SHA-256 covers the currency and the status. */
export interface NoticeFields {
  readonly payId: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
}

export function noticeSignature(config: ProjectConfig, notice: NoticeFields): string {
  const { signType, projectId, secretKey } = config;
  const { payId, amount, currency, status } = notice;
  return hash(
    signType,
    signType === 'md5'
      ? [projectId, amount, payId, secretKey]
      : [currency, amount, payId, projectId, status, secretKey],
  );
}

/** A call of the API: the method, its signed fields and our key, with nothing between them. */
export function apiSignature(
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
