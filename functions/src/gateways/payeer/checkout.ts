import { readSettings } from '../../config/settings';
import { Malformed } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { checkReturnUrl } from '../../http/return-url';
import { openOrders } from '../../orders/orders';
import type { createOrder } from './calls';
import { NAME, readFormConfig } from './config';
import { formOf } from './form';
import { orderIds } from './order-ids';

export interface Checkout {
  createOrder(call: Call<typeof createOrder>): Promise<Reply<typeof createOrder>>;
}

/** Payeer cuts longer addresses off. */
const MAX_URL = 255;

export async function openCheckout(): Promise<Checkout> {
  const config = readFormConfig();
  const { allowedOrigins } = readSettings();
  const orders = await openOrders();
  const returnUrl = (url: string): string => {
    const checked = checkReturnUrl(url, allowedOrigins);
    if (checked.length > MAX_URL)
      throw new Malformed(`A return address is over ${MAX_URL} characters.`);
    return checked;
  };
  return {
    async createOrder({ input, caller, idempotencyKey }) {
      const urls = {
        success_url: returnUrl(input.success_url),
        fail_url: returnUrl(input.fail_url),
      };
      const order = await orders.place({
        uid: caller.uid,
        amountCents: input.amount,
        gateway: NAME,
        idempotencyKey,
        ids: orderIds,
      });
      return formOf(config, order, urls);
    },
  };
}
