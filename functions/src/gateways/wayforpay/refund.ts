import { Conflict, NotFound, Unavailable, Unusable } from '../../errors';
import type { RefundedPayment, Refunds } from '../../gateway';
import type { OrderStatus, RefundReply, WayforpayApi } from './api';
import { effectOf, refundIdOf } from './movements';

/** The statuses of a refund that WayForPay has taken. It may wait for the merchant's balance. */
const taken: readonly string[] = ['Refunded', 'Voided', 'RefundInProcessing'];

/** WayForPay works on another refund of the order. It may be the one that is asked for. */
const IN_PROCESSING = '1138';

const notAllowed =
  'WayForPay does not let this merchant refund through its API: ask its support for it, or refund in the cabinet.';
const notSo = 'WayForPay refuses the sum: look at the payment in its cabinet.';

/** What to do about a refusal, by its reason (https://wiki.wayforpay.com/view/852131). */
const cures: ReadonlyMap<string, string> = new Map([
  ['1117', notAllowed],
  ['1118', notAllowed],
  ['1123', notAllowed],
  ['1128', notSo],
  ['1130', notSo],
  [
    '1136',
    "The merchant's balance at WayForPay is too small: top it up, and ask for the refund again.",
  ],
  [
    '1141',
    'WayForPay cannot give back a part of this payment yet: refund all of it, or a part tomorrow.',
  ],
]);

/**
 * A refund through WayForPay's API, in whole or in part. WayForPay knows no key, so it is asked first
 * how much it has given back since the request was written.
 */
export function openRefunds(api: Pick<WayforpayApi, 'checkStatus' | 'refund'>): Refunds {
  return {
    can: 'partial',
    knowsKeys: false,
    refund: async (payment, cents, key) => {
      const { paymentId, refundedCents } = payment;
      const status = await api.checkStatus(paymentId);
      if (status === undefined) throw new NotFound('WayForPay does not know the payment.');
      if (!isMade(status, payment, cents)) {
        checkReply(await api.refund(paymentId, cents, `Refund ${key}`));
      }
      return { refundId: refundIdOf(paymentId, refundedCents + cents) };
    },
  };
}

/**
 * Whether the refund has been made already: by an earlier call, or by hand.
 * @throws Conflict when it has not, and another one is not booked yet.
 * @throws Unavailable and Unusable when it cannot be said.
 */
function isMade(status: OrderStatus, payment: RefundedPayment, cents: number): boolean {
  if (effectOf(status.status) === 'returning') throw new Unavailable(PROCESSING);
  const more = returnedCents(status, payment) - payment.refundedCents;
  if (more === cents) return true;
  if (more === 0 && payment.earlier === 'taken') {
    throw new Unavailable('WayForPay has taken the refund, and does not show it yet.');
  }
  if (more === 0) return false;
  if (more < 0) throw new Unavailable(BEHIND);
  if (more < cents) {
    throw new Conflict(
      'WayForPay shows a refund that is not booked: npm run ops -- recheck <payment>, then ask again.',
    );
  }
  throw new Unusable(
    'WayForPay shows more refunds than are booked: npm run ops -- recheck <payment>, and close the request when this refund is not among them.',
  );
}

const BEHIND = "WayForPay's API is behind its own callbacks.";
const PROCESSING =
  'WayForPay works on a refund of this payment: repeat the command when it is over.';

function returnedCents({ status, refundedCents }: OrderStatus, payment: RefundedPayment): number {
  const isReturned = effectOf(status) === 'returned';
  if (status === 'Voided' && !refundedCents) return payment.amountCents;
  if (isReturned && refundedCents === 0) throw new Unavailable(BEHIND);
  if (refundedCents !== undefined) return refundedCents;
  if (isReturned) throw new Unusable('WayForPay does not say how much was refunded.');
  return 0;
}

/**
 * @throws Conflict when WayForPay refuses the refund.
 * @throws Unavailable when it does not say what became of it.
 */
function checkReply({ transactionStatus, reasonCode }: RefundReply): void {
  const cure = cures.get(reasonCode);
  if (cure !== undefined) throw new Conflict(cure);
  if (reasonCode === IN_PROCESSING) throw new Unavailable(PROCESSING);
  if (taken.includes(transactionStatus)) return;
  if (transactionStatus === 'Declined') {
    throw new Conflict('WayForPay refuses the refund: look at the payment in its cabinet.');
  }
  throw new Unavailable('WayForPay does not say what became of the refund.');
}
