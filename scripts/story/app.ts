import type { StackClient, User } from '../stack/client.ts';
import type { Scene } from './scene.ts';

interface Balance {
  readonly total: number;
  readonly pending: number;
}

interface History {
  readonly transactions: readonly { readonly transaction_id: string; readonly amount: number }[];
  readonly total: number;
}

/** GETs as an app does; resolves to what it is told. */
async function ask<Body>(
  client: StackClient,
  name: string,
  user?: User,
  query: Record<string, string> = {},
): Promise<Body> {
  const { status, body } = await client.ask<Body>(name, query, user);
  if (status !== 200) throw new Error(`${name} answered ${status}`);
  return body;
}

async function expectBalance(client: StackClient, user: User, wanted: Balance): Promise<void> {
  const { total, pending } = await ask<Balance>(client, 'app-getBalance', user);
  if (total !== wanted.total || pending !== wanted.pending) {
    throw new Error(`the app sees ${total} and ${pending} pending`);
  }
}

/** Scenes hand what was paid on to later ones. */
const paid = { intentId: '', orderId: '', totalBefore: 0 };

export const appScenes: readonly Scene[] = [
  {
    title: 'An app pays 6.00 and sees it arrive',
    rows: ['payment 600'],
    balanceChange: 0,
    waiting: 1,
    async play(client, user) {
      const keys = await ask<Record<string, string>>(client, 'app-getPublicKeys');
      if (keys['stripePublishableKey'] === undefined) throw new Error('Stripe has no key');
      paid.totalBefore = (await ask<Balance>(client, 'app-getBalance', user)).total;
      const { body } = await client.call<{ id: string; order_id: string }>(
        'stripe-getPaymentIntent',
        { amount: 600 },
        user,
      );
      paid.intentId = body.id;
      paid.orderId = body.order_id;
      await client.retail.next({ status: 503 });
      await client.stripe.confirm(body.id);
      await client.stripe.idle();
      await expectBalance(client, user, { total: paid.totalBefore, pending: 600 });
    },
  },
  {
    title: 'The schedule runs: in balance and history',
    rows: [],
    balanceChange: 600,
    async play(client, user) {
      await client.makeDue(user);
      await client.sweep();
      await expectBalance(client, user, { total: paid.totalBefore + 600, pending: 0 });
      const history = await ask<History>(client, 'app-getTransactions', user, { limit: '1' });
      const [newest] = history.transactions;
      const isIt = newest?.amount === 600 && newest.transaction_id.endsWith(paid.intentId);
      if (!isIt || history.total < 2) throw new Error('the history does not show it');
      const query = { order_id: paid.orderId };
      const { status } = await ask<{ status: string }>(client, 'app-getPayment', user, query);
      if (status !== 'paid') throw new Error(`the app is told ${status}`);
    },
  },
];
