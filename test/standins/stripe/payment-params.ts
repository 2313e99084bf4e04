import { invalid } from './errors.ts';
import { formIn, listIn, textIn } from './form.ts';
import type { Form } from './form.ts';
import type { newPaymentIntent } from './new-payment.ts';
import type { PaymentIntent } from './objects.ts';

const MIN_CENTS = 50;
const MAX_CENTS = 99_999_999;
const CAPTURE_METHODS = ['automatic', 'automatic_async', 'manual'];
const CANCEL_REASONS = ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'];

type NewPayment = Parameters<typeof newPaymentIntent>[1];

/** What a create request asks for. Only payments in US dollars are taken. */
export function readCreate(form: Form): NewPayment {
  if ('payment_method_types' in form) {
    const message = 'payment_method_types can no longer be set on a PaymentIntent.';
    const code = 'payment_method_types_no_longer_supported';
    throw invalid('payment_method_types', message, code);
  }
  const allowed = listIn(form, 'allowed_payment_method_types');
  const allowedTypes = allowed as NonNullable<PaymentIntent['allowed_payment_method_types']>;
  return {
    amount: readAmount(required(form, 'amount')),
    currency: readCurrency(required(form, 'currency')),
    capture_method: oneOf(form, 'capture_method', CAPTURE_METHODS) ?? 'automatic_async',
    automatic_payment_methods: readAutomatic(form, allowed.length > 0),
    allowed_payment_method_types: allowed.length > 0 ? allowedTypes : null,
    metadata: readMetadata(form),
    customer: textIn(form, 'customer') ?? null,
    description: textIn(form, 'description') ?? null,
    receipt_email: textIn(form, 'receipt_email') ?? null,
    statement_descriptor_suffix: textIn(form, 'statement_descriptor_suffix') ?? null,
  };
}

/** Cents to capture; undefined for all. */
export function readCaptureAmount(form: Form): number | undefined {
  const text = textIn(form, 'amount_to_capture');
  return text === undefined ? undefined : positiveInteger('amount_to_capture', text);
}

/** Cents; undefined for all that is left. */
export function readRefundAmount(form: Form): number | undefined {
  const text = textIn(form, 'amount');
  return text === undefined ? undefined : positiveInteger('amount', text);
}

/** Why the caller cancels; undefined when it does not say. */
export function readCancelReason(form: Form): string | undefined {
  return oneOf(form, 'cancellation_reason', CANCEL_REASONS);
}

/** The strings under `metadata`, within Stripe's limits. */
export function readMetadata(form: Form): Record<string, string> {
  const entries = Object.entries(formIn(form, 'metadata'));
  if (entries.length > 50) throw invalid('metadata', 'Metadata has at most 50 keys.');
  const metadata: Record<string, string> = {};
  for (const [key, value] of entries) {
    const isWithinLimits = key.length <= 40 && typeof value === 'string' && value.length <= 500;
    if (!isWithinLimits) {
      throw invalid(`metadata[${key}]`, 'Keys hold 40 characters, values are 500 of text.');
    }
    if (value !== '') metadata[key] = value;
  }
  return metadata;
}

function readAutomatic(
  form: Form,
  hasAllowedTypes: boolean,
): PaymentIntent['automatic_payment_methods'] {
  if (!('automatic_payment_methods' in form)) {
    return hasAllowedTypes ? null : { allow_redirects: 'always', enabled: true };
  }
  const automatic = formIn(form, 'automatic_payment_methods');
  if (required(automatic, 'enabled') !== 'true') return null;
  if (hasAllowedTypes) {
    const message = 'Use either automatic_payment_methods or allowed_payment_method_types.';
    throw invalid('automatic_payment_methods', message);
  }
  const redirects = oneOf(automatic, 'allow_redirects', ['always', 'never']);
  return { allow_redirects: redirects === 'never' ? 'never' : 'always', enabled: true };
}

function readAmount(text: string): number {
  const amount = positiveInteger('amount', text);
  if (amount < MIN_CENTS) throw invalid('amount', 'Amount is below $0.50.', 'amount_too_small');
  if (amount > MAX_CENTS)
    throw invalid('amount', 'Amount is above $999,999.99.', 'amount_too_large');
  return amount;
}

function readCurrency(text: string): string {
  if (text !== 'usd') throw invalid('currency', `Invalid currency: ${text}`);
  return text;
}

function positiveInteger(param: string, text: string): number {
  if (!/^-?\d+$/.test(text)) {
    throw invalid(param, `Invalid integer: ${text}`, 'parameter_invalid_integer');
  }
  const value = Number(text);
  if (value < 1) throw invalid(param, 'This value must be above 0.', 'parameter_invalid_integer');
  return value;
}

function required(form: Form, param: string): string {
  const text = textIn(form, param);
  if (text === undefined) {
    throw invalid(param, `Missing required param: ${param}.`, 'parameter_missing');
  }
  if (text === '') throw invalid(param, `${param} must not be empty.`, 'parameter_invalid_empty');
  return text;
}

function oneOf(form: Form, param: string, values: readonly string[]): string | undefined {
  const text = textIn(form, param);
  if (text !== undefined && !values.includes(text)) {
    throw invalid(param, `Invalid ${param}: must be one of ${values.join(', ')}`);
  }
  return text;
}
