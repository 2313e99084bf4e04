import { z } from 'zod';
import { readSettings } from '../../config/settings';
import { Conflict, Unavailable } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { checkReturnUrl } from '../../http/return-url';
import { decimalOf } from '../../money';
import type { Order } from '../../orders/order';
import { openOrders } from '../../orders/orders';
import { post, reasons } from './api';
import type { createPayment } from './calls';
import { NAME, readConfig, readPageConfig, type PageConfig, type WayforpayConfig } from './config';
import { signatureOf } from './signature';

export interface Checkout {
  createPayment(call: Call<typeof createPayment>): Promise<Reply<typeof createPayment>>;
}

const page = z.object({ url: z.url({ protocol: /^https?$/ }) });

export async function openCheckout(): Promise<Checkout> {
  const config = readConfig();
  const pageConfig = readPageConfig();
  const { allowedOrigins } = readSettings();
  const orders = await openOrders();
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
      const message = purchaseOf(config, pageConfig, order, returnUrl);
      const reply = await post(`${pageConfig.pageUrl}?behavior=offline`, message);
      if (reply.reasonCode === reasons.duplicateOrder) {
        throw new Conflict('This payment was started before; use a new Idempotency-Key.');
      }
      const { data } = page.safeParse(reply);
      if (data === undefined) throw new Unavailable('WayForPay made no page to pay on.');
      return data;
    },
  };
}

/**
 * The purchase of https://wiki.wayforpay.com/view/852102, with the amount in one text throughout:
 * the one that is signed. Sold at once, never held.
 */
export function purchaseOf(
  { merchantAccount, secretKey }: Pick<WayforpayConfig, 'merchantAccount' | 'secretKey'>,
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
    merchantSignature: signatureOf(secretKey, [...head, name, '1', amount]),
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
