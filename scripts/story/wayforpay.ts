import type { StackClient, User } from '../stack/client.ts';
import { functionUrl } from '../stack/values.ts';
import type { Scene } from './scene.ts';

const returns = {
  url_return: 'http://localhost:3000/funds',
  url_success: 'http://localhost:3000/funds?status=success',
};

/** An app asks for a payment; resolves to its order. */
export async function order(client: StackClient, user: User, amount: number): Promise<string> {
  const { status } = await client.call('wayforpay-createPayment', { amount, ...returns }, user);
  if (status !== 200) throw new Error(`createPayment answered ${status}`);
  return client.lastOrder(user);
}

/** Scenes hand the order on to later ones. */
const orders = { first: '' };

export const wayforpayScenes: readonly Scene[] = [
  {
    title: 'WayForPay: 12.50, declined and then paid',
    rows: ['payment 1250'],
    balanceChange: 1250,
    async play(client, user) {
      orders.first = await order(client, user, 1250);
      await client.wayforpay.become(orders.first, 'Declined');
      await client.wayforpay.pay(orders.first);
      await client.wayforpay.idle();
      const deliveries = await client.wayforpay.deliveries();
      if (!deliveries.every(({ isAccepted }) => isAccepted)) throw new Error('not accepted');
    },
  },
  {
    title: 'WayForPay: 9.00, its callback five times at once',
    rows: ['payment 900'],
    balanceChange: 900,
    async play(client, user) {
      await client.wayforpay.hold(true);
      await client.wayforpay.pay(await order(client, user, 900));
      await client.wayforpay.release({ copies: 5, parallel: true });
      await client.wayforpay.hold(false);
    },
  },
  {
    title: 'WayForPay: two refunds, of which it tells the sum',
    rows: ['refund -500', 'refund -300'],
    balanceChange: -800,
    async play(client) {
      for (const cents of [500, 300]) {
        await client.wayforpay.refund(orders.first, cents);
        await client.wayforpay.idle();
      }
    },
  },
  {
    title: 'WayForPay: a callback signed with a guessed key',
    rows: [],
    balanceChange: 0,
    async play(client) {
      const report = { merchantAccount: 'merchant_standin', transactionStatus: 'Approved' };
      const body = await client.wayforpay.signed(report, 'guessed');
      const url = functionUrl('wayforpay-handleWebhookEvents');
      const { status } = await fetch(url, { method: 'POST', body });
      if (status !== 401) throw new Error(`answered ${status}`);
    },
  },
];
