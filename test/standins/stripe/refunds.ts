import type { Account } from './account.ts';
import { newBalanceTransaction } from './balance.ts';
import { impossible } from './errors.ts';
import type { Charge, PaymentIntent, Refund } from './objects.ts';
import { closeReviewOf } from './reviews.ts';

/** How a refund is made. */
export interface RefundOptions {
  /** How the refund starts; `succeeded` unless told otherwise. */
  status?: 'succeeded' | 'pending' | 'requires_action';
  reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer';
  metadata?: Record<string, string>;
}

/** Gives captured money back: `amount` cents, or all that is left. */
export function refundPayment(
  account: Account,
  intentId: string,
  amount?: number,
  options: RefundOptions = {},
): Refund {
  const intent = account.get('payment_intent', intentId);
  const charge = capturedCharge(account, intent);
  const left = charge.amount_captured - charge.amount_refunded;
  const amountCents = amount ?? left;
  if (!(Number.isInteger(amountCents) && amountCents >= 1 && amountCents <= left)) {
    throw impossible(`${charge.id} has ${left} left to refund, not ${amountCents}`);
  }
  const previous = refundedFields(charge);
  const refund = newRefund(account, charge, amountCents, options);
  if (refund.status === 'succeeded') settle(account, refund);
  addRefunded(charge, amountCents);
  account.record('refund.created', refund);
  account.record('charge.refunded', charge, changed(previous, refundedFields(charge)));
  const isFraud = options.reason === 'fraudulent';
  closeReviewOf(account, intent, isFraud ? 'refunded_as_fraud' : 'refunded');
  return refund;
}

/** A waiting refund reaches the buyer. */
export function settleRefund(account: Account, id: string): Refund {
  const refund = account.get('refund', id);
  const previous = { status: refund.status };
  if (!isWaiting(refund)) throw impossible(`${id} is ${String(refund.status)}`);
  settle(account, refund);
  recordUpdate(account, refund, previous);
  return refund;
}

/** The bank sends a refund back, even one that had succeeded: the money is ours again. */
export function failRefund(account: Account, id: string, reason: string): Refund {
  const refund = account.get('refund', id);
  const previous = { status: refund.status };
  if (!isWaiting(refund) && refund.status !== 'succeeded') {
    throw impossible(`${id} is ${String(refund.status)}`);
  }
  refund.status = 'failed';
  refund.failure_reason = reason;
  if (refund.balance_transaction !== null) {
    refund.failure_balance_transaction = newBalanceTransaction(account, 'refund_failure', {
      amount: refund.amount,
      currency: refund.currency,
      reporting_category: 'refund_failure',
      source: refund.id,
    }).id;
  }
  takeBack(account, refund);
  recordUpdate(account, refund, previous);
  account.record('refund.failed', refund);
  return refund;
}

/** A refund that has not reached the buyer is called off. */
export function cancelRefund(account: Account, id: string): Refund {
  const refund = account.get('refund', id);
  const previous = { status: refund.status };
  if (!isWaiting(refund)) throw impossible(`${id} is ${String(refund.status)}`);
  refund.status = 'canceled';
  takeBack(account, refund);
  recordUpdate(account, refund, previous);
  return refund;
}

/** The charge of a payment whose money has been taken. */
export function capturedCharge(account: Account, intent: PaymentIntent): Charge {
  const charge = intent.latest_charge === null ? null : account.get('charge', intent.latest_charge);
  if (!charge?.captured) throw impossible(`${intent.id} has not been captured`);
  return charge;
}

function newRefund(
  account: Account,
  charge: Charge,
  amount: number,
  options: RefundOptions,
): Refund {
  return account.add<Refund>({
    id: account.newIdFor('refund'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: account.now(),
    currency: charge.currency,
    customer: null,
    customer_account: null,
    destination_details: { card: { type: 'refund' }, type: 'card' },
    metadata: options.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: options.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: options.status ?? 'succeeded',
    transfer_reversal: null,
  });
}

function settle(account: Account, refund: Refund): void {
  refund.status = 'succeeded';
  refund.balance_transaction = newBalanceTransaction(account, 'refund', {
    amount: -refund.amount,
    currency: refund.currency,
    reporting_category: 'refund',
    source: refund.id,
  }).id;
}

function takeBack(account: Account, refund: Refund): void {
  if (refund.charge !== null) addRefunded(account.get('charge', refund.charge), -refund.amount);
}

function addRefunded(charge: Charge, amount: number): void {
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount_captured;
}

function isWaiting(refund: Refund): boolean {
  return refund.status === 'pending' || refund.status === 'requires_action';
}

function recordUpdate(account: Account, refund: Refund, previous: object): void {
  account.record('refund.updated', refund, previous);
  account.record('charge.refund.updated', refund, previous);
}

type RefundedFields = Pick<Charge, 'amount_refunded' | 'refunded'>;

function refundedFields(charge: Charge): RefundedFields {
  return { amount_refunded: charge.amount_refunded, refunded: charge.refunded };
}

function changed(before: RefundedFields, after: RefundedFields): Partial<RefundedFields> {
  const { amount_refunded, refunded } = before;
  return refunded === after.refunded ? { amount_refunded } : { amount_refunded, refunded };
}
