import type { StackClient, User } from '../stack/client.ts';
import { functionUrl } from '../stack/values.ts';
import type { Scene } from './scene.ts';

interface IntentReply {
  readonly id: string;
  readonly clientSecret: string;
}

/** An app asks for an intent, the buyer pays it; resolves to its id when the events are through. */
export async function pay(client: StackClient, user: User, amount: number, review = false) {
  const { status, body } = await client.call<IntentReply>(
    'stripe-getPaymentIntent',
    { amount, recaptcha_token: '', platform: 'web' },
    user,
  );
  if (status !== 200) throw new Error(`getPaymentIntent answered ${status}`);
  await client.stripe.confirm(body.id, { review });
  await client.stripe.idle();
  return body.id;
}

async function statusOf(client: StackClient, user: User, intentId: string): Promise<string> {
  const { body } = await client.call<{ status: string }>(
    'stripe-getPaymentIntentStatus',
    { payment_intent_id: intentId, recaptcha_token: '', platform: 'web' },
    user,
  );
  return body.status;
}

async function expectStatus(client: StackClient, user: User, intentId: string, wanted: string) {
  const status = await statusOf(client, user, intentId);
  if (status !== wanted) throw new Error(`the app is told ${status}, not ${wanted}`);
}

/** Posts a signed event with something about it that is wrong. */
async function expectRefused(body: string, header: string): Promise<void> {
  const { status } = await fetch(functionUrl('stripe-handleWebhookEvents'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': header },
    body,
  });
  if (status !== 401) throw new Error(`a bad signature was answered ${status}`);
}

/** Scenes hand intents on to later ones. */
const intents = { first: '', reviewed: '' };

export const stripeScenes: readonly Scene[] = [
  {
    title: 'A card payment of 15.00',
    rows: ['payment 1500'],
    balanceChange: 1500,
    async play(client, user) {
      intents.first = await pay(client, user, 1500);
      await expectStatus(client, user, intents.first, 'paid');
    },
  },
  {
    title: 'One of 20.00, its event five times at once',
    rows: ['payment 2000'],
    balanceChange: 2000,
    async play(client, user) {
      await client.stripe.hold(true);
      await pay(client, user, 2000);
      const sent = await client.stripe.release({ copies: 5, parallel: true });
      if (sent.length < 5) throw new Error('the event was not sent five times');
      await client.stripe.hold(false);
    },
  },
  {
    title: 'One of 10.00, held for review',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      intents.reviewed = await pay(client, user, 1000, true);
      await expectStatus(client, user, intents.reviewed, 'review');
    },
  },
  {
    title: 'The review is approved',
    rows: ['payment 1000'],
    balanceChange: 1000,
    async play(client, user) {
      await client.stripe.approveReview(intents.reviewed);
      await client.stripe.idle();
      await expectStatus(client, user, intents.reviewed, 'paid');
    },
  },
  {
    title: 'Two partial refunds, 5.00 and 4.00',
    rows: ['refund -500', 'refund -400'],
    balanceChange: -900,
    async play(client) {
      await client.stripe.refund(intents.first, 500);
      await client.stripe.refund(intents.first, 400);
      await client.stripe.idle();
    },
  },
  {
    title: 'A refund of 3.00 that fails later',
    rows: ['refund -300', 'refund_failed 300'],
    balanceChange: 0,
    async play(client) {
      const refund = await client.stripe.refund(intents.first, 300);
      await client.stripe.idle();
      await client.stripe.failRefund(refund.id);
      await client.stripe.idle();
    },
  },
  {
    title: 'A dispute, withdrawn and then won',
    rows: ['dispute -1000', 'dispute_reversed 1000'],
    balanceChange: 0,
    async play(client) {
      const dispute = await client.stripe.dispute(intents.reviewed);
      await client.stripe.withdrawDispute(dispute.id);
      await client.stripe.idle();
      await client.stripe.winDispute(dispute.id);
      await client.stripe.idle();
    },
  },
  {
    title: 'A refund of 12.00 that arrives before its payment',
    rows: ['payment 1200', 'refund -1200'],
    balanceChange: 0,
    async play(client, user) {
      await client.stripe.hold(true);
      const intentId = await pay(client, user, 1200);
      await client.stripe.captureFromDashboard(intentId);
      await client.stripe.refund(intentId);
      await client.stripe.release({ order: 'reverse' });
      await client.stripe.hold(false);
      await expectStatus(client, user, intentId, 'refunded');
    },
  },
  {
    title: 'One of 8.00 while the Retail API is down',
    rows: ['payment 800'],
    balanceChange: 0,
    waiting: 1,
    async play(client, user) {
      await client.retail.down(true);
      await pay(client, user, 800);
      await client.retail.down(false);
    },
  },
  {
    title: 'The schedule runs',
    rows: [],
    balanceChange: 800,
    async play(client, user) {
      await client.makeDue(user);
      await client.sweep();
    },
  },
  {
    title: 'One of 7.00 whose reply is lost after it was applied',
    rows: ['payment 700'],
    balanceChange: 700,
    waiting: 1,
    async play(client, user) {
      await client.retail.next({ apply: 'before', drop: true });
      await pay(client, user, 700);
    },
  },
  {
    title: 'The schedule runs: credited once',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      await client.makeDue(user);
      await client.sweep();
    },
  },
  {
    title: 'A forged signature, a changed byte, a stale timestamp',
    rows: [],
    balanceChange: 0,
    async play(client) {
      const [event] = await client.stripe.events();
      const genuine = await client.stripe.signed(event);
      const forged = await client.stripe.signed(event, { secret: 'whsec_guessed' });
      const stale = await client.stripe.signed(event, {
        timestampSeconds: Math.floor(Date.now() / 1000) - 301,
      });
      await expectRefused(forged.body, forged.header);
      await expectRefused(genuine.body.replace('evt_', 'evt-'), genuine.header);
      await expectRefused(stale.body, stale.header);
    },
  },
];
