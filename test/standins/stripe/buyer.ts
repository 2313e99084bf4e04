import type { Account } from './account.ts';
import { ApiError, invalid } from './errors.ts';
import { formIn, textIn } from './form.ts';
import type { Form } from './form.ts';
import type { PaymentIntent } from './objects.ts';
import { confirmPayment, declinePayment } from './payments.ts';

/** Test cards of https://docs.stripe.com/testing; any other number of a card is paid with. */
const DECLINED = '4000000000000002';
const ELEVATED_RISK = '4000000000009235';

/** The fields that a publishable key is shown: nothing that we keep with the payment. */
const SHOWN: readonly (keyof PaymentIntent)[] = [
  'id',
  'object',
  'amount',
  'automatic_payment_methods',
  'canceled_at',
  'cancellation_reason',
  'capture_method',
  'client_secret',
  'confirmation_method',
  'created',
  'currency',
  'description',
  'last_payment_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_types',
  'processing',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'source',
  'status',
];

/** What Stripe.js sends to confirm a card payment. */
export const CONFIRM_PARAMS = [
  'client_secret',
  'expected_payment_method_type',
  'payment_method_data',
  'return_url',
  'use_stripe_sdk',
];

/** The payment that the buyer has the secret of, as a publishable key is shown it. */
export function lookedAt(account: Account, id: string, form: Form): object {
  return shown(theirs(account, id, form));
}

/** The buyer pays by card; the number says how it goes. */
export function confirmedByCard(account: Account, id: string, form: Form): object {
  const intent = theirs(account, id, form);
  const number = textIn(formIn(formIn(form, 'payment_method_data'), 'card'), 'number');
  if (number === undefined) {
    const param = 'payment_method_data[card][number]';
    throw invalid(param, `Missing required param: ${param}.`, 'parameter_missing');
  }
  if (number === DECLINED) throw declinePayment(account, intent, shown);
  return shown(confirmPayment(account, id, number === ELEVATED_RISK));
}

function theirs(account: Account, id: string, form: Form): PaymentIntent {
  const intent = account.get('payment_intent', id);
  const secret = textIn(form, 'client_secret');
  if (secret === undefined) {
    const message = 'Missing required param: client_secret.';
    throw invalid('client_secret', message, 'parameter_missing');
  }
  if (secret !== intent.client_secret) {
    const message = 'The client_secret is not that of the PaymentIntent.';
    throw invalid('client_secret', message, 'payment_intent_invalid_parameter');
  }
  return intent;
}

function shown(intent: PaymentIntent): object {
  return Object.fromEntries(SHOWN.map((name) => [name, intent[name]]));
}

/** Everything else is for the secret key. */
export function secretKeyRequired(): ApiError {
  return new ApiError(403, {
    type: 'invalid_request_error',
    code: 'secret_key_required',
    message: 'This call cannot be made with a publishable API key.',
  });
}
