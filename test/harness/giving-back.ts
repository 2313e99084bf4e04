import type { RefundedPayment, Refunds } from '../../functions/src/gateway.ts';

/** Gives money of a payment back, by a gateway that can. */
export async function giveBack(
  refunds: Refunds | undefined,
  payment: Partial<RefundedPayment>,
  cents: number,
  key = 'r1',
): Promise<string> {
  if (refunds === undefined || refunds.can === 'none') throw new Error('it gives nothing back');
  const known = { paymentId: '', orderId: null, amountCents: 1250, refundedCents: 0, address: '' };
  const earlier = 'none';
  return (await refunds.refund({ ...known, earlier, ...payment }, cents, key)).refundId;
}
