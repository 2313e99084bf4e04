import { readSettings } from '../../config/settings';
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
  readonly orders: Pick<Orders, 'place'>;
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
      const purchase = buildPurchase(config, pageConfig, order, returnUrl);
      const { url } = await api.createPage(pageConfig.pageUrl, purchase);
      return { url, order_id: order.orderId };
    },
  };
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
