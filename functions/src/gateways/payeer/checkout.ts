import { readSettings } from '../../config/settings';
import { Malformed } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { checkReturnUrl } from '../../http/return-url';
import { openOrders, type Orders } from '../../orders/orders';
import type { createOrder } from './calls';
import { NAME, readConfig, readFormConfig } from './config';
import { buildForm } from './form';
import { orderIds } from './order-ids';

export interface Checkout {
  createOrder(call: Call<typeof createOrder>): Promise<Reply<typeof createOrder>>;
}

export interface CheckoutDeps {
  readonly orders: Pick<Orders, 'place' | 'bind'>;
}

/** In characters. Payeer cuts a longer address off. */
const MAX_URL = 255;

/** @throws Misconfigured when a variable or a secret is missing. */
export async function openCheckout(deps: Partial<CheckoutDeps> = {}): Promise<Checkout> {
  readConfig();
  const config = readFormConfig();
  const { allowedOrigins } = readSettings();
  const { orders = await openOrders() } = deps;
  return {
    async createOrder({ input, caller, idempotencyKey }) {
      const urls = {
        success_url: toReturnUrl(input.success_url, allowedOrigins),
        fail_url: toReturnUrl(input.fail_url, allowedOrigins),
      };
      const order = await orders.place({
        uid: caller.uid,
        amountCents: input.amount,
        gateway: NAME,
        idempotencyKey,
        ids: orderIds,
      });
      // The app brings the form to Payeer, which then knows the order by our id.
      await orders.bind(order, order.orderId);
      return buildForm(config, order, urls);
    },
  };
}

/** @throws Malformed when the address is too long, or on an origin that is not allowed. */
function toReturnUrl(text: string, allowedOrigins: readonly string[]): string {
  const url = checkReturnUrl(text, allowedOrigins);
  if (url.length > MAX_URL) throw new Malformed(`A return address is over ${MAX_URL} characters.`);
  return url;
}
