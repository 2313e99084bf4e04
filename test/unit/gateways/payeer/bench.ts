import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import { openGateway } from '../../../../functions/src/gateways/payeer/gateway.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { orderBook, orderOf, paymentOf } from '../../../harness/orders.ts';
import { signedNotice } from '../../../standins/payeer/signature.ts';

/** The shop, the keys and the order of the sheet's worked examples. */
export const SHOP = '700112233';
export const SECRET = 'pYsYnthS3cret#01';
export const ENCRYPTION_KEY = 'pYencKey#77';
export const ORDER = '81726354';
const NOW = new Date('2026-02-03T11:06:00Z');

export function configure(): void {
  setEnvironment({ PAYMENTS_MODE: 'test', PAYEER_MERCHANT_ID: SHOP, PAYEER_SECRET_KEY: SECRET });
}

const order = orderOf({ orderId: ORDER, gateway: 'payeer', amountCents: 2500 });

export function open() {
  return openGateway({ orders: orderBook(order), now: () => NOW });
}

/** The worked notification PY-3, without its signature. */
export const PAID: Readonly<Record<string, string>> = {
  m_operation_id: '1994455667',
  m_operation_ps: '2609',
  m_operation_date: '03.02.2026 14:05:09',
  m_operation_pay_date: '03.02.2026 14:05:31',
  m_shop: SHOP,
  m_orderid: ORDER,
  m_amount: '25.00',
  m_curr: 'USD',
  m_desc: 'VG9wLXVwIDgxNzI2MzU0',
  m_status: 'success',
};

/** What the paid notice says, but for the time. */
export const PAYMENT = paymentOf(order, '1994455667');

export function request(body: string | Buffer, clientAddress?: string): WebhookRequest {
  const received = { method: 'POST', headers: {}, body: Buffer.from(body) };
  return clientAddress === undefined ? received : { ...received, clientAddress };
}

export function form(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString();
}

/** A notification as Payeer signs it. */
export function notification(fields: Readonly<Record<string, string>>, secret = SECRET) {
  return request(form(signedNotice(fields, secret)));
}
