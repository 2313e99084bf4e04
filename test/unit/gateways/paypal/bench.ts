import { openGateway } from '../../../../functions/src/gateways/paypal/gateway.ts';
import type { GatewayDeps } from '../../../../functions/src/gateways/paypal/gateway.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { existing } from '../../../harness/existing.ts';
import { MERCHANT_ID, startPayPal, type PayPalStandin } from '../../../standins/paypal/server.ts';
import { createSignatory } from '../../../standins/paypal/signing.ts';

const CLIENT_ID = 'client-standin';
export const CLIENT_SECRET = 'secret-standin';
export const WEBHOOK_ID = 'WEBHOOK1STANDIN';

/** The order that the fixtures speak of: 15.00 by user1. */
export const order: Order = {
  orderId: '0123456789abcdef0123456789abcdef',
  uid: 'user1',
  amountCents: 1500,
  gateway: 'paypal',
  mode: 'test',
  createdAt: new Date('2026-11-01T09:59:00Z'),
};

/** Made once a file: a key takes longer than a test. */
export const signatory = createSignatory();

/** A stand-in of its own for every test of the file, with the environment pointing to it. */
export function useStandin(): () => PayPalStandin {
  let standin: PayPalStandin | undefined;
  beforeEach(async () => {
    standin = await startPayPal({
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      webhookId: WEBHOOK_ID,
      signatory,
    });
    setEnvironment({
      PAYMENTS_MODE: 'test',
      PAYPAL_CLIENT_ID: CLIENT_ID,
      PAYPAL_CLIENT_SECRET: CLIENT_SECRET,
      PAYPAL_MERCHANT_ID: MERCHANT_ID,
      PAYPAL_WEBHOOK_ID: WEBHOOK_ID,
      PAYPAL_VERIFICATION: 'offline',
      PAYPAL_API_URL: standin.origin,
      PAYPAL_TRUST_ANCHOR: signatory.anchor,
    });
  });
  afterEach(() => standin?.stop());
  return () => existing(standin);
}

/** The gateway as it is deployed, but for the orders and the ids of rows, which are in memory. */
export function open(
  given: Partial<GatewayDeps> & { known?: readonly Order[]; booked?: readonly string[] } = {},
) {
  const { known = [order], booked = [], ...outside } = given;
  const orders = {
    find: async (orderId: string) => known.find((one) => one.orderId === orderId),
  };
  const ledger = { paidCents: async (id: string) => (booked.includes(id) ? 0 : undefined) };
  return openGateway({ orders, ledger, ...outside });
}
