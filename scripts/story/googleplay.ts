import { accountTokenOf } from '../../test/standins/account-token.ts';
import type { NewPurchase } from '../../test/standins/googleplay/shop.ts';
import type { StackClient, User } from '../stack/client.ts';
import { functionUrl } from '../stack/values.ts';
import type { Scene } from './scene.ts';

/** The app sends what the Play Billing Library has given it. */
export async function send(
  client: StackClient,
  user: User,
  { token, productId = 'credits_500' }: { token: string; productId?: string },
  wanted = 'success',
): Promise<void> {
  const { status, body } = await client.call<{ result?: string }>(
    'googleplay-createTransaction',
    { product_id: productId, purchase_token: token },
    user,
  );
  const got = body.result ?? String(status);
  if (got !== wanted) throw new Error(`createTransaction answered ${got}, not ${wanted}`);
}

export function buy(client: StackClient, user: User, given: Partial<NewPurchase> = {}) {
  const accountId = accountTokenOf(user.uid);
  return client.googleplay.buy({ productId: 'credits_500', accountId, ...given });
}

async function expectConsumed(client: StackClient, token: string, wanted = true): Promise<void> {
  const { consumed } = await client.googleplay.sale(token);
  if (consumed !== wanted) throw new Error(`consumed: ${String(consumed)}`);
}

/** Posts a push that is not what it says. */
async function expectRefused(body: string, authorization?: string): Promise<void> {
  const { status } = await fetch(functionUrl('googleplay-handleWebhookEvents'), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(authorization !== undefined && { authorization }),
    },
    body,
  });
  if (status !== 401) throw new Error(`an unproven push was answered ${status}`);
}

/** Scenes hand purchases on to later ones. */
const purchases = { first: '', three: '', cash: '' };

export const googleplayScenes: readonly Scene[] = [
  {
    title: 'Google Play: 5.00, sent three times at once, consumed',
    rows: ['payment 500'],
    balanceChange: 500,
    async play(client, user) {
      const sale = await buy(client, user);
      purchases.first = sale.token;
      await Promise.all(Array.from({ length: 3 }, () => send(client, user, sale)));
      await client.googleplay.idle();
      await expectConsumed(client, sale.token);
    },
  },
  {
    title: 'Three of 5.00, which Google announces; the app is gone',
    rows: ['payment 1500'],
    balanceChange: 1500,
    async play(client, user) {
      const sale = await buy(client, user, { quantity: 3 });
      purchases.three = sale.token;
      await client.googleplay.idle();
      await expectConsumed(client, sale.token, false);
    },
  },
  {
    title: 'The schedule consumes them in time',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      await client.makePendingPurchasesDue(user);
      await client.runSchedule('googleplay-finishPurchases');
      await expectConsumed(client, purchases.three);
    },
  },
  {
    title: 'One of 5.00 to be paid in cash',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const sale = await buy(client, user, { pending: true });
      purchases.cash = sale.token;
      await send(client, user, sale, 'pending');
    },
  },
  {
    title: 'The cash is paid',
    rows: ['payment 500'],
    balanceChange: 500,
    async play(client) {
      await client.googleplay.pay(purchases.cash);
      await client.googleplay.idle();
    },
  },
  {
    title: 'Another that nobody pays',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const sale = await buy(client, user, { pending: true });
      await send(client, user, sale, 'pending');
      await client.googleplay.cancel(sale.token);
      await client.googleplay.idle();
      await send(client, user, sale, '409');
    },
  },
  {
    title: 'Another user sends the first purchase',
    rows: [],
    balanceChange: 0,
    async play(client) {
      const thief = await client.signIn();
      await send(client, thief, { token: purchases.first }, '409');
      if ((await client.rows(thief)).length > 0) throw new Error('the thief has a row');
    },
  },
  {
    title: 'One of the three is voided, told three times; the rest',
    rows: ['refund -500', 'refund -1000'],
    balanceChange: -1500,
    async play(client) {
      await client.googleplay.hold(true);
      await client.googleplay.void(purchases.three, 1);
      await client.googleplay.release({ copies: 3, parallel: true });
      await client.googleplay.hold(false);
      await client.googleplay.void(purchases.three);
      await client.googleplay.idle();
    },
  },
  {
    title: 'A refund announced while the Play API is down',
    rows: ['refund -500'],
    balanceChange: -500,
    async play(client) {
      await client.googleplay.fault({ match: 'GET /androidpublisher', status: 503, times: 3 });
      await client.googleplay.void(purchases.first);
      await client.googleplay.idle();
    },
  },
  {
    title: 'A purchase voided before the app has sent it',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      await client.googleplay.hold(true);
      const sale = await buy(client, user, { productId: 'credits_2500' });
      await client.googleplay.void(sale.token);
      await client.googleplay.release({ order: 'reverse' });
      await client.googleplay.hold(false);
      await send(client, user, sale, '409');
    },
  },
  {
    title: 'A push unsigned, of somebody else, for somebody else',
    rows: [],
    balanceChange: 0,
    async play(client) {
      const { body } = await client.googleplay.pushed({
        messageId: '1',
        data: '{}',
        publishedAt: new Date().toISOString(),
      });
      const other = await client.googleplay.token({ email: 'push@example.com' });
      const elsewhere = await client.googleplay.token({ aud: 'https://example.com' });
      await expectRefused(body);
      await expectRefused(body, `Bearer ${other}`);
      await expectRefused(body, `Bearer ${elsewhere}`);
    },
  },
];
