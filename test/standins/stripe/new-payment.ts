import type { Account } from './account.ts';
import { newBalanceTransaction } from './balance.ts';
import type { Charge, PaymentIntent, Review } from './objects.ts';

const HOLD_SECONDS = 7 * 24 * 60 * 60;

/** A payment nobody has paid yet; `fields` are what its creator chose. */
export function newPaymentIntent(
  account: Account,
  fields: Partial<PaymentIntent> & Pick<PaymentIntent, 'amount' | 'currency'>,
): PaymentIntent {
  const id = account.newIdFor('payment_intent');
  return account.add<PaymentIntent>({
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { allow_redirects: 'always', enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_standin`,
    confirmation_method: 'automatic',
    created: account.now(),
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: account.livemode,
    managed_payments: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        installments: null,
        mandate_options: null,
        network: null,
        request_three_d_secure: 'automatic',
      },
    },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_group: null,
    ...fields,
  });
}

/** The authorised, not yet captured charge of a payment. It keeps the metadata of this moment. */
export function newCharge(account: Account, intent: PaymentIntent, isReviewed: boolean): Charge {
  return account.add<Charge>({
    id: account.newIdFor('charge'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: 'STAND-IN',
    captured: false,
    created: account.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: intent.livemode,
    metadata: { ...intent.metadata },
    on_behalf_of: null,
    outcome: outcome(isReviewed),
    paid: true,
    payment_intent: intent.id,
    payment_method: account.newId('pm'),
    payment_method_details: { card: cardDetails(account, intent), type: 'card' },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: 'succeeded',
    transfer_data: null,
    transfer_group: null,
  });
}

/** The balance transaction of a captured charge: gross amount, with the fee apart. */
export function chargeBalance(account: Account, charge: Charge): string {
  const fee = Math.round(charge.amount_captured * 0.029) + 30;
  return newBalanceTransaction(account, 'charge', {
    amount: charge.amount_captured,
    currency: charge.currency,
    fee,
    reporting_category: 'charge',
    source: charge.id,
  }).id;
}

/** An open review of a payment, set off by a rule; it names the payment, not the charge. */
export function newReview(account: Account, intent: PaymentIntent): Review {
  return account.add<Review>({
    id: account.newIdFor('review'),
    object: 'review',
    billing_zip: null,
    charge: null,
    closed_reason: null,
    created: account.now(),
    ip_address: null,
    ip_address_location: null,
    livemode: intent.livemode,
    open: true,
    opened_reason: 'rule',
    payment_intent: intent.id,
    reason: 'rule',
    session: null,
  });
}

function outcome(isReviewed: boolean): Charge['outcome'] {
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: 'approved_by_network',
    reason: isReviewed ? 'rule' : null,
    risk_level: isReviewed ? 'elevated' : 'normal',
    risk_score: isReviewed ? 70 : 20,
    seller_message: isReviewed ? 'Stripe paused this payment.' : 'Payment complete.',
    type: isReviewed ? 'manual_review' : 'authorized',
  };
}

type CardDetails = NonNullable<NonNullable<Charge['payment_method_details']>['card']>;

function cardDetails(account: Account, intent: PaymentIntent): CardDetails {
  const created = account.now();
  return {
    amount_authorized: intent.amount,
    authorization_code: null,
    brand: 'visa',
    ...(intent.capture_method === 'manual' && { capture_before: created + HOLD_SECONDS }),
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    electronic_commerce_indicator: null,
    exp_month: 12,
    exp_year: new Date(created * 1000).getUTCFullYear() + 3,
    funding: 'credit',
    installments: null,
    last4: '4242',
    mandate: null,
    network: 'visa',
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null,
  };
}
