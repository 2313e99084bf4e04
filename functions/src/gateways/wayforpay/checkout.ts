import { setTimeout as delay } from 'node:timers/promises';
import { HANDOVER_MS } from '../../config/limits';
import { readSettings } from '../../config/settings';
import { Conflict, Unavailable } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { checkReturnUrl } from '../../http/return-url';
import { decimalOf } from '../../money';
import type { Order } from '../../orders/order';
import { openOrders, type Orders } from '../../orders/orders';
import { WayforpayApi } from './api';
import type { createPayment } from './calls';
import { NAME, readConfig, readPageConfig, type PageConfig } from './config';
import { signFields, type Account } from './signature';

export interface CheckoutDeps {
  readonly orders: Pick<Orders, 'find' | 'place' | 'handOver'>;
}

export interface Checkout {
  createPayment(call: Call<typeof createPayment>): Promise<Reply<typeof createPayment>>;
}

export async function openCheckout(deps: Partial<CheckoutDeps> = {}): Promise<Checkout> {
  const config = readConfig();
  const pageConfig = readPageConfig();
  const { allowedOrigins } = readSettings();
  const { orders = await openOrders() } = deps;
  const api = new WayforpayApi(config);
  return {
    async createPayment({ input, caller, idempotencyKey }) {
      const returnUrl = checkReturnUrl(input.url_return, allowedOrigins);
      checkReturnUrl(input.url_success, allowedOrigins);
      const order = await orders.place({
        uid: caller.uid,
        amountCents: input.amount,
        gateway: NAME,
        idempotencyKey,
      });
      const make = () => {
        const purchase = buildPurchase(config, pageConfig, order, returnUrl);
        return api.createPage(pageConfig.pageUrl, purchase);
      };
      return { url: await pageOf(order, orders, make), order_id: order.orderId };
    },
  };
}

/** The looks for the page that another call makes. */
const PAUSES_MS = [0, 200, 500, 1_000];

/**
 * The page of an order: the order is bound to it. WayForPay makes one page for an order, and does not
 * tell it again, so a repeated request gets the page that is kept.
 * @throws Unavailable while another call with the same key is making the page.
 * @throws Conflict when WayForPay has made a page whose address never came.
 */
async function pageOf(
  order: Order,
  orders: CheckoutDeps['orders'],
  make: () => Promise<{ url: string }>,
): Promise<string> {
  if (order.gatewayRef !== undefined) return order.gatewayRef;
  try {
    return (await orders.handOver(order, make, ({ url }) => url)).url;
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    // Another call with the same key may be about to bind its page.
    for (const pauseMs of PAUSES_MS) {
      await delay(pauseMs);
      const page = (await orders.find(order.orderId))?.gatewayRef;
      if (page !== undefined) return page;
    }
    const ageMs = Date.now() - order.createdAt.getTime();
    if (ageMs > HANDOVER_MS) throw error;
    throw new Unavailable('The page of this order is being made.', { cause: error });
  }
}

/**
 * Builds the signed purchase of https://wiki.wayforpay.com/view/852102. Every amount in it is the
 * same text, because the signature covers the text. The money is taken at once, never held.
 */
export function buildPurchase(
  { merchantAccount, secretKey }: Account,
  { domain, callbackUrl }: PageConfig,
  order: Order,
  returnUrl: string,
) {
  const amount = decimalOf(order.amountCents);
  const orderDate = Math.floor(order.createdAt.getTime() / 1000);
  const name = `Top-up ${amount} USD`;
  const head = [merchantAccount, domain, order.orderId, String(orderDate), amount, 'USD'];
  return {
    merchantAccount,
    merchantDomainName: domain,
    merchantTransactionType: 'SALE',
    merchantTransactionSecureType: 'AUTO',
    merchantSignature: signFields(secretKey, [...head, name, '1', amount]),
    apiVersion: 1,
    orderReference: order.orderId,
    orderDate,
    amount,
    currency: 'USD',
    productName: [name],
    productCount: [1],
    productPrice: [amount],
    serviceUrl: callbackUrl,
    returnUrl,
  };
}
