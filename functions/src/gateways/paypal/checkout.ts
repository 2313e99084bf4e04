import { Conflict, Malformed, NotFound, Unavailable } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { openOrders, type Orders } from '../../orders/orders';
import { ingest, openPipeline } from '../../pipeline';
import { PayPalApi } from './api';
import type { captureOrder, createOrder } from './calls';
import { isReceived, paymentOf, reviewOf } from './captures';
import { Refusal } from './client';
import { NAME, readApiConfig, readConfig } from './config';
import type { Capture, PayPalOrder } from './objects';
import { findOrderOf } from './ours';

export interface Checkout {
  createOrder(call: Call<typeof createOrder>): Promise<Reply<typeof createOrder>>;
  captureOrder(call: Call<typeof captureOrder>): Promise<Reply<typeof captureOrder>>;
}

export interface CheckoutDeps {
  readonly orders: Pick<Orders, 'find' | 'place' | 'handOver'>;
}

/** @throws Misconfigured when a variable or the secret is missing or wrong. */
export async function openCheckout(deps: Partial<CheckoutDeps> = {}): Promise<Checkout> {
  const config = readApiConfig();
  const api = new PayPalApi(config);
  const { orders = await openOrders() } = deps;
  return {
    async createOrder({ input, caller, idempotencyKey }) {
      // Money that no webhook could tell us of is not asked for.
      readConfig();
      const { amount: amountCents } = input;
      const order = await orders.place({
        uid: caller.uid,
        amountCents,
        gateway: NAME,
        idempotencyKey,
      });
      const created = await orders.handOver(
        order,
        () => api.createOrder(order),
        ({ id }) => id,
      );
      return { ...created, order_id: order.orderId };
    },

    async captureOrder({ input, caller }) {
      const found = await api.readOrder(toPayPalOrderId(input));
      const order = await findOrderOf(found, { config, api, orders });
      if (order?.uid !== caller.uid) throw new NotFound('There is no such order.');
      const taken = await capture(api, found);
      const paid = taken.purchaseUnits[0]?.payee ? taken : await api.readOrder(taken.id);
      // The payee may have been changed in between, so the ownership is checked again.
      if ((await findOrderOf(paid, { config, api, orders })) === undefined) {
        throw new NotFound('The money of this order went to another account.');
      }
      const captures = liveCaptures(paid);
      const event = { id: `capture_${found.id}`, type: 'capture' };
      const reported = captures.flatMap((one) => [
        ...paymentOf(one, order),
        ...reviewOf(one, order),
      ]);
      await ingest(await openPipeline(), { gateway: NAME, event }, reported);
      // `success` is the one word that published apps know. `status` tells the two apart.
      return { result: 'success', status: captures.some(isReceived) ? 'paid' : 'review' };
    },
  };
}

/** @throws Malformed unless the input names one order, under `id` or its older name. */
function toPayPalOrderId({ id, order_id: olderId }: Call<typeof captureOrder>['input']): string {
  const payPalOrderId = id ?? olderId;
  if (payPalOrderId === undefined) throw new Malformed('id is missing.');
  if (olderId !== undefined && olderId !== payPalOrderId) {
    throw new Malformed('id and order_id are different orders.');
  }
  return payPalOrderId;
}

/** The captures that were received or are held back. An order with one must not be captured again. */
function liveCaptures({ purchaseUnits }: PayPalOrder): Capture[] {
  return purchaseUnits
    .flatMap(({ payments }) => payments.captures)
    .filter((one) => isReceived(one) || one.status === 'PENDING');
}

/**
 * Takes the money of an approved order. After an error the order is read again: it may have been
 * captured before, by another call at the same moment, or by this call whose answer was lost.
 * @returns the order with its captures.
 * @throws Conflict when PayPal refuses. Unavailable when the outcome is not known.
 */
async function capture(api: PayPalApi, found: PayPalOrder): Promise<PayPalOrder> {
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
  throw fault instanceof Unavailable ? fault : toError(fault, order);
}

/**
 * The id of the capture request. It stays the same while the order does not change. After a decline
 * the buyer may approve the order again with another card: that changes the order and so the id.
 * With the old id PayPal would repeat the old answer.
 */
function requestIdOf({ id, updateTime }: PayPalOrder): string {
  return updateTime === undefined ? `capture-${id}` : `capture-${id}-${updateTime.getTime()}`;
}

/** The issues of a refused capture that do not concern the buyer's money. */
const conflicts: Readonly<Record<string, string>> = {
  ORDER_NOT_APPROVED: 'The buyer has not approved this order yet.',
  PAYER_ACTION_REQUIRED: 'The buyer has not approved this order yet.',
  ORDER_EXPIRED: 'This order is over; make a new one.',
  ORDER_COMPLETED_OR_VOIDED: 'This order is over; make a new one.',
};

function toError(refusal: Refusal | undefined, { purchaseUnits }: PayPalOrder): Error {
  const isDeclined = purchaseUnits.some(({ payments }) => payments.captures.length > 0);
  const isUnderWay = refusal?.issue === 'ORDER_COMPLETION_IN_PROGRESS';
  if (isUnderWay || (refusal === undefined && !isDeclined)) {
    return new Unavailable('PayPal has not told yet what became of the capture.');
  }
  const message = conflicts[refusal?.issue ?? ''] ?? 'PayPal has declined the payment.';
  return new Conflict(message, { cause: refusal });
}
