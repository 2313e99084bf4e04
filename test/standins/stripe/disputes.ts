import type { Account } from './account.ts';
import { newBalanceTransaction } from './balance.ts';
import { impossible } from './errors.ts';
import type { BalanceTransaction, Charge, Dispute } from './objects.ts';
import { capturedCharge } from './refunds.ts';
import { closeReviewOf } from './reviews.ts';

const ANSWER_SECONDS = 9 * 24 * 60 * 60;
const FEE_CENTS = 1500;
const EVIDENCE_FIELDS = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_communication',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'customer_signature',
  'duplicate_charge_documentation',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'receipt',
  'refund_policy',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'service_documentation',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_documentation',
  'shipping_tracking_number',
  'uncategorized_file',
  'uncategorized_text',
] as const;

/** What a bank objects to. */
export interface DisputeOptions {
  /** Cents; the captured amount unless told otherwise. */
  amount?: number;
  /** `fraudulent` unless told otherwise. */
  reason?: string;
  /** An inquiry asks only: no money should move. */
  inquiry?: boolean;
}

/** The buyer's bank objects to a payment. Nothing is withdrawn yet. */
export function disputePayment(
  account: Account,
  intentId: string,
  options: DisputeOptions = {},
): Dispute {
  const intent = account.get('payment_intent', intentId);
  const charge = capturedCharge(account, intent);
  const dispute = newDispute(account, charge, options);
  charge.disputed = true;
  account.record('charge.dispute.created', dispute);
  closeReviewOf(account, intent, 'disputed');
  return dispute;
}

/** Takes money from the account for a dispute; the fee is charged apart from the amount. */
export function withdrawDispute(
  account: Account,
  id: string,
  { amount, fee }: { amount?: number; fee?: number } = {},
): Dispute {
  const dispute = account.get('dispute', id);
  dispute.is_charge_refundable = false;
  move(account, dispute, -(amount ?? dispute.amount), fee ?? FEE_CENTS, 'dispute');
  account.record('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

/** Gives back what a dispute has taken, all of it or `amount` cents. */
export function reinstateDispute(account: Account, id: string, amount?: number): Dispute {
  const dispute = account.get('dispute', id);
  move(account, dispute, amount ?? taken(dispute), 0, 'dispute_reversal');
  account.record('charge.dispute.funds_reinstated', dispute);
  return dispute;
}

/** The bank decides for us: the money comes back and the dispute ends. */
export function winDispute(account: Account, id: string): Dispute {
  const dispute = account.get('dispute', id);
  taken(dispute);
  dispute.status = 'won';
  reinstateDispute(account, id);
  return closeDispute(account, id, 'won');
}

/** Ends a dispute without moving money. */
export function closeDispute(account: Account, id: string, status: Dispute['status']): Dispute {
  const dispute = account.get('dispute', id);
  dispute.status = status;
  account.record('charge.dispute.closed', dispute);
  return dispute;
}

function taken(dispute: Dispute): number {
  const cents = -dispute.balance_transactions.reduce((sum, one) => sum + one.amount, 0);
  if (cents <= 0) throw impossible(`${dispute.id} has taken nothing`);
  return cents;
}

function move(
  account: Account,
  dispute: Dispute,
  amount: number,
  fee: number,
  category: 'dispute' | 'dispute_reversal',
): void {
  const movement: BalanceTransaction = newBalanceTransaction(account, 'adjustment', {
    amount,
    currency: dispute.currency,
    fee,
    reporting_category: category,
    source: dispute.id,
  });
  dispute.balance_transactions.push(structuredClone(movement));
}

function newDispute(account: Account, charge: Charge, options: DisputeOptions): Dispute {
  const isInquiry = options.inquiry === true;
  const card = {
    brand: 'visa',
    case_type: isInquiry ? 'inquiry' : 'chargeback',
    network: 'visa',
    network_reason_code: '10.4',
  };
  return account.add<Dispute>({
    id: account.newIdFor('dispute'),
    object: 'dispute',
    amount: options.amount ?? charge.amount_captured,
    balance_transactions: [],
    charge: charge.id,
    created: account.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: evidence(),
    evidence_details: {
      due_by: account.now() + ANSWER_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: 'manual',
    is_charge_refundable: isInquiry,
    livemode: charge.livemode,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: { card, type: 'card' },
    reason: options.reason ?? 'fraudulent',
    status: isInquiry ? 'warning_needs_response' : 'needs_response',
  });
}

function evidence(): Dispute['evidence'] {
  const empty = Object.fromEntries(EVIDENCE_FIELDS.map((field) => [field, null]));
  const fields = empty as Record<(typeof EVIDENCE_FIELDS)[number], null>;
  return { ...fields, enhanced_evidence: {} };
}
