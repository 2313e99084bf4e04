import { FieldValue } from 'firebase-admin/firestore';
import type { User } from '../../scripts/stack/client.ts';
import { APP_ORIGIN, ServedApp } from '../harness/app.ts';
import { startWayforpay, type WayforpayStandin } from '../standins/wayforpay/server.ts';

jest.setTimeout(60_000);

const ACCOUNT = 'merchant_standin';
const WEBHOOK = 'wayforpay-handleWebhookEvents';
const returns = { url_return: `${APP_ORIGIN}/funds`, url_success: `${APP_ORIGIN}/funds?ok` };

let wayforpay: WayforpayStandin;
let app: ServedApp;

beforeAll(async () => {
  wayforpay = await startWayforpay({
    merchantAccount: ACCOUNT,
    secretKey: 'wayforpay-standin',
    domain: 'app.example.test',
  });
  app = await ServedApp.start({
    WAYFORPAY_MERCHANT_ACCOUNT: ACCOUNT,
    WAYFORPAY_SECRET_KEY: 'wayforpay-standin',
    WAYFORPAY_DOMAIN: 'app.example.test',
    WAYFORPAY_CALLBACK_URL: 'https://set.below.example.test',
    WAYFORPAY_PAGE_URL: `${wayforpay.origin}/pay`,
    WAYFORPAY_API_URL: `${wayforpay.origin}/api`,
  });
  process.env['WAYFORPAY_CALLBACK_URL'] = await app.functions.url(WEBHOOK);
});

beforeEach(() => {
  wayforpay.control.reset();
});

afterAll(async () => {
  await app.stop();
  await wayforpay.stop();
});

/** Asks for a payment of 12.50; resolves to its order. */
async function ordered(user: User, amount = 1250): Promise<string> {
  const reply = await app.call<{ url: string; order_id: string }>(
    'wayforpay-createPayment',
    { amount, ...returns },
    user,
  );
  expect(reply.status).toBe(200);
  expect(reply.body.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/page\?vkh=\w+$/);
  expect(reply.body.order_id).toBe(await app.stack.lastOrder(user));
  return reply.body.order_id;
}

async function paid(user: User): Promise<string> {
  const order = await ordered(user);
  wayforpay.control.pay(order);
  await wayforpay.control.idle();
  return order;
}

test('a payment reaches the balance once, its callback however often', async () => {
  const user = await app.stack.signIn();
  wayforpay.control.hold(true);
  const order = await paid(user);
  const deliveries = await wayforpay.control.release({ copies: 5, parallel: true });
  expect(deliveries).toHaveLength(5);
  expect(deliveries.every(({ isAccepted }) => isAccepted)).toBe(true);
  expect(await app.rows(user)).toEqual(['payment 1250']);
  expect((await app.stack.rows(user))[0]).toMatchObject({
    payment_id: `wayforpay_${order}`,
    gateway: 'wayforpay',
    order_id: order,
    mode: 'test',
  });
  expect(app.retail.control.balance(user.uid)).toBe(1250);
});

test('a declined try moves nothing, the next one of the same order pays it', async () => {
  const user = await app.stack.signIn();
  const order = await ordered(user);
  wayforpay.control.become(order, 'Declined');
  await wayforpay.control.idle();
  expect(await app.rows(user)).toEqual([]);
  wayforpay.control.pay(order);
  await wayforpay.control.idle();
  expect(await app.rows(user)).toEqual(['payment 1250']);
});

test('partial refunds, each told twice, take what they gave back', async () => {
  const user = await app.stack.signIn();
  const order = await paid(user);
  for (const cents of [500, 300, 450]) {
    wayforpay.control.hold(true);
    wayforpay.control.refund(order, cents);
    await wayforpay.control.release({ copies: 2 });
  }
  expect(await app.rows(user)).toEqual([
    'payment 1250',
    'refund -300',
    'refund -450',
    'refund -500',
  ]);
  expect(app.retail.control.balance(user.uid)).toBe(0);
  const stored = await app.stack.rows(user);
  expect(stored.some((row) => 'is_total' in row)).toBe(false);
});

test('refunds told at once are counted once', async () => {
  const user = await app.stack.signIn();
  const order = await paid(user);
  wayforpay.control.hold(true);
  wayforpay.control.refund(order, 500);
  wayforpay.control.refund(order, 300);
  const deliveries = await wayforpay.control.release({ copies: 4, parallel: true });
  expect(deliveries.every(({ isAccepted }) => isAccepted)).toBe(true);
  expect(app.retail.control.balance(user.uid)).toBe(450);
  expect(await app.rows(user)).toEqual(['payment 1250', 'refund -800']);
});

test('a refund told before its payment waits for it', async () => {
  const user = await app.stack.signIn();
  const order = await ordered(user);
  wayforpay.control.hold(true);
  wayforpay.control.pay(order);
  wayforpay.control.refund(order, 500);
  const deliveries = await wayforpay.control.release({ order: 'reverse' });
  expect(deliveries.every(({ isAccepted }) => isAccepted)).toBe(true);
  expect(await app.rows(user)).toEqual(['payment 1250']);
  const parked = app.stack.firestore.collection('tn_parked_events');
  for (const waiting of (await parked.where('row.uid', '==', user.uid).get()).docs) {
    await waiting.ref.update({ release_at: new Date(0) });
  }
  await app.functions.runSchedule('sync-retryUnsynced');
  expect(await app.rows(user)).toEqual(['payment 1250', 'refund -500']);
  const stale = wayforpay.control.notices().find(({ type }) => type === 'Approved');
  await wayforpay.control.redeliver(stale?.id ?? '');
  expect(await app.rows(user)).toEqual(['payment 1250', 'refund -500']);
});

