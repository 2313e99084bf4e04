import { readSettings } from '../../config/settings';
import { Conflict, Malformed } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { checkReturnUrl } from '../../http/return-url';
import { decimalOf } from '../../money';
import { openOrders } from '../../orders/orders';
import type { createPayment } from './calls';
import { NAME, readApiConfig, readCallbackUrl } from './config';
import { asksFor, Invoices } from './invoices';

export interface Checkout {
  createPayment(call: Call<typeof createPayment>): Promise<Reply<typeof createPayment>>;
}

/** An unpaid order is open for an hour; so is its invoice. */
const LIFETIME_S = 3_600;
/** Of an address, by Cryptomus. */
const LONGEST_URL = 255;

export async function openCheckout(): Promise<Checkout> {
  const invoices = new Invoices(readApiConfig());
  const callbackUrl = readCallbackUrl();
  const { allowedOrigins } = readSettings();
  const orders = await openOrders();
  const checked = (given: string): string => {
    const url = checkReturnUrl(given, allowedOrigins);
    if (url.length <= LONGEST_URL) return url;
    throw new Malformed(`A return address is longer than ${LONGEST_URL} characters.`);
  };
  return {
    async createPayment({ input, caller, idempotencyKey }) {
      const urls = {
        url_return: checked(input.url_return),
        url_success: checked(input.url_success),
      };
      const order = await orders.place({
        uid: caller.uid,
        amountCents: input.amount,
        gateway: NAME,
        idempotencyKey,
      });
      const invoice = await invoices.make({
        amount: decimalOf(order.amountCents),
        currency: 'USD',
        order_id: order.orderId,
        url_callback: callbackUrl,
        ...urls,
        lifetime: LIFETIME_S,
      });
      // For a known order id Cryptomus returns the invoice it has, whatever is asked for.
      if (!asksFor(order, invoice)) throw new Error('Cryptomus made another invoice');
      if (invoice.status === 'cancel') {
        throw new Conflict('The invoice of this Idempotency-Key has expired; use a new key.');
      }
      return { url: invoice.url };
    },
  };
}
