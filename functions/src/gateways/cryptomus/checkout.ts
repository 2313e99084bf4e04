import { readSettings } from '../../config/settings';
import { Conflict, Malformed } from '../../errors';
import type { Call, Reply } from '../../http/call';
import { checkReturnUrl } from '../../http/return-url';
import { decimalOf } from '../../money';
import { openOrders, type Orders } from '../../orders/orders';
import { CryptomusApi } from './api';
import type { createPayment } from './calls';
import { NAME, readCallbackUrl, readConfig } from './config';
import { isFor } from './invoices';

export interface Checkout {
  createPayment(call: Call<typeof createPayment>): Promise<Reply<typeof createPayment>>;
}

/** An invoice can be paid for an hour: as long as its order counts as open. */
const LIFETIME_S = 3_600;
/** In characters. Cryptomus refuses a longer address. */
const MAX_URL = 255;

export interface CheckoutDeps {
  readonly orders: Pick<Orders, 'place' | 'handOver'>;
}

/** @throws Misconfigured when a variable or the secret is missing or wrong. */
export async function openCheckout(deps: Partial<CheckoutDeps> = {}): Promise<Checkout> {
  const api = new CryptomusApi(readConfig());
  const callbackUrl = readCallbackUrl();
  const { allowedOrigins } = readSettings();
  const { orders = await openOrders() } = deps;
  return {
    async createPayment({ input, caller, idempotencyKey }) {
      const urls = {
        url_return: toReturnUrl(input.url_return, allowedOrigins),
        url_success: toReturnUrl(input.url_success, allowedOrigins),
      };
      const order = await orders.place({
        uid: caller.uid,
        amountCents: input.amount,
        gateway: NAME,
        idempotencyKey,
      });
      const create = async () => {
        const invoice = await api.createInvoice({
          amount: decimalOf(order.amountCents),
          currency: 'USD',
          order_id: order.orderId,
          url_callback: callbackUrl,
          ...urls,
          lifetime: LIFETIME_S,
        });
        // For a known order id Cryptomus returns the invoice that it has, whatever the request says.
        if (!isFor(order, invoice)) throw new Error('Cryptomus made another invoice');
        if (invoice.status === 'cancel') {
          throw new Conflict('The invoice of this Idempotency-Key has expired; use a new key.');
        }
        return invoice;
      };
      const invoice = await orders.handOver(order, create, ({ uuid }) => uuid);
      return { url: invoice.url, order_id: order.orderId };
    },
  };
}

/** @throws Malformed when the address is too long, or on an origin that is not allowed. */
function toReturnUrl(given: string, allowedOrigins: readonly string[]): string {
  const url = checkReturnUrl(given, allowedOrigins);
  if (url.length > MAX_URL) {
    throw new Malformed(`A return address is longer than ${MAX_URL} characters.`);
  }
  return url;
}
