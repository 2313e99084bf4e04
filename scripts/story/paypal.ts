import { sameCrc32 } from '../../test/standins/paypal/collision.ts';
import type { StackClient, User } from '../stack/client.ts';
import { functionUrl } from '../stack/values.ts';
import type { Scene } from './scene.ts';

interface CreatedOrder {
  readonly id: string;
  readonly status: string;
}

/** An app asks for an order and the buyer approves it. */
export async function approve(client: StackClient, user: User, amount: number, outcome?: string) {
  const { status, body } = await client.call<CreatedOrder>(
    'paypal-createOrder',
    { amount, recaptcha_token: '' },
    user,
  );
  if (status !== 200) throw new Error(`createOrder answered ${status}`);
  await client.paypal.approve(body.id, outcome);
  return body.id;
}

async function expectCapture(client: StackClient, user: User, orderId: string, wanted: string) {
  const answer = await client.call<{ status?: string }>(
    'paypal-captureOrder',
    { id: orderId },
    user,
  );
  const told = answer.body.status ?? String(answer.status);
  if (told !== wanted) throw new Error(`the app is told ${told}, not ${wanted}`);
}

/** A payment from the order to its event; resolves to the capture's id. */
async function pay(client: StackClient, user: User, amount: number): Promise<string> {
  const orderId = await approve(client, user, amount);
  await expectCapture(client, user, orderId, 'paid');
  await client.paypal.idle();
  return captureOf(client, orderId);
}

export async function captureOf(client: StackClient, orderId: string): Promise<string> {
  const [capture] = await client.paypal.captures(orderId);
  if (capture === undefined) throw new Error('nothing was captured');
  return capture.id;
}

async function expectAnswer(body: string, headers: Record<string, string>, wanted: number) {
  const { status } = await fetch(functionUrl('paypal-handleWebhookEvents'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  if (status !== wanted) throw new Error(`the event was answered ${status}, not ${wanted}`);
}

/** Scenes hand captures on to later ones. */
const captures = { first: '', held: '' };

export const paypalScenes: readonly Scene[] = [
  {
    title: 'A PayPal payment of 15.00',
    rows: ['payment 1500'],
    balanceChange: 1500,
    async play(client, user) {
      captures.first = await pay(client, user, 1500);
    },
  },
  {
    title: 'One of 20.00: three captures at once, five events',
    rows: ['payment 2000'],
    balanceChange: 2000,
    async play(client, user) {
      await client.paypal.hold(true);
      const orderId = await approve(client, user, 2000);
      await Promise.all([
        expectCapture(client, user, orderId, 'paid'),
        expectCapture(client, user, orderId, 'paid'),
        expectCapture(client, user, orderId, 'paid'),
      ]);
      await client.paypal.sendHeld({ copies: 5, parallel: true });
      await client.paypal.hold(false);
      await expectCapture(client, user, orderId, 'paid');
    },
  },
  {
    title: 'One of 11.00: the app dies before it knows',
    rows: ['payment 1100'],
    balanceChange: 1100,
    async play(client, user) {
      await client.paypal.capture(await approve(client, user, 1100));
      await client.paypal.idle();
    },
  },
  {
    title: 'One of 9.00: declined, then paid with another card',
    rows: ['payment 900'],
    balanceChange: 900,
    async play(client, user) {
      const orderId = await approve(client, user, 900, 'INSTRUMENT_DECLINED');
      await expectCapture(client, user, orderId, '409');
      await client.paypal.approve(orderId);
      await expectCapture(client, user, orderId, 'paid');
      await client.paypal.idle();
    },
  },
  {
    title: 'One of 10.00 that PayPal holds back',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const orderId = await approve(client, user, 1000, 'PENDING');
      await expectCapture(client, user, orderId, 'review');
      await client.paypal.idle();
      captures.held = await captureOf(client, orderId);
    },
  },
  {
    title: 'PayPal releases it',
    rows: ['payment 1000'],
    balanceChange: 1000,
    async play(client) {
      await client.paypal.release(captures.held);
      await client.paypal.idle();
    },
  },
  {
    title: 'Two partial refunds by PayPal, 5.00 and 4.00',
    rows: ['refund -500', 'refund -400'],
    balanceChange: -900,
    async play(client) {
      await client.paypal.refund(captures.first, 500);
      await client.paypal.refund(captures.first, 400);
      await client.paypal.idle();
    },
  },
  {
    title: 'A refund of 3.00 that fails later, by PayPal',
    rows: ['refund -300', 'refund_failed 300'],
    balanceChange: 0,
    async play(client) {
      const { id } = await client.paypal.refund(captures.first, 300);
      await client.paypal.idle();
      await client.paypal.failRefund(id);
      await client.paypal.idle();
    },
  },
  {
    title: 'An order of ours that pays somebody else',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const orderId = await approve(client, user, 1000);
      await client.paypal.edit(orderId, { payee: { email_address: 'somebody@example.test' } });
      await expectCapture(client, user, orderId, '404');
      await client.paypal.capture(orderId);
      await client.paypal.idle();
    },
  },
  {
    title: 'A reversal of 10.00',
    rows: ['dispute -1000'],
    balanceChange: -1000,
    async play(client) {
      await client.paypal.dispute(captures.held);
      await client.paypal.reverse(captures.held);
      await client.paypal.idle();
    },
  },
  {
    title: 'A refund of 12.00 that arrives before its payment',
    rows: ['payment 1200', 'refund -1200'],
    balanceChange: 0,
    async play(client, user) {
      await client.paypal.hold(true);
      const orderId = await approve(client, user, 1200);
      await client.paypal.capture(orderId);
      await client.paypal.refund(await captureOf(client, orderId));
      await client.paypal.sendHeld({ order: 'reverse' });
      await client.paypal.hold(false);
    },
  },
  {
    title: 'An event of 1,000.00 forged to a genuine CRC-32',
    rows: [],
    balanceChange: 0,
    async play(client) {
      const capture = await client.paypal.object(captures.first);
      const event = {
        id: 'WH-STANDIN-GENUINE',
        event_type: 'PAYMENT.CAPTURE.COMPLETED',
        resource_type: 'capture',
        resource: capture,
      };
      const genuine = await client.paypal.signed(event);
      const amount = { currency_code: 'USD', value: '1000.00' };
      const forged = sameCrc32(genuine.body, (letters) =>
        JSON.stringify({ ...event, resource: { ...capture, amount }, letters }),
      );
      await expectAnswer(forged, genuine.headers, 200);
      await expectAnswer(forged.replace('1000.00', '1000.01'), genuine.headers, 401);
    },
  },
  {
    title: 'An event for another webhook, one of the simulator',
    rows: [],
    balanceChange: 0,
    async play(client) {
      const [event] = await client.paypal.events();
      for (const webhookId of ['WEBHOOK2STANDIN', 'WEBHOOK_ID']) {
        const { body, headers } = await client.paypal.signed(event, webhookId);
        await expectAnswer(body, headers, 401);
      }
    },
  },
];
