import { z } from 'zod';
import type { AskedPayment } from '../../gateway';
import type { Reported } from '../../movement';
import { findOurOrder } from '../../orders/ours';
import { NAME } from './config';
import { hintAt } from './hints';
import { refundsIn, type MovementsDeps } from './movements';
import { findOrderOf } from './ours';
import { ifKnown, readMovementsOf, readPayment } from './payment';

/**
 * Asks PayPal for all that one payment has moved. An order that the buyer has approved is not captured
 * here: the buyer may have paid in another way since. Nothing is changed, at PayPal or here.
 * @param paymentId the capture; a refund or reversal stands for its capture.
 * @throws Unusable when PayPal's object cannot be read. Unavailable when PayPal does not answer.
 */
export async function inquire(
  { ref, paymentId, orderId }: AskedPayment,
  deps: MovementsDeps,
): Promise<readonly Reported[]> {
  const byRef = ref === null ? undefined : await readOrdered(ref, deps);
  if (byRef !== undefined) return byRef;
  const byId = paymentId === null ? undefined : await readNamed(paymentId, deps);
  if (byId !== undefined || orderId === null) return byId ?? [];
  const claim = { orderId, gateway: NAME, mode: deps.config.mode };
  const bound = (await findOurOrder(deps.orders, claim))?.gatewayRef;
  if (bound === undefined || bound === ref) return [];
  return (await readOrdered(bound, deps)) ?? [];
}

/** Undefined when PayPal does not know the order. */
async function readOrdered(
  payPalOrderId: string,
  deps: MovementsDeps,
): Promise<readonly Reported[] | undefined> {
  const found = await ifKnown(() => deps.api.readOrder(payPalOrderId));
  if (found === undefined) return undefined;
  const order = await findOrderOf(found, deps);
  if (order === undefined) return [];
  const reported: Reported[] = [];
  for (const capture of found.purchaseUnits.flatMap(({ payments }) => payments.captures)) {
    const own = { capture, order, refunds: refundsIn(found, capture.id) };
    reported.push(...(await readMovementsOf(own, hintAt(capture.id), deps)));
  }
  return reported;
}

/** Undefined when PayPal knows neither a capture nor a refund of this id. */
async function readNamed(
  id: string,
  deps: MovementsDeps,
): Promise<readonly Reported[] | undefined> {
  const payment = await ifKnown(() => readPayment(deps, hintAt(id)));
  if (payment !== undefined) return payment;
  const captureId = (await ifKnown(() => deps.api.readRefund(id)))?.links.captureId;
  if (captureId === undefined) return undefined;
  const hint = { ...hintAt(captureId), refundIds: new Set([id]) };
  return ifKnown(() => readPayment(deps, hint));
}

const id = z
  .string()
  .regex(/^[A-Z0-9]{1,36}$/)
  .nullish()
  .catch(null);

/** A stored event of PayPal, or the capture that `paypal-captureOrder` stored as an event. */
const parked = z.object({
  id: z.string(),
  objectId: id,
  captureId: id,
  claim: z.object({ customId: z.string().nullish() }).nullish().catch(null),
});

/** The payment that a parked event is about. Undefined when the event does not tell. */
export function subjectOf(event: unknown): AskedPayment | undefined {
  const { data } = parked.safeParse(event);
  if (data === undefined) return undefined;
  const ref = /^capture_([A-Z0-9]{1,36})$/.exec(data.id)?.[1] ?? null;
  const paymentId = data.captureId ?? data.objectId ?? null;
  const orderId = data.claim?.customId ?? null;
  if (ref === null && paymentId === null && orderId === null) return undefined;
  return { ref, paymentId, orderId };
}
