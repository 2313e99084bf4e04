import { createHash } from 'node:crypto';
import { Unauthentic } from '../../errors';
import type { WebhookRequest } from '../../gateway';
import { parseForm, type Form } from '../form';
import { sameBytes } from '../signature';
import { checkSourceAddress } from '../source-address';
import type { PayeerConfig } from './config';

/** The fields that Payeer signs, in the order of the signature. */
const signedFields = [
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
] as const;

/**
 * Checks where a notification comes from and that Payeer signed it with our key. Only the fields of
 * `signedFields` and `m_params` are proven; the form may hold others.
 * @returns the form that was checked.
 * @throws Unauthentic when the address, the form or the signature is wrong.
 */
export function checkSignature(
  request: WebhookRequest,
  { addresses, secretKey }: Pick<PayeerConfig, 'addresses' | 'secretKey'>,
): Form {
  checkSourceAddress(request, addresses);
  const form = parseForm(request.body);
  if (form === undefined || !isGenuine(form, secretKey)) {
    throw new Unauthentic('The signature is missing or wrong.');
  }
  return form;
}

function isGenuine(form: Form, secretKey: string): boolean {
  // Payeer signs `m_params` whenever the form has it, even when it is empty.
  const names = form.has('m_params') ? [...signedFields, 'm_params'] : signedFields;
  const values = names.flatMap((name) => form.get(name) ?? []);
  const signature = form.get('m_sign');
  if (values.length < names.length || signature === undefined) return false;
  return sameBytes(signature.toUpperCase(), signatureOf(secretKey, values));
}

/**
 * Makes the signature of our form or of a notification: the SHA-256 of the values and the key
 * after them, joined with colons, in upper-case hex.
 */
export function signatureOf(secretKey: string, values: readonly string[]): string {
  const text = [...values, secretKey].join(':');
  return createHash('sha256').update(text, 'utf8').digest('hex').toUpperCase();
}
