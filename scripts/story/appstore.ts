import { accountTokenOf } from '../../test/standins/account-token.ts';
import type { StackClient, User } from '../stack/client.ts';
import { functionUrl } from '../stack/values.ts';
import type { Scene } from './scene.ts';

/** The app sends the proof that StoreKit has given it. */
export async function send(
  client: StackClient,
  user: User,
  proof: string,
  wanted = 200,
): Promise<void> {
  const { status } = await client.call(
    'appstore-createTransaction',
    { signed_transaction: proof },
    user,
  );
  if (status !== wanted) throw new Error(`createTransaction answered ${status}, not ${wanted}`);
}

export function buy(client: StackClient, user: User, productId: string, quantity = 1) {
  return client.appstore.buy({ productId, quantity, appAccountToken: accountTokenOf(user.uid) });
}

/** Scenes hand purchases on to later ones. */
const purchases = { first: '', three: '' };

export const appstoreScenes: readonly Scene[] = [
  {
    title: 'App Store: 5.00, sent three times at once',
    rows: ['payment 500'],
    balanceChange: 500,
    async play(client, user) {
      const { transactionId, signedTransaction } = await buy(client, user, 'credits_500');
      purchases.first = transactionId;
      await Promise.all(Array.from({ length: 3 }, () => send(client, user, signedTransaction)));
    },
  },
  {
    title: 'Three of 5.00, which Apple reports before the app does',
    rows: ['payment 1500'],
    balanceChange: 1500,
    async play(client, user) {
      const { transactionId, signedTransaction } = await buy(client, user, 'credits_500', 3);
      purchases.three = transactionId;
      await client.appstore.notify('ONE_TIME_CHARGE', transactionId);
      await client.appstore.idle();
      await send(client, user, signedTransaction);
    },
  },
  {
    title: 'Another user sends the same purchase',
    rows: [],
    balanceChange: 0,
    async play(client) {
      const thief = await client.signIn();
      await send(client, thief, await client.appstore.signedTransaction(purchases.first), 409);
      if ((await client.rows(thief)).length > 0) throw new Error('the thief has a row');
    },
  },
  {
    title: 'One of the three is refunded, then the rest',
    rows: ['refund -500', 'refund -1000'],
    balanceChange: -1500,
    async play(client) {
      await client.appstore.refund(purchases.three, 33_333);
      await client.appstore.idle();
      await client.appstore.refund(purchases.three);
      await client.appstore.idle();
    },
  },
  {
    title: 'A refund, three times at once, that Apple takes back',
    rows: ['refund -500', 'refund_reversed 500'],
    balanceChange: 0,
    async play(client) {
      await client.appstore.hold(true);
      await client.appstore.refund(purchases.first);
      await client.appstore.release({ copies: 3, parallel: true });
      await client.appstore.hold(false);
      await client.appstore.reverseRefund(purchases.first);
      await client.appstore.idle();
    },
  },
  {
    title: 'A purchase refunded before the app has sent it',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const { transactionId, signedTransaction } = await buy(client, user, 'credits_2500');
      await client.appstore.refund(transactionId);
      await client.appstore.idle();
      // The app is told to finish it.
      await send(client, user, signedTransaction);
    },
  },
  {
    title: 'Apple asks whether a purchase was delivered',
    rows: [],
    balanceChange: 0,
    async play(client) {
      await client.appstore.notify('CONSUMPTION_REQUEST', purchases.first);
      await client.appstore.idle();
      const told = (await client.appstore.requests()).at(-1);
      if (told?.status !== 202) throw new Error('Apple was not told');
    },
  },
  {
    title: 'A forged purchase, a forged refund',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const forged = await client.appstore.forged({ productId: 'credits_2500' });
      await send(client, user, forged, 400);
      const { status } = await fetch(functionUrl('appstore-handleWebhookEvents'), {
        method: 'POST',
        body: JSON.stringify({ signedPayload: forged }),
      });
      if (status !== 401) throw new Error(`a forged notification was answered ${status}`);
    },
  },
];
