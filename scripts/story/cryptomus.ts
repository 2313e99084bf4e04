import type { StackClient, User } from '../stack/client.ts';
import { functionUrl } from '../stack/values.ts';
import type { Payment } from '../../test/standins/cryptomus/invoices.ts';
import type { Scene } from './scene.ts';

const app = 'http://localhost:3000';

/** An app asks for a payment of so many cents; resolves to the uuid of its invoice. */
export async function order(client: StackClient, user: User, amount: number): Promise<string> {
  const { status, body } = await client.call<{ url: string }>(
    'cryptomus-createPayment',
    { amount, url_return: `${app}/payment`, url_success: `${app}/payment?paid` },
    user,
  );
  if (status !== 200) throw new Error(`createPayment answered ${status}`);
  return new URL(body.url).pathname.replace('/pay/', '');
}

/** The buyer pays it; resolves when the notifications are through. */
async function pay(client: StackClient, user: User, amount: number, payment: Payment = {}) {
  const uuid = await order(client, user, amount);
  await client.cryptomus.pay(uuid, payment);
  await client.cryptomus.idle();
  return uuid;
}

async function refund(client: StackClient, uuid: string): Promise<void> {
  await client.cryptomus.refund(uuid);
  await client.cryptomus.endRefund(uuid);
  await client.cryptomus.idle();
}

async function resend(client: StackClient, uuid: string): Promise<void> {
  await client.cryptomus.ask('/v2/payment/resend', { uuid });
  await client.cryptomus.idle();
}

