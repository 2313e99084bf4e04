import { Conflict, NotFound, Unavailable } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { openOrders } from '../../orders/orders';
import { openPipeline, ingest } from '../../pipeline';
import { PayPalApi } from './api';
import type { captureOrder, createOrder } from './calls';
import { Refusal } from './client';
import { NAME, readApiConfig } from './config';
import { isReceived, paymentOf, reviewOf } from './movements';
import type { Capture, PayPalOrder } from './objects';
import { orderOf } from './orders';

export interface Checkout {
  createOrder(call: Call<typeof createOrder>): Promise<Reply<typeof createOrder>>;
  captureOrder(call: Call<typeof captureOrder>): Promise<Reply<typeof captureOrder>>;
}

export async function openCheckout(): Promise<Checkout> {
  const config = readApiConfig();
  const api = new PayPalApi(config);
  const orders = await openOrders();
  return {
    async createOrder({ input, caller, idempotencyKey }) {
      const { amount: amountCents } = input;
      const order = await orders.place({
        uid: caller.uid,
        amountCents,
        gateway: NAME,
        idempotencyKey,
      });
      return { ...(await api.createOrder(order)), order_id: order.orderId };
    },

    async captureOrder({ input, caller }) {
      const found = await api.readOrder(input.order_id);
      const order = await orderOf(orders, found.purchaseUnits[0]?.customId, config.mode);
      if (order?.uid !== caller.uid) throw new NotFound('There is no such order.');
      const captures = liveCaptures(await captured(api, found));
      const event = { id: `capture_${found.id}`, type: 'capture' };
      const reported = captures.flatMap((capture) => [
        ...paymentOf(capture, order),
        ...reviewOf(capture, order),
      ]);
      await ingest(await openPipeline(), { gateway: NAME, event }, reported);
      return { result: captures.some(isReceived) ? 'success' : 'pending' };
    },
  };
}

/** Received or held back: an order with one of these is not to be captured again. */
function liveCaptures({ purchaseUnits }: PayPalOrder): Capture[] {
  return purchaseUnits
    .flatMap(({ payments }) => payments.captures)
    .filter((capture) => isReceived(capture) || capture.status === 'PENDING');
}

/**
 * Takes the money of an approved order. Whatever PayPal answers to that, or does not, the order
 * itself says what is true: it may have been captured before, at the same moment, or just now.
 * @throws Conflict when PayPal refuses. Unavailable when the outcome is not known.
 */
async function captured(api: PayPalApi, found: PayPalOrder): Promise<PayPalOrder> {
  if (liveCaptures(found).length > 0) return found;
  let fault: Refusal | Unavailable | undefined;
  try {
    const order = await api.captureOrder(found.id, requestIdOf(found));
    if (liveCaptures(order).length > 0) return order;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Unavailable)) throw error;
    fault = error;
  }
  const order = await api.readOrder(found.id);
  if (liveCaptures(order).length > 0) return order;
  throw fault instanceof Unavailable ? fault : refusedBy(fault, order);
}

/**
 * The same while nothing has happened to the order. Once the buyer has approved it anew, with
 * another card after one was declined, it is another request: PayPal would repeat the old answer.
 */
function requestIdOf({ id, updateTime }: PayPalOrder): string {
  return updateTime === undefined ? `capture-${id}` : `capture-${id}-${updateTime.getTime()}`;
}

/** Issues of a refused capture that are not about the buyer's money. */
const unpayable: Readonly<Record<string, string>> = {
  ORDER_NOT_APPROVED: 'The buyer has not approved this order yet.',
  PAYER_ACTION_REQUIRED: 'The buyer has not approved this order yet.',
  ORDER_EXPIRED: 'This order is over; make a new one.',
  ORDER_COMPLETED_OR_VOIDED: 'This order is over; make a new one.',
};

function refusedBy(refusal: Refusal | undefined, { purchaseUnits }: PayPalOrder): Error {
  const isDeclined = purchaseUnits.some(({ payments }) => payments.captures.length > 0);
  const isUnderWay = refusal?.issue === 'ORDER_COMPLETION_IN_PROGRESS';
  if (isUnderWay || (refusal === undefined && !isDeclined)) {
    return new Unavailable('PayPal has not told yet what became of the capture.');
  }
  const message = unpayable[refusal?.issue ?? ''] ?? 'PayPal has declined the payment.';
  return new Conflict(message, { cause: refusal });
}
