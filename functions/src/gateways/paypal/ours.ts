import { Unusable } from '../../errors';
import type { Order } from '../../orders/order';
import { findOurOrder, type OrderBook } from '../../orders/ours';
import type { PayPalApi } from './api';
import { NAME, type PayPalApiConfig } from './config';
import type { Capture, PayPalOrder } from './objects';

export interface OwnershipDeps {
  readonly config: Pick<PayPalApiConfig, 'mode' | 'merchantId'>;
  readonly api: Pick<PayPalApi, 'readOrder' | 'readCapture' | 'readRefund'>;
  readonly orders: OrderBook;
}

/**
 * Our order that PayPal's order pays; undefined when PayPal's order is not ours. Anybody who knows
 * our client id can make an order at PayPal that names our order, and that pays another account or
 * another amount.
 */
export async function findOrderOf(
  { id, purchaseUnits }: PayPalOrder,
  { config, orders }: OwnershipDeps,
): Promise<Order | undefined> {
  const [unit, ...others] = purchaseUnits;
  if (unit === undefined || others.length > 0) return undefined;
  const order = await findOurOrder(orders, {
    orderId: unit.customId,
    gateway: NAME,
    mode: config.mode,
    ref: id,
    isPaidToUs: unit.payee?.merchantId === config.merchantId,
  });
  const isSameAmount = unit.amount === undefined || unit.amount === order?.amountCents;
  return isSameAmount ? order : undefined;
}

/**
 * Our order that a capture pays; undefined when the capture is not ours.
 * @throws Unusable when the capture names our order, and PayPal does not say who is paid.
 */
export async function findOrderOfCapture(
  capture: Capture,
  { config, api, orders }: OwnershipDeps,
): Promise<Order | undefined> {
  const named = capture.supplementaryData?.relatedIds?.orderId;
  const claim = { orderId: capture.customId, gateway: NAME, mode: config.mode, ref: named };
  const order = await findOurOrder(orders, claim);
  if (order === undefined) return undefined;
  const ref = named ?? order.gatewayRef;
  if (named === undefined && ref !== undefined && !(await hasCapture(ref, capture, api))) {
    return undefined;
  }
  const payee = capture.payee ?? (ref && (await api.readOrder(ref)).purchaseUnits[0]?.payee);
  if (!payee) throw new Unusable('PayPal does not say who was paid.', { about: capture.id });
  return payee.merchantId === config.merchantId ? order : undefined;
}

/** Whether a capture that does not name its PayPal order is one of this order. */
async function hasCapture(
  payPalOrderId: string,
  { id }: Capture,
  api: OwnershipDeps['api'],
): Promise<boolean> {
  const { purchaseUnits } = await api.readOrder(payPalOrderId);
  return purchaseUnits.some(({ payments }) => payments.captures.some((one) => one.id === id));
}
