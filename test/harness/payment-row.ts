import type { PaymentRow } from '../../functions/src/ledger/payment-row.ts';

/** A payment of 15.00 through Stripe, but for what is given. */
export function paymentRow(given: Partial<PaymentRow> = {}): PaymentRow {
  return {
    paymentId: 'stripe_pi_1',
    uid: 'ann',
    amountCents: 1500,
    gateway: 'stripe',
    kind: 'payment',
    parentId: null,
    orderId: 'order1',
    mode: 'test',
    occurredAt: new Date(0),
    ...given,
  };
}
