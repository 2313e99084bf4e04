import { openGateway } from '../../../../functions/src/gateways/paypal/gateway.ts';
import type { GatewayDeps } from '../../../../functions/src/gateways/paypal/gateway.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import type { Reported } from '../../../../functions/src/movement.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { existing } from '../../../harness/existing.ts';
import { listen, type Call, type Reply } from '../../../standins/http.ts';
import type { PayPalControl } from '../../../standins/paypal/control.ts';
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

/** How long ago it is at PayPal; 0 for every test until it says otherwise. */
export const clock = { agoMs: 0 };

/** A stand-in of its own for every test of the file, with the environment pointing to it. */
export function useStandin(): () => PayPalStandin {
  let standin: PayPalStandin | undefined;
  beforeEach(async () => {
    clock.agoMs = 0;
    standin = await startPayPal({
      now: () => Date.now() - clock.agoMs,
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
      PAYPAL_TRANSACTION_SEARCH: 'false',
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

type OpenGateway = Awaited<ReturnType<typeof open>>;

/** The movements that the webhook hears of when every event so far is sent now, each once. */
export async function movementsOfEvents(
  { control }: PayPalStandin,
  gateway: OpenGateway,
): Promise<readonly Reported[]> {
  const all = new Map<string, Reported>();
  for (const event of control.events()) {
    const { body, headers } = control.signed(event);
    const request = { method: 'POST', headers, body: Buffer.from(body) };
    const reported = await gateway.movements(await gateway.verify(request));
    for (const one of reported) all.set(JSON.stringify(one), one);
  }
  return sorted([...all.values()]);
}

/** In an order that does not depend on who tells. */
export function sorted(reported: readonly Reported[]): readonly Reported[] {
  const key = (one: Reported) => ('id' in one ? one.id : JSON.stringify(one));
  return reported.toSorted((a, b) => key(a).localeCompare(key(b)));
}

/** What happens to a payment of 15.00 that our order is bound to, by the name of the case. */
export const happenings: Readonly<Record<string, (control: PayPalControl) => void>> = {
  'a payment': (control) => void pay(control),
  'two refunds': (control) => {
    const id = pay(control);
    control.refund(id, 400);
    control.refund(id, 500);
  },
  'a refund that is pending': (control) => {
    control.refund(pay(control), 400, { status: 'PENDING' });
  },
  'a refund that failed': (control) => {
    control.failRefund(control.refund(pay(control)).id);
  },
  'a reversal told as a refund': (control) => {
    control.reverse(pay(control), 600);
  },
  'a reversal told as the capture': (control) => {
    const id = pay(control);
    control.refund(id, 400);
    control.reverseCapture(id);
  },
};

/** The capture of a payment of our order. */
export function pay(control: PayPalControl, status?: string): string {
  const customId = order.orderId;
  return control.createForeignPayment({ customId, ...(status && { status }) }).id;
}

/** A server in front of the stand-in, which answers some calls in its place. */
export async function inFrontOf(
  standin: PayPalStandin,
  answer: (call: Call) => Reply | undefined,
  attempt: () => Promise<void>,
): Promise<void> {
  const server = await listen(async (call) => {
    const own = answer(call);
    if (own !== undefined) return own;
    const { method, path, query, headers, body } = call;
    const response = await fetch(`${standin.origin}${path}?${query.toString()}`, {
      method,
      headers: { authorization: headers.authorization ?? '' },
      ...(method === 'GET' ? {} : { body }),
    });
    return { status: response.status, body: await response.json() };
  });
  setEnvironment({ PAYPAL_API_URL: server.origin });
  try {
    await attempt();
  } finally {
    await server.stop();
  }
}
