import { centsIn, link, shown, usd, type Account } from './account.ts';
import { ApiError } from './errors.ts';
import type { Capture, Money, Order, Payee, Refund } from './objects.ts';

/** A new order, of which nobody has paid anything yet. */
export function createOrder(
  account: Account,
  fields: { amount: Money; custom_id?: string; intent?: string; payee?: Payee },
): Order {
  const id = account.newId('order');
  return account.add<Order>({
    kind: 'order',
    id,
    status: 'CREATED',
    intent: 'CAPTURE',
    payee: { email_address: 'seller@example.test', merchant_id: account.merchantId },
    outcome: 'COMPLETED',
    create_time: account.time(),
    update_time: account.time(),
    links: [
      link('self', 'order', id),
      { href: account.approvalUrl(id), rel: 'approve', method: 'GET' },
      link('capture', 'order', id, '/capture'),
    ],
    ...fields,
  });
}

/** The buyer approves: what the next capture comes to is settled with it. */
export function approve(account: Account, orderId: string, outcome: string): Order {
  const order = account.order(orderId);
  order.status = 'APPROVED';
  order.outcome = outcome;
  // A buyer takes longer than a second: each approval changes the order's time.
  const next = new Date(Date.parse(order.update_time) + 1000).toISOString().replace(/\.\d+/, '');
  order.update_time = next > account.time() ? next : account.time();
  account.record('CHECKOUT.ORDER.APPROVED', 'checkout-order', shown(account, order));
  return order;
}

const CAPTURE_EVENTS: Readonly<Record<string, string>> = {
  COMPLETED: 'PAYMENT.CAPTURE.COMPLETED',
  PENDING: 'PAYMENT.CAPTURE.PENDING',
  DECLINED: 'PAYMENT.CAPTURE.DECLINED',
};

/** Takes the money of an approved order. */
export function capture(account: Account, orderId: string): Order {
  const order = account.order(orderId);
  if (order.status === 'COMPLETED') throw new ApiError(422, 'ORDER_ALREADY_CAPTURED');
  if (order.status !== 'APPROVED') throw new ApiError(422, 'ORDER_NOT_APPROVED');
  if (CAPTURE_EVENTS[order.outcome] === undefined) {
    order.status = 'PAYER_ACTION_REQUIRED';
    throw new ApiError(422, order.outcome);
  }
  order.status = 'COMPLETED';
  newCapture(account, order, order.outcome);
  return order;
}

export function newCapture(account: Account, order: Order, status: string): Capture {
  const id = account.newId('capture');
  const made = account.add<Capture>({
    kind: 'capture',
    id,
    status,
    ...(status === 'PENDING' && { status_details: { reason: 'PENDING_REVIEW' } }),
    amount: order.amount,
    payee: order.payee,
    final_capture: true,
    ...(order.custom_id !== undefined && { custom_id: order.custom_id }),
    supplementary_data: { related_ids: { order_id: order.id } },
    create_time: account.time(),
    update_time: account.time(),
    links: [
      link('self', 'capture', id),
      link('refund', 'capture', id, '/refund'),
      link('up', 'order', order.id),
    ],
  });
  if (status !== 'DECLINED') account.book({ id, code: 'T0006', cents: centsIn(made.amount) });
  tell(account, made);
  return made;
}

/** A capture that PayPal held back is paid out, or is not. */
export function settle(account: Account, captureId: string, status: string): Capture {
  const held = account.capture(captureId);
  if (held.status !== 'PENDING') throw new Error(`${captureId} is ${held.status}`);
  held.status = status;
  delete held.status_details;
  tell(account, held);
  return held;
}

function tell(account: Account, made: Capture): void {
  const type = CAPTURE_EVENTS[made.status] ?? 'PAYMENT.CAPTURE.COMPLETED';
  account.record(type, 'capture', shown(account, made));
}

export const REVERSED = 'PAYMENT.CAPTURE.REVERSED';

const REFUND_EVENTS: Readonly<Record<string, string>> = {
  PENDING: 'PAYMENT.REFUND.PENDING',
  FAILED: 'PAYMENT.REFUND.FAILED',
};

/** Throws what PayPal answers to a refund that it does not make. */
export function checkRefund(account: Account, captureId: string, cents: number | undefined): void {
  const from = account.capture(captureId);
  const left = centsIn(from.amount) - refundedOf(account, from);
  if (left <= 0 || from.status === 'REFUNDED') throw new ApiError(422, 'CAPTURE_FULLY_REFUNDED');
  if ((cents ?? left) > left) throw new ApiError(422, 'REFUND_AMOUNT_EXCEEDED');
}

/** Gives money of a capture back: `cents`, or all that is left. */
export function giveBack(
  account: Account,
  captureId: string,
  cents: number | undefined,
  { status = 'COMPLETED', type }: { status?: string; type?: string } = {},
): Refund {
  const from = account.capture(captureId);
  const amount = cents ?? centsIn(from.amount) - refundedOf(account, from);
  const id = account.newId('refund');
  const total = refundedOf(account, from) + amount;
  const refund = account.add<Refund>({
    kind: 'refund',
    id,
    status,
    amount: usd(amount),
    seller_payable_breakdown: { total_refunded_amount: usd(total) },
    create_time: account.time(),
    update_time: account.time(),
    links: [link('self', 'refund', id), link('up', 'capture', captureId)],
  });
  from.status = total >= centsIn(from.amount) ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  const code = type === REVERSED ? 'T1106' : 'T1107';
  account.book({ id, code, cents: -amount, referenceId: captureId });
  const told = type ?? REFUND_EVENTS[status] ?? 'PAYMENT.CAPTURE.REFUNDED';
  account.record(told, 'refund', shown(account, refund));
  return refund;
}

export function failRefund(account: Account, refundId: string): Refund {
  const refund = account.refund(refundId);
  refund.status = 'FAILED';
  account.record('PAYMENT.REFUND.FAILED', 'refund', shown(account, refund));
  return refund;
}

/** PayPal takes all that is left back, and tells of it as the capture. */
export function reverseCapture(account: Account, captureId: string): Capture {
  const from = account.capture(captureId);
  const cents = refundedOf(account, from) - centsIn(from.amount);
  account.book({ id: account.newId('reversal'), code: 'T1106', cents, referenceId: captureId });
  from.status = 'REFUNDED';
  account.record(REVERSED, 'capture', shown(account, from));
  return from;
}

/** The buyer's bank gives a chargeback up: no object and no event of the capture tells of it. */
export function returnReversal(account: Account, captureId: string, cents: number): void {
  const id = account.newId('return');
  account.book({ id, code: 'T1202', cents, referenceId: captureId });
}

/** The buyer complains: nothing moves yet. */
export function dispute(account: Account, captureId: string): object {
  const { amount, custom_id: custom } = account.capture(captureId);
  const resource = {
    dispute_id: `PP-D-${account.newId('dispute')}`,
    disputed_transactions: [{ seller_transaction_id: captureId, custom }],
    reason: 'UNAUTHORISED',
    status: 'OPEN',
    dispute_amount: amount,
    dispute_life_cycle_stage: 'CHARGEBACK',
  };
  account.record('CUSTOMER.DISPUTE.CREATED', 'dispute', resource);
  return resource;
}

function refundedOf(account: Account, { id }: Capture): number {
  return account
    .refundsOf(id)
    .filter(({ status }) => status === 'COMPLETED' || status === 'PENDING')
    .reduce((sum, { amount }) => sum + centsIn(amount), 0);
}
