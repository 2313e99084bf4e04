import { readSettings } from '../../config/settings';
import type { Call, Reply } from '../../http/call';
import { checkReturnUrl } from '../../http/return-url';
import { decimalOf, shortDecimalOf } from '../../money';
import { openOrders, type Orders } from '../../orders/orders';
import type { createPayment } from './calls';
import { NAME, readConfig } from './config';
import { orderIds } from './order-ids';
import { signForm } from './signature';

export interface CheckoutDeps {
  readonly orders: Pick<Orders, 'place' | 'bind'>;
}

export interface Checkout {
  createPayment(call: Call<typeof createPayment>): Promise<Reply<typeof createPayment>>;
}

export async function openCheckout(deps: Partial<CheckoutDeps> = {}): Promise<Checkout> {
  const config = readConfig();
  const { allowedOrigins } = readSettings();
  const { orders = await openOrders() } = deps;
  const returnUrl = (url: string | undefined): string =>
    url === undefined ? '' : checkReturnUrl(url, allowedOrigins);
  return {
    async createPayment({ input, caller, idempotencyKey }) {
      const successUrl = returnUrl(input.success_url);
      const failUrl = returnUrl(input.fail_url);
      const order = await orders.place({
        uid: caller.uid,
        amountCents: input.amount,
        gateway: NAME,
        idempotencyKey,
        ids: orderIds,
      });
      const { orderId: payId, amountCents } = order;
      // The app brings the form to AnyPay, which then knows the order by our id.
      await orders.bind(order, payId);
      const desc = `Top-up ${decimalOf(amountCents)} USD`;
      // The signature covers the text that the app posts: the number as JavaScript prints it.
      const amount = shortDecimalOf(amountCents);
      const form = { payId, amount, currency: 'USD', desc, successUrl, failUrl };
      return {
        merchant_id: Number(config.projectId),
        pay_id: payId,
        amount: Number(amount),
        currency: 'USD',
        method: '',
        customer_id: caller.uid,
        sign: signForm(config, form),
        ...(config.signType === 'sha256' && { desc, success_url: successUrl, fail_url: failUrl }),
      };
    },
  };
}
