import { openGateway } from '../../../../functions/src/gateways/wayforpay/gateway.ts';
import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import type { Order } from '../../../../functions/src/orders/order.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { orderBook, orderOf } from '../../../harness/orders.ts';
import { startWayforpay, type WayforpayStandin } from '../../../standins/wayforpay/server.ts';
import { signedReport, type Report } from '../../../standins/wayforpay/signature.ts';

/** The account, the key and the order of the sheet's worked examples. */
export const ACCOUNT = 'synth_merch_1';
export const SECRET = 'wfpSynthKey*2026';
export const ORDER = 'tn-5kq81x';
export const NOW = new Date('2026-01-01T00:01:00Z');

export async function startStandin(): Promise<WayforpayStandin> {
  const standin = await startWayforpay({
    merchantAccount: ACCOUNT,
    secretKey: SECRET,
    domain: 'app.example.test',
  });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    WAYFORPAY_MERCHANT_ACCOUNT: ACCOUNT,
    WAYFORPAY_SECRET_KEY: SECRET,
    WAYFORPAY_API_URL: `${standin.origin}/api`,
  });
  return standin;
}

export function open(amountCents = 1250) {
  const order = orderOf({ orderId: ORDER, gateway: 'wayforpay', amountCents });
  return openGateway({ orders: orderBook(order), now: () => NOW });
}

/** The gateway with orders of the test's own. */
export function openWith(...orders: readonly Order[]) {
  return openGateway({ orders: orderBook(...orders), now: () => NOW, isReadOnly: true });
}

export function request(body: string | Buffer): WebhookRequest {
  return { method: 'POST', headers: {}, body: Buffer.from(body) };
}

/** A callback as WayForPay signs it. */
export function callback(report: Report, secretKey = SECRET): WebhookRequest {
  return request(JSON.stringify(signedReport(report, secretKey)));
}
