import { createHash } from 'node:crypto';

/** A project as its owner has set it up. */
export interface Project {
  projectId: string;
  secretKey: string;
  signType: 'md5' | 'sha256';
}

type Fields = Readonly<Record<string, string | undefined>>;

/** The `sign` of a payment form. */
export function formSign({ projectId, secretKey, signType }: Project, form: Fields): string {
  const of = (name: string): string => form[name] ?? '';
  const parts =
    signType === 'md5'
      ? [of('currency'), of('amount'), secretKey, projectId, of('pay_id')]
      : [
          projectId,
          ...['pay_id', 'amount', 'currency', 'desc', 'success_url', 'fail_url'].map(of),
          secretKey,
        ];
  return createHash(signType).update(parts.join(':')).digest('hex');
}

/** A notification's fields with their `sign`. */
export function signedNotice(
  { secretKey, signType }: Pick<Project, 'secretKey' | 'signType'>,
  notice: Record<string, string>,
): Record<string, string> {
  const names =
    signType === 'md5'
      ? ['merchant_id', 'amount', 'pay_id']
      : ['currency', 'amount', 'pay_id', 'merchant_id', 'status'];
  const parts = [...names.map((name) => notice[name] ?? ''), secretKey];
  return { ...notice, sign: createHash(signType).update(parts.join(':')).digest('hex') };
}

/** The `sign` of a call of the API: everything together, and nothing between. */
export function apiSign(method: string, apiId: string, fields: string[], apiKey: string): string {
  return createHash('sha256')
    .update([method, apiId, ...fields, apiKey].join(''))
    .digest('hex');
}
