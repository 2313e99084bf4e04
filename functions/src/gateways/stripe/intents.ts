import { z } from 'zod';
import type { PaymentsMode } from '../../config/settings';
import { Unusable } from '../../errors';
import { isUnderReview, wasHeldForReview } from './reviews';
import type { Dispute, Intent, Refund } from './objects';
import { firebaseUid } from '../../ids';
import type { Movement, Reported, Review } from '../../movement';

/** Tells our PaymentIntents from the others of the account. */
const PURPOSE = 'balance_topup';

/** The metadata that we wrote when the intent was made. It is as good as the order. */
const ours = z.object({ uid: firebaseUid, order_id: z.string().nullable().catch(null) });

export function metadataOf(order: { uid: string; orderId: string }): Record<string, string> {
  return { purpose: PURPOSE, uid: order.uid, order_id: order.orderId };
}

export function isOurs(intent: Intent): boolean {
  return intent.metadata['purpose'] === PURPOSE;
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

/** The payment, over the captured amount. It may be less than the order's. */
export function paymentOf(intent: Intent): Movement[] {
  if (intent.status !== 'succeeded') return [];
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
      default:
        return [];
    }
  });
}

/** One movement for each balance transaction, with Stripe's sign and without the dispute's fee. */
export function disputeOf(intent: Intent, dispute: Dispute): Reported[] {
  return dispute.balance_transactions
    .filter((transaction) => transaction.amount !== 0)
    .map((transaction) => {
      if (transaction.currency !== 'usd') {
        const message = 'A dispute was settled in another currency than US dollars.';
        return new Unusable(message, { about: transaction.id });
      }
      return {
        ...common(intent),
        id: transaction.id,
        kind: transaction.amount < 0 ? 'dispute' : 'dispute_reversed',
        amountCents: transaction.amount,
        parentId: intent.id,
        occurredAt: transaction.created,
      };
    });
}
