import type { DocumentSnapshot } from '../firestore/client';
import { z } from 'zod';
import { date, defineDocument, type FieldValues } from '../firestore/document';

/**
 * - `requested`: written down; the gateway may have been called.
 * - `sent`: the gateway has taken it.
 * - `unknown`: the gateway was called, and its answer is not known.
 * - `done`: its row is in the ledger.
 * - `failed`: nothing was given back.
 */
export const refundStates = ['requested', 'sent', 'unknown', 'done', 'failed'] as const;
export type RefundState = (typeof refundStates)[number];

export const openStates: readonly RefundState[] = ['requested', 'sent', 'unknown'];

const requestFields = {
  paymentId: ['payment_id', z.string()],
  gateway: ['gateway', z.string()],
  /** The sum that is given back, in US cents. */
  amountCents: ['amount', z.int().min(1)],
  /** What refunds of the payment had taken before, in US cents. */
  refundedCents: ['refunded_before', z.int()],
  state: ['state', z.enum(refundStates)],
  /** The gateway's id of the refund, as its row has it. */
  refundId: ['gateway_refund_id', z.string().nullable()],
  /** Why it failed, or its end is not known. */
  fault: ['fault', z.string().nullable()],
  /** The line of `tn_audit`, which says who and why. */
  line: ['audit_id', z.string()],
  createdAt: ['created_at', date],
  /** Until then it is one call's alone. */
  callUntil: ['call_until', date],
  changedAt: ['changed_at', date],
  /** When a person was told that its row is late. */
  alertedAt: ['alerted_at', date.nullable()],
} as const;

export const refundRequest = defineDocument(requestFields);

/** A refund that a member of the staff has asked for. It names no customer. */
export interface RefundRequest extends FieldValues<typeof requestFields> {
  /** The key towards the gateway. */
  readonly id: string;
}

/** A request that is to be written. */
export type NewRequest = Pick<
  RefundRequest,
  'paymentId' | 'gateway' | 'amountCents' | 'refundedCents' | 'line' | 'callUntil'
>;

export function isOpen({ state }: RefundRequest): boolean {
  return openStates.includes(state);
}

/** The payment id of the row that ends a request. */
export function rowOf({ gateway, refundId }: RefundRequest): string | undefined {
  return refundId === null ? undefined : `${gateway}_${refundId}`;
}

/** Undefined for one that a person has made unreadable. */
export function toRequest(stored: DocumentSnapshot): RefundRequest | undefined {
  const { data } = refundRequest.safeParse(stored.data());
  return data && { ...data, id: stored.id };
}

/** Whether a request has the same call and state as when it was read. */
export function isAs(one: RefundRequest, other: RefundRequest): boolean {
  return one.callUntil.getTime() === other.callUntil.getTime() && one.state === other.state;
}
