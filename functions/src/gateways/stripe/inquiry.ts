import { z } from 'zod';
import { NotFound } from '../../errors';
import type { AskedPayment } from '../../gateway';
import type { Reported } from '../../movement';
import { readAll, type AdvanceDeps } from './advance';

/**
 * All that an intent has moved. Empty when the account does not have it.
 * @throws as `Gateway.inquire`.
 */
export async function inquire(
  payment: AskedPayment,
  deps: AdvanceDeps,
): Promise<readonly Reported[]> {
  const id = await intentIdOf(payment, deps);
  if (id === undefined) return [];
  try {
    return await readAll(await deps.api.readIntent(id), deps);
  } catch (error) {
    if (error instanceof NotFound) return [];
    throw error;
  }
}

/** The intent itself, or the one that the order is bound to: a refund's id leads to no intent. */
async function intentIdOf(
  { orderId, ref, paymentId }: AskedPayment,
  { orders }: AdvanceDeps,
): Promise<string | undefined> {
  const id = [ref, paymentId].find((one) => one !== null && /^pi_\w+$/.test(one));
  if (typeof id === 'string' || orderId === null) return id ?? undefined;
  return (await orders.find(orderId))?.gatewayRef;
}

const stored = z.object({
  intentId: z.string().nullable().catch(null),
  chargeId: z.string().nullable().catch(null),
});

/** The payment of a parked event. One that names its charge alone does not tell. */
export function subjectOf(event: unknown): AskedPayment | undefined {
  const id = stored.safeParse(event).data?.intentId ?? null;
  return id === null ? undefined : { orderId: null, ref: null, paymentId: id };
}
