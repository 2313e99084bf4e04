import { readSettings } from '../../config/settings';
import type { Call } from '../../http/endpoint';
import { checkReturnUrl } from '../../http/return-url';
import { decimalOf, shortDecimalOf } from '../../money';
import { openOrders } from '../../orders/orders';
import { NAME, readProjectConfig } from './config';
import { orderIds } from './order-ids';
import { formSignature } from './signatures';

/** What the app posts to https://anypay.io/merchant. */
export interface PaymentReply {
  readonly merchant_id: number;
  readonly pay_id: string;
  /** US dollars. */
  readonly amount: number;
  readonly currency: 'USD';
  /** Empty: the buyer chooses. */
  readonly method: string;
  readonly customer_id: string;
  readonly sign: string;
  /** Only with SHA-256, which signs them: the app posts exactly these. */
  readonly desc?: string;
  readonly success_url?: string;
  readonly fail_url?: string;
}

interface PaymentRequest {
  readonly amount: number;
  readonly success_url?: string | undefined;
  readonly fail_url?: string | undefined;
}

export interface Checkout {
  createPayment(call: Call<PaymentRequest>): Promise<PaymentReply>;
}

export async function openCheckout(): Promise<Checkout> {
  const config = readProjectConfig();
  const { allowedOrigins } = readSettings();
  const orders = await openOrders();
  const returnUrl = (url: string | undefined): string =>
    url === undefined ? '' : checkReturnUrl(url, allowedOrigins);
  return {
    async createPayment({ input, caller, idempotencyKey }) {
      const successUrl = returnUrl(input.success_url);
      const failUrl = returnUrl(input.fail_url);
      const { orderId: payId, amountCents } = await orders.place({
        uid: caller.uid,
        amountCents: input.amount,
        gateway: NAME,
        idempotencyKey,
        ids: orderIds,
      });
      const desc = `Top-up ${decimalOf(amountCents)} USD`;
      // The app posts the number as JavaScript prints it: that text is signed.
      const amount = shortDecimalOf(amountCents);
      const form = { payId, amount, currency: 'USD', desc, successUrl, failUrl };
      return {
        merchant_id: Number(config.projectId),
        pay_id: payId,
        amount: Number(amount),
        currency: 'USD',
        method: '',
        customer_id: caller.uid,
        sign: formSignature(config, form),
        ...(config.signType === 'sha256' && { desc, success_url: successUrl, fail_url: failUrl }),
      };
    },
  };
}
