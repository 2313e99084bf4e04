import { z } from 'zod';
import type { PaymentsMode } from '../../config/settings';
import { Unusable } from '../../errors';
import { isUnderReview, wasHeldForReview } from './reviews';
import type { Dispute, Intent, Refund } from './objects';
import { firebaseUid } from '../../ids';
import type { Movement, Reported, Review } from '../../movement';
import type { Order } from '../../orders/order';
import { findOurOrder, type OrderBook } from '../../orders/ours';
import { NAME } from './config';

/** Tells our PaymentIntents from the others of the account. */
const PURPOSE = 'balance_topup';

/** The metadata that we wrote when the intent was made. It is as good as the order. */
const ours = z.object({ uid: firebaseUid, order_id: z.string().nullable().catch(null) });

/** @param deployment marks the intents of this deployment, because several may share an account. */
export function metadataOf(order: Order, deployment: string): Record<string, string> {
  return { purpose: PURPOSE, deployment, uid: order.uid, order_id: order.orderId };
}

export interface OwnershipDeps {
  readonly orders: OrderBook;
  readonly mode: PaymentsMode;
  /** The mark of this deployment. */
  readonly deployment: string;
}

/**
 * Whether an intent is of this deployment and mode. Our mark says so: only people with access to the
 * account can write it. An intent without a mark is older than the mark, and its order says so.
 * @throws Unavailable when the orders cannot be read.
 */
export async function isOurs(
  { id, livemode, metadata }: Intent,
  { orders, mode, deployment }: OwnershipDeps,
): Promise<boolean> {
  if (metadata['purpose'] !== PURPOSE || livemode !== (mode === 'live')) return false;
  const mark = metadata['deployment'];
  if (mark !== undefined) return mark === deployment;
  const orderId = metadata['order_id'];
  if (typeof orderId !== 'string') return false;
  const order = await findOurOrder(orders, { orderId, gateway: NAME, mode, ref: id });
  return order !== undefined && order.uid === metadata['uid'];
}

/** Whose payment it is. @throws Unusable when the metadata names no user. */
export function ownerOf(intent: Intent): { uid: string; orderId: string | null } {
  const { data } = ours.safeParse(intent.metadata);
  if (data === undefined) throw new Unusable('The intent carries no uid.');
  if (intent.currency !== 'usd') throw new Unusable('The intent is not in US dollars.');
  return { uid: data.uid, orderId: data.order_id };
}

function common(intent: Intent) {
  const mode: PaymentsMode = intent.livemode ? 'live' : 'test';
  return { ...ownerOf(intent), mode };
}

/** The statuses of an intent whose money was not taken. */
const unpaidStatuses = new Set([
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'requires_capture',
  'processing',
  'canceled',
]);

/**
 * The payment, over the captured amount. It may be less than the order's.
 * @throws Unusable when the status is unknown.
 */
export function paymentOf(intent: Intent): Movement[] {
  if (unpaidStatuses.has(intent.status)) return [];
  if (intent.status !== 'succeeded') {
    throw new Unusable('The intent has a status that Stripe does not document.');
  }
  if (intent.latest_charge === null) throw new Unusable('The intent succeeded without a charge.');
  return [
    {
      ...common(intent),
      id: intent.id,
      kind: 'payment',
      amountCents: intent.amount_received,
      parentId: null,
      occurredAt: intent.latest_charge.created,
    },
  ];
}

/** The review of a payment that Radar holds, or held until it was canceled. */
export function reviewOf(intent: Intent): Review[] {
  const { uid, orderId } = ownerOf(intent);
  if (orderId === null || !wasHeldForReview(intent)) return [];
  if (isUnderReview(intent)) return [{ review: 'opened', orderId, uid }];
  return intent.status === 'canceled' ? [{ review: 'closed', orderId, uid }] : [];
}

/**
 * The movements of the refunds, one for each Refund object. A failed refund gives back what the refund
 * took, so its movement waits for the refund's own.
 */
export function refundsOf(intent: Intent, refunds: readonly (Refund | Unusable)[]): Reported[] {
  return refunds.flatMap((refund): Reported[] => {
    if (refund instanceof Unusable) return [refund];
    if (refund.currency !== 'usd') {
      return [new Unusable('A refund is not in US dollars.', { about: refund.id })];
    }
    switch (refund.status) {
      case 'succeeded':
      case 'pending':
        return [
          {
            ...common(intent),
            id: refund.id,
            kind: 'refund',
            amountCents: -refund.amount,
            parentId: intent.id,
            occurredAt: refund.created,
          },
        ];
      case 'failed':
      case 'canceled':
        return [
          {
            ...common(intent),
            id: `${refund.id}-failed`,
            kind: 'refund_failed',
            amountCents: refund.amount,
            parentId: refund.id,
            occurredAt: refund.failure_balance_transaction?.created ?? refund.created,
          },
        ];
      case 'requires_action':
        return [];
      default:
        return [
          new Unusable('A refund has a status that Stripe does not document.', {
            about: refund.id,
          }),
        ];
    }
  });
}

/**
 * The signed cents of a dispute's balance transaction, without the dispute's fee. An account that
 * settles in another currency has its transactions in that currency: the dispute's own amount, which
 * is in the currency of the payment, then takes their place.
 */
function disputedCents(
  { amount, currency }: Dispute,
  transaction: Dispute['balance_transactions'][number],
): number | undefined {
  if (transaction.currency === 'usd') return transaction.amount;
  if (currency !== 'usd') return undefined;
  return transaction.amount < 0 ? -amount : amount;
}

/** One movement for each balance transaction of a dispute. */
export function disputeOf(intent: Intent, dispute: Dispute): Reported[] {
  return dispute.balance_transactions
    .filter((transaction) => transaction.amount !== 0)
    .map((transaction) => {
      const amountCents = disputedCents(dispute, transaction);
      if (amountCents === undefined) {
        return new Unusable('A dispute is not in US dollars.', { about: transaction.id });
      }
      return {
        ...common(intent),
        id: transaction.id,
        kind: amountCents < 0 ? 'dispute' : 'dispute_reversed',
        amountCents,
        parentId: intent.id,
        occurredAt: transaction.created,
      };
    });
}