test('while the status cannot be asked, WayForPay is not told "received"', async () => {
  const user = await app.stack.signIn();
  const order = await paid(user);
  wayforpay.control.fault({ match: 'POST /api', status: 500 });
  wayforpay.control.hold(true);
  wayforpay.control.refund(order);
  const [refused] = await wayforpay.control.release();
  expect(refused).toMatchObject({ status: 503, isAccepted: false });
  await wayforpay.control.redeliver(wayforpay.control.notices().at(-1)?.id ?? '');
  expect(await app.rows(user)).toEqual(['payment 1250', 'refund -1250']);
});

test('what was not ordered is parked and accepted', async () => {
  const user = await app.stack.signIn();
  const order = await ordered(user);
  const report = { merchantAccount: ACCOUNT, currency: 'USD', transactionStatus: 'Approved' };
  const before = await app.parked('wayforpay');
  for (const changed of [
    { orderReference: order, amount: 99 },
    { orderReference: order, amount: 12.5, currency: 'UAH' },
  ]) {
    const answer = await app.report(WEBHOOK, wayforpay.control.signed({ ...report, ...changed }));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ status: 'accept' });
  }
  expect(await app.rows(user)).toEqual([]);
  const parked = await app.parked('wayforpay');
  expect(parked.slice(before.length)).toHaveLength(2);

  const stranger = { ...report, orderReference: 'an-order-of-another-shop', amount: 12.5 };
  const answer = await app.report(WEBHOOK, wayforpay.control.signed(stranger));
  expect(JSON.parse(answer.body)).toMatchObject({ status: 'accept' });
  expect(await app.parked('wayforpay')).toEqual(parked);
});

test('a forged callback is refused', async () => {
  const user = await app.stack.signIn();
  const order = await ordered(user);
  const report = { merchantAccount: ACCOUNT, orderReference: order, amount: 12.5, currency: 'USD' };
  const forged = wayforpay.control.signed({ ...report, transactionStatus: 'Approved' }, 'guessed');
  expect(await app.report(WEBHOOK, forged)).toMatchObject({ status: 401 });
  expect(await app.report(WEBHOOK, '')).toMatchObject({ status: 401 });
  expect(await app.rows(user)).toEqual([]);
});

describe('createPayment', () => {
  test.each<[string, object]>([
    ['an amount below the least', { amount: 499, ...returns }],
    ['an amount that is a text', { amount: '1250', ...returns }],
    ['no return address', { amount: 1250, url_success: returns.url_success }],
    ['a return address elsewhere', { amount: 1250, ...returns, url_return: 'https://evil.test/' }],
    ['a success address elsewhere', { amount: 1250, ...returns, url_success: 'javascript:1' }],
  ])('%s is 400', async (_name, body) => {
    const user = await app.stack.signIn();
    expect((await app.call('wayforpay-createPayment', body, user)).status).toBe(400);
  });

  test('nobody signed in is 401', async () => {
    const answer = await app.call('wayforpay-createPayment', { amount: 1250, ...returns });
    expect(answer.status).toBe(401);
  });

  describe('the same Idempotency-Key', () => {
    const body = { amount: 1250, ...returns };
    const ask = (user: User, key: string, fields: object = body) =>
      app.call<{ url: string; order_id: string }>('wayforpay-createPayment', fields, user, {
        'idempotency-key': key,
      });

    test('gives the same page again, before and after the payment', async () => {
      const user = await app.stack.signIn();
      const first = await ask(user, 'key-1');
      const again = await ask(user, 'key-1');
      wayforpay.control.pay(first.body.order_id);
      await wayforpay.control.idle();
      const other = { ...body, url_return: `${APP_ORIGIN}/elsewhere` };
      for (const { status, body: page } of [again, await ask(user, 'key-1', other)]) {
        expect([status, page]).toEqual([200, first.body]);
      }
      expect((await ask(user, 'key-2')).body.url).not.toBe(first.body.url);
    });

    test('five times at once gives one page', async () => {
      const user = await app.stack.signIn();
      const answers = await Promise.all(Array.from({ length: 5 }, () => ask(user, 'key-1')));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(new Set(answers.map((answer) => answer.body.url)).size).toBe(1);
    });

    test('gives a page when WayForPay has failed before', async () => {
      const user = await app.stack.signIn();
      wayforpay.control.fault({ match: 'POST /pay', status: 500 });
      expect((await ask(user, 'key-1')).status).toBe(503);
      expect((await ask(user, 'key-1')).status).toBe(200);
    });

    test('is told to wait where the page was made and its address was lost', async () => {
      const user = await app.stack.signIn();
      const { body: first } = await ask(user, 'key-1');
      const order = app.stack.firestore.collection('tn_orders').doc(first.order_id);
      await order.update({ gateway_ref: FieldValue.delete() });
      expect((await ask(user, 'key-1')).status).toBe(503);
      await order.update({ created_at: new Date(Date.now() - 130_000) });
      expect((await ask(user, 'key-1')).status).toBe(409);
    });
  });

  test.each([[{ status: 500 }], [{ status: 429 }], [{ cutOff: true as const }]])(
    'WayForPay fails (%j): try again later',
    async (fault) => {
      const user = await app.stack.signIn();
      wayforpay.control.fault({ match: 'POST /pay', ...fault });
      const answer = await app.call('wayforpay-createPayment', { amount: 1250, ...returns }, user);
      expect(answer).toMatchObject({
        status: 503,
        body: { errorName: 'ServiceUnavailableException' },
      });
    },
  );
});
