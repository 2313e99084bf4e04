import { openGateway } from '../../../../functions/src/gateways/anypay/gateway.ts';
import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { orderBook, orderOf, paymentOf } from '../../../harness/orders.ts';
import { startAnypay, type AnypayStandin } from '../../../standins/anypay/server.ts';
import { signedNotice, type Project } from '../../../standins/anypay/signature.ts';

/** The project, the keys and the order of the sheet's worked examples. */
export const PROJECT = '14077';
export const SECRET = 'aPsYnthSecret9';
export const API_ID = 'APIID01SYNTH';
export const API_KEY = 'APIKEYsynth77';
export const ORDER = '261023000012345';
const NOW = new Date('2026-10-23T09:02:00Z');

export type SignType = Project['signType'];

export async function startStandin(signType: SignType): Promise<AnypayStandin> {
  const standin = await startAnypay({
    projectId: PROJECT,
    secretKey: SECRET,
    signType,
    apiId: API_ID,
    apiKey: API_KEY,
    noticeUrl: null,
    // When the fixtures were paid.
    now: () => Date.parse('2026-10-23T09:01:30Z'),
  });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    ANYPAY_PROJECT_ID: PROJECT,
    ANYPAY_SIGN_TYPE: signType,
    ANYPAY_SECRET_KEY: SECRET,
    ANYPAY_API_ID: API_ID,
    ANYPAY_API_KEY: API_KEY,
    ANYPAY_API_URL: `${standin.origin}/api`,
  });
  return standin;
}

const order = orderOf({ orderId: ORDER, gateway: 'anypay', amountCents: 2500 });

export function open(mode: 'live' | 'test' = 'test') {
  return openGateway({ orders: orderBook({ ...order, mode }), now: () => NOW });
}

/** The gateway with several orders over 25.00, for a look that changes nothing where it is said. */
export function openFor(payIds: readonly string[], isReadOnly = false) {
  const orders = payIds.map((orderId) => ({ ...order, orderId }));
  return openGateway({ orders: orderBook(...orders), now: () => NOW, isReadOnly });
}

/** A paid notice, without its signature. */
export const PAID: Readonly<Record<string, string>> = {
  merchant_id: PROJECT,
  transaction_id: '73000001',
  pay_id: ORDER,
  amount: '25.00',
  currency: 'USD',
  profit: '22.50',
  method: 'card',
  status: 'paid',
  date: '23.10.2026 12:00:00',
  pay_date: '23.10.2026 12:01:30',
  test: '0',
};

/** What the paid notice says, but for the time. */
export const PAYMENT = paymentOf(order, '73000001');

export function request(body: string | Buffer, clientAddress?: string): WebhookRequest {
  const received = { method: 'POST', headers: {}, body: Buffer.from(body) };
  return clientAddress === undefined ? received : { ...received, clientAddress };
}

export function form(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

/** A notice as AnyPay signs it. */
export function notice(
  signType: SignType,
  fields: Readonly<Record<string, string>>,
  secretKey = SECRET,
): WebhookRequest {
  return request(form(signedNotice({ signType, secretKey }, fields)));
}
