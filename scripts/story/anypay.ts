import type { StackClient, User } from '../stack/client.ts';
import { anypay } from '../stack/gateways/anypay.ts';
import { functionUrl, origin } from '../stack/values.ts';
import type { Scene } from './scene.ts';

interface PaymentReply {
  readonly merchant_id: number;
  readonly pay_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly sign: string;
}

/** An app asks for the form, adds its addresses and posts it; resolves to the order. */
export async function order(client: StackClient, user: User, amount: number): Promise<string> {
  const { status, body } = await client.call<PaymentReply>(
    'anypay-createPayment',
    { amount },
    user,
  );
  if (status !== 200) throw new Error(`createPayment answered ${status}`);
  const form = new URLSearchParams({
    merchant_id: String(body.merchant_id),
    pay_id: body.pay_id,
    amount: String(body.amount),
    currency: body.currency,
    sign: body.sign,
    success_url: 'http://localhost:3000/funds?status=success',
    fail_url: 'http://localhost:3000/funds?status=error',
  });
  const page = await fetch(`${origin(anypay.port)}/merchant`, { method: 'POST', body: form });
  const text = await page.text();
  if (!text.includes('Pay here.')) throw new Error(`AnyPay says: ${text}`);
  return body.pay_id;
}

/** Scenes hand the order on to later ones. */
const orders = { first: '' };

export const anypayScenes: readonly Scene[] = [
  {
    title: 'AnyPay: 12.50, its notification five times at once',
    rows: ['payment 1250'],
    balanceChange: 1250,
    async play(client, user) {
      orders.first = await order(client, user, 1250);
      await client.anypay.hold(true);
      await client.anypay.pay(orders.first);
      const sent = await client.anypay.release({ copies: 5, parallel: true });
      await client.anypay.hold(false);
      if (!sent.every(({ isAccepted }) => isAccepted)) throw new Error('not answered OK');
    },
  },
  {
    title: 'AnyPay: the order is paid a second time',
    rows: ['payment 1250'],
    balanceChange: 1250,
    async play(client) {
      await client.anypay.pay(orders.first);
      await client.anypay.idle();
    },
  },
  {
    title: 'AnyPay: the second payment is refunded',
    rows: ['refund -1250'],
    balanceChange: -1250,
    async play(client) {
      await client.anypay.become(orders.first, 'refund');
      await client.anypay.idle();
    },
  },
  {
    title: 'AnyPay: "waiting" is turned into "paid" on the way',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const payId = await order(client, user, 5000);
      const notice = { merchant_id: '14077', pay_id: payId, amount: '50.00', status: 'waiting' };
      const body = await client.anypay.signed(notice);
      const url = functionUrl('anypay-handleWebhookEvents');
      const forged = body.replace('waiting', 'paid');
      const { status } = await fetch(url, { method: 'POST', body: forged });
      if (status !== 503) throw new Error(`answered ${status}`);
    },
  },
];
