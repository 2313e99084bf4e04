import type { StackClient, User } from '../stack/client.ts';
import * as anypay from './anypay.ts';
import * as appstore from './appstore.ts';
import * as cryptomus from './cryptomus.ts';
import * as googleplay from './googleplay.ts';
import * as payeer from './payeer.ts';
import * as paypal from './paypal.ts';
import type { Scene } from './scene.ts';
import * as stripe from './stripe.ts';
import * as wayforpay from './wayforpay.ts';

const gateways = [
  'stripe',
  'paypal',
  'cryptomus',
  'payeer',
  'anypay',
  'wayforpay',
  'appstore',
  'googleplay',
] as const;

/** Of what happens meanwhile, no gateway delivers a word. */
async function unheard(client: StackClient, play: () => Promise<void>): Promise<void> {
  for (const name of gateways) await client[name].hold(true);
  try {
    await play();
  } finally {
    for (const name of gateways) {
      await client[name].discard();
      await client[name].hold(false);
    }
  }
}

/** One of 6.00 waits for our capture; one of 13.00 was captured and refunded in part. */
async function payByStripe(client: StackClient, user: User): Promise<void> {
  await stripe.pay(client, user, 600);
  const captured = await stripe.pay(client, user, 1300);
  await client.stripe.captureFromDashboard(captured);
  await client.stripe.refund(captured, 300);
}

/** The app dies before it knows that 14.00 were captured. */
async function payByPayPal(client: StackClient, user: User): Promise<void> {
  const order = await paypal.approve(client, user, 1400);
  await client.paypal.capture(order);
  await client.paypal.refund(await paypal.captureOf(client, order), 400);
}

async function payOnPages(client: StackClient, user: User): Promise<void> {
  await client.cryptomus.pay(await cryptomus.order(client, user, 1600));
  await client.payeer.pay(await payeer.order(client, user, 1700));
  await client.anypay.pay(await anypay.order(client, user, 1800));
  const order = await wayforpay.order(client, user, 1900);
  await client.wayforpay.pay(order);
  await client.wayforpay.refund(order, 900);
}

/** The app sends its purchases, as it always does; the refunds are the stores' word alone. */
async function refundInStores(client: StackClient, user: User): Promise<void> {
  const { transactionId, signedTransaction } = await appstore.buy(client, user, 'credits_500');
  await appstore.send(client, user, signedTransaction);
  await client.appstore.refund(transactionId);
  const sale = await googleplay.buy(client, user);
  await googleplay.send(client, user, sale);
  await client.googleplay.void(sale.token);
}

/** One run of the second look at each of these. */
async function lookAgain(client: StackClient, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await client.makeLookDue(name);
    await client.runSchedule(`${name}-reconcile`);
  }
}

function look(
  title: string,
  names: readonly string[],
  rows: Scene['rows'],
  balanceChange: number,
): Scene {
  return { title, rows, balanceChange, play: (client) => lookAgain(client, names) };
}

export const silenceScenes: readonly Scene[] = [
  {
    title: 'An hour without webhooks: every event is lost',
    rows: ['payment 500', 'payment 500'],
    balanceChange: 1000,
    play: (client, user) =>
      unheard(client, async () => {
        await payByStripe(client, user);
        await payByPayPal(client, user);
        await payOnPages(client, user);
        await refundInStores(client, user);
      }),
  },
  look(
    'The second look asks Stripe: one held, one refunded',
    ['stripe'],
    ['payment 600', 'payment 1300', 'refund -300'],
    1600,
  ),
  look('It asks PayPal', ['paypal'], ['payment 1400', 'refund -400'], 1000),
  look(
    'It asks Cryptomus and Payeer',
    ['cryptomus', 'payeer'],
    ['payment 1600', 'payment 1700'],
    3300,
  ),
  look('It asks AnyPay', ['anypay'], ['payment 1800'], 1800),
  look('It asks WayForPay', ['wayforpay'], ['payment 1900', 'refund -900'], 1000),
  look('It asks both stores', ['appstore', 'googleplay'], ['refund -500', 'refund -500'], -1000),
  {
    title: 'It runs again: no look is due, no gateway is asked',
    rows: [],
    balanceChange: 0,
    async play(client) {
      const asked = async () =>
        Promise.all(gateways.map(async (name) => (await client[name].requests()).length));
      const before = await asked();
      for (const name of gateways) await client.runSchedule(`${name}-reconcile`);
      const after = await asked();
      if (after.join() !== before.join()) throw new Error('a gateway was asked again');
    },
  },
];
