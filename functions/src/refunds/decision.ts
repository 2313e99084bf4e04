import { REFUND_CALL_MS, REFUND_KEY_LIFE_MS, REFUND_REPEAT_MS } from '../config/limits';
import type { PaymentsMode, Settings } from '../config/settings';
import { Conflict, Forbidden } from '../errors';
import type { Refunds } from '../gateway';
import { isOpen, type NewRequest, type RefundRequest } from '../ledger/refund-request';
import type { Refundable } from '../ledger/refund-requests';
import { expectPayment, sumCents } from '../ledger/move';
import { decimalOf } from '../money';
import { includesRole, type StaffRole } from '../roles/role';

/** A refund, as a member of the staff asks for it. */
export interface RefundAsked {
  /** The gateway whose function is called. */
  readonly gateway: string;
  readonly paymentId: string;
  /** US cents; all that is left unless told. */
  readonly cents: number | undefined;
  /** As much was refunded just now, and this is another refund. */
  readonly isAnother: boolean;
  /** Where the money goes; told to the gateway, and stored nowhere. */
  readonly address: string | undefined;
  readonly role: StaffRole;
  /** The line of `tn_audit`. */
  readonly line: string;
}

/** The sums of a payment, in US cents. */
export interface Sums {
  readonly paid: number;
  /** Of which refunds have taken, as far as they are booked. */
  readonly refunded: number;
  /** Paid, less what refunds and disputes have taken. */
  readonly left: number;
  /** Asked for, and not in `left` yet. */
  readonly requested: number;
}

/** @throws Conflict when a person has broken a row of the payment. */
export function sumsOf({ rows, requests }: Refundable): Sums {
  const refunds = rows.filter(({ kind }) => /^refund/.test(kind));
  return {
    paid: sumCents(rows.filter(({ kind }) => kind === 'payment')),
    refunded: 0 - sumCents(refunds),
    left: sumCents(rows),
    requested: sumOf(requests.filter(isOpen)),
  };
}

/**
 * The request that a refund is made by: a new one, or the one that was left. A payment has one open
 * request at a time, so that what a gateway gave back since then can only be by it or by hand.
 * @throws Conflict when there is nothing to give back, or somebody else is giving it back.
 * @throws Forbidden when the sum is above what the role may give back.
 */
export function decide(
  found: Refundable,
  asked: RefundAsked,
  can: Exclude<Refunds['can'], 'none'>,
  { mode, refundSupportMaxCents }: Pick<Settings, 'mode' | 'refundSupportMaxCents'>,
  now: Date,
): NewRequest | RefundRequest {
  checkPayment(found, asked.gateway, mode);
  const sums = sumsOf(found);
  const callUntil = new Date(now.getTime() + REFUND_CALL_MS);
  const left = leftBehind(found.requests, asked.cents, now);
  const cents = left?.amountCents ?? asked.cents ?? sums.left;
  checkRole(asked.role, found.requests, left === undefined ? cents : 0, refundSupportMaxCents);
  if (left !== undefined) return { ...left, callUntil };
  checkRepetition(found.requests, cents, asked.isAnother, now);
  checkSum(cents, sums);
  const isWhole = cents === sums.paid && sums.left === sums.paid;
  if (can === 'full' && !isWhole) {
    throw new Conflict(
      `The gateway gives a payment back as a whole only: ${decimalOf(sums.paid)} USD, and nothing of it before.`,
    );
  }
  const { paymentId, gateway, line } = asked;
  return {
    paymentId,
    gateway,
    amountCents: cents,
    refundedCents: sums.refunded,
    line,
    callUntil,
  };
}

/** @throws Conflict unless it is a payment of this gateway and of this mode. */
export function checkPayment({ payment }: Refundable, gateway: string, mode: PaymentsMode): void {
  if (payment.gateway !== gateway) throw new Conflict('The payment is of another gateway.');
  expectPayment(payment, mode);
}

/** The request that is not ended. */
function leftBehind(
  requests: readonly RefundRequest[],
  cents: number | undefined,
  now: Date,
): RefundRequest | undefined {
  const left = requests.find(isOpen);
  if (left === undefined) return undefined;
  if (left.callUntil > now) {
    throw new Conflict('Another call refunds this payment just now. Repeat it in two minutes.');
  }
  if (cents !== undefined && cents !== left.amountCents) {
    throw new Conflict(
      `A refund of ${decimalOf(left.amountCents)} USD is not ended: finish it first, by npm run ops -- refund <payment> ${left.amountCents}.`,
    );
  }
  if (now.getTime() - left.createdAt.getTime() > REFUND_KEY_LIFE_MS) {
    throw new Conflict(
      `The request ${left.id} is too old to be repeated. Look at the payment at the gateway, then: npm run ops -- refunds --close ${left.id} --reason "…"`,
    );
  }
  return left;
}

/** All requests of a payment count, so that many small refunds are no way around the limit. */
function checkRole(
  role: StaffRole,
  requests: readonly RefundRequest[],
  cents: number,
  most: number,
): void {
  const sum = cents + sumOf(requests.filter(({ state }) => state !== 'failed'));
  if (sum <= most || includesRole(role, 'finance')) return;
  throw new Forbidden(
    `Your role gives back ${decimalOf(most)} USD of a payment at most (REFUND_SUPPORT_MAX_CENTS). Ask a member with the role finance.`,
  );
}

/** A command may be repeated because its answer was lost. */
function checkRepetition(
  requests: readonly RefundRequest[],
  cents: number,
  isAnother: boolean,
  now: Date,
): void {
  const since = now.getTime() - REFUND_REPEAT_MS;
  const done = requests.find(
    ({ state, amountCents, createdAt }) =>
      state === 'done' && amountCents === cents && createdAt.getTime() > since,
  );
  if (done === undefined || isAnother) return;
  throw new Conflict(
    `${decimalOf(cents)} USD of it was given back within a day (request ${done.id}). To give as much back again, add --another.`,
  );
}

function checkSum(cents: number, { left }: Sums): void {
  if (left <= 0) throw new Conflict('Nothing is left of the payment.');
  if (cents > left) throw new Conflict(`Only ${decimalOf(left)} USD are left of the payment.`);
}

function sumOf(requests: readonly RefundRequest[]): number {
  return requests.reduce((cents, { amountCents }) => cents + amountCents, 0);
}
