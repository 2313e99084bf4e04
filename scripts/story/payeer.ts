import type { StackClient, User } from '../stack/client.ts';
import { payeer } from '../stack/gateways/payeer.ts';
import { functionUrl, origin } from '../stack/values.ts';
import type { Scene } from './scene.ts';

const returns = {
  success_url: 'http://localhost:3000/funds?status=success',
  fail_url: 'http://localhost:3000/funds?status=error',
};

/** An app asks for the form and the buyer's browser posts it; resolves to the order. */
export async function order(client: StackClient, user: User, amount: number): Promise<string> {
  const { status, body } = await client.call<Record<string, string>>(
    'payeer-createOrder',
    { amount, ...returns },
    user,
  );
  if (status !== 200) throw new Error(`createOrder answered ${status}`);
  const form = new URLSearchParams(body);
  const page = await fetch(`${origin(payeer.port)}/merchant/`, { method: 'POST', body: form });
  const text = await page.text();
  if (!text.includes('Pay here.')) throw new Error(`Payeer says: ${text}`);
  return body['m_orderid'] ?? '';
}

/** Scenes hand the order on to later ones. */
const orders = { first: '' };

export const payeerScenes: readonly Scene[] = [
  {
    title: 'Payeer: 25.00, failed and then paid',
    rows: ['payment 2500'],
    balanceChange: 2500,
    async play(client, user) {
      orders.first = await order(client, user, 2500);
      await client.payeer.fail(orders.first);
      await client.payeer.pay(orders.first);
      await client.payeer.idle();
      const answers = (await client.payeer.deliveries()).map(({ reply }) => reply).toSorted();
      const wanted = [`${orders.first}|error`, `${orders.first}|success`];
      if (answers.join() !== wanted.join()) throw new Error(`answered ${answers.join()}`);
    },
  },
  {
    title: 'Payeer: paid once more, told five times at once',
    rows: ['payment 2500'],
    balanceChange: 2500,
    async play(client) {
      await client.payeer.hold(true);
      await client.payeer.pay(orders.first);
      await client.payeer.release({ copies: 5, parallel: true });
      await client.payeer.hold(false);
    },
  },
  {
    title: 'Payeer: a tenth of the price; a guessed key',
    rows: [],
    balanceChange: 0,
    async play(client, user) {
      const orderId = await order(client, user, 5000);
      const told = (await client.payeer.notices())[0]?.body;
      const fields = Object.fromEntries(new URLSearchParams(told));
      const cheap = { ...fields, m_operation_id: '1', m_orderid: orderId, m_amount: '5.00' };
      await expectAnswer(await client.payeer.signed({ ...cheap, m_status: 'success' }), 200);
      await expectAnswer(await client.payeer.signed(cheap, 'guessed'), 401);
    },
  },
];

async function expectAnswer(body: string, wanted: number): Promise<void> {
  const { status } = await fetch(functionUrl('payeer-handleWebhookEvents'), {
    method: 'POST',
    body,
  });
  if (status !== wanted) throw new Error(`answered ${status}, not ${wanted}`);
}