/** Posts a notification that must be answered so. */
async function expectAnswer(body: string, wanted: number): Promise<void> {
  const { status } = await fetch(functionUrl('cryptomus-handleWebhookEvents'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  if (status !== wanted) throw new Error(`a notification was answered ${status}, not ${wanted}`);
}

/** Scenes hand invoices on to later ones. */
const invoices = { first: '', over: '' };

export const cryptomusScenes: readonly Scene[] = [
  {
    title: 'A payment of 15.00 in coins, confirmed and then paid',
    rows: ['payment 1500'],
    balanceChange: 1500,
    async play(client, user) {
      invoices.first = await pay(client, user, 1500);
    },
  },
  {
    title: 'One of 20.00, its notification five times at once',
    rows: ['payment 2000'],
    balanceChange: 2000,
    async play(client, user) {
      await client.cryptomus.hold(true);
      await pay(client, user, 2000);
      const sent = await client.cryptomus.release({ copies: 5, parallel: true });
      await client.cryptomus.hold(false);
      const answers = sent.filter(({ type }) => type === 'paid').map(({ status }) => status);
      if (answers.join() !== '200,200,200,200,200') throw new Error(`answers: ${answers.join()}`);
    },
  },
  {
    title: 'One of 10.00, overpaid by 2.34',
    rows: ['payment 1234'],
    balanceChange: 1234,
    async play(client, user) {
      invoices.over = await pay(client, user, 1000, { cents: 1234 });
    },
  },
  {
    title: 'One of 10.00, underpaid and topped up',
    rows: ['payment 1000'],
    balanceChange: 1000,
    async play(client, user) {
      const uuid = await pay(client, user, 1000, { cents: 400 });
      await client.cryptomus.pay(uuid, { cents: 600 });
      await client.cryptomus.idle();
    },
  },
  {
    title: 'One of 10.00, expired with 7.25 arrived',
    rows: ['payment 725'],
    balanceChange: 725,
    async play(client, user) {
      const uuid = await pay(client, user, 1000, { cents: 725 });
      await client.cryptomus.expire(uuid);
      await client.cryptomus.idle();
    },
  },
  {
    title: 'One of 10.00 that expires unpaid',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      await client.cryptomus.expire(await order(client, user, 1000));
      await client.cryptomus.idle();
    },
  },
  {
    title: 'Sender with slashes and an accent, in three spellings',
    rows: ['payment 500', 'payment 500', 'payment 500'],
    balanceChange: 1500,
    async play(client, user) {
      for (const spelling of ['signed', 'escaped', 'plain'] as const) {
        await client.cryptomus.spell(spelling);
        await pay(client, user, 500, { from: 'UQD/3k9x+Zoë', txid: 'x7/Qp+9aZk/4=' });
      }
      await client.cryptomus.spell('signed');
    },
  },
  {
    title: 'The overpaid one is paid back: what was credited',
    rows: ['refund -1234'],
    balanceChange: -1234,
    play: (client) => refund(client, invoices.over),
  },
  {
    title: 'One of 9.00 whose refund is heard of first',
    rows: ['payment 900', 'refund -900'],
    balanceChange: 0,
    async play(client, user) {
      await client.cryptomus.hold(true);
      const uuid = await pay(client, user, 900);
      await refund(client, uuid);
      await client.cryptomus.release({ order: 'reverse' });
      await client.cryptomus.hold(false);
    },
  },
  {
    title: 'A notification is lost, and sent again on demand',
    rows: ['payment 600'],
    balanceChange: 600,
    async play(client, user) {
      await client.cryptomus.hold(true);
      const uuid = await pay(client, user, 600);
      await client.cryptomus.discard();
      await client.cryptomus.hold(false);
      await resend(client, uuid);
    },
  },
  {
    title: 'Cryptomus cannot be asked: told to come again',
    rows: ['payment 550'],
    balanceChange: 550,
    async play(client, user) {
      await client.cryptomus.fault({ path: '/v1/payment/info', status: 500 });
      const uuid = await pay(client, user, 550);
      const answers = (await client.cryptomus.deliveries()).filter((one) => one.eventId === uuid);
      if (answers.at(-1)?.status !== 503) throw new Error('it was not told to come again');
      await resend(client, uuid);
    },
  },
  {
    title: 'One of 10.00, told as paid, then as overpaid by 5.00',
    rows: ['payment 1000', 'payment 500'],
    balanceChange: 1500,
    async play(client, user) {
      const uuid = await pay(client, user, 1000);
      await client.cryptomus.pay(uuid, { cents: 500 });
      await client.cryptomus.idle();
    },
  },
  {
    title: 'One whose notification is ahead of the API: told to come again',
    rows: ['payment 650'],
    balanceChange: 650,
    async play(client, user) {
      const uuid = await order(client, user, 650);
      await expectAnswer(await client.cryptomus.signed(uuid, 'paid'), 503);
      await client.cryptomus.pay(uuid);
      await client.cryptomus.idle();
    },
  },
  {
    title: 'A signed test notification for a real, unpaid invoice',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const uuid = await order(client, user, 700);
      const invoice = (await client.cryptomus.invoices()).find((one) => one.uuid === uuid);
      await client.cryptomus.ask('/v1/test-webhook/payment', {
        url_callback: functionUrl('cryptomus-handleWebhookEvents'),
        currency: 'USDT',
        network: 'tron',
        status: 'paid',
        uuid,
        order_id: invoice?.order_id,
      });
      await client.cryptomus.idle();
      const told = (await client.cryptomus.deliveries()).at(-1);
      if (told?.status !== 503) throw new Error(`it was answered ${told?.status}`);
    },
  },
  {
    title: 'A foreign key, a changed digit, no signature',
    rows: [],
    balanceChange: 0,
    async play(client) {
      const { first } = invoices;
      const genuine = await client.cryptomus.signed(first, 'paid');
      await expectAnswer(await client.cryptomus.signed(first, 'paid', {}, 'guessed'), 401);
      await expectAnswer(genuine.replace('"15.00"', '"95.00"'), 401);
      await expectAnswer(genuine.replace(/,"sign":"\w+"/, ''), 401);
    },
  },
  {
    title: 'A return address that is not the app’s',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const { status } = await client.call(
        'cryptomus-createPayment',
        { amount: 1000, url_return: `${app}/`, url_success: 'https://evil.example/' },
        user,
      );
      if (status !== 400) throw new Error(`it was answered ${status}`);
    },
  },
];
