import type { User } from '../../scripts/stack/client.ts';
import { APP_ORIGIN, ServedApp } from '../harness/app.ts';
import { setEnvironment } from '../harness/environment.ts';
import { startAnypay, type AnypayStandin } from '../standins/anypay/server.ts';
import type { SignType } from '../unit/gateways/anypay/bench.ts';

jest.setTimeout(60_000);

const WEBHOOK = 'anypay-handleWebhookEvents';
const addresses = { success_url: `${APP_ORIGIN}/funds?ok`, fail_url: `${APP_ORIGIN}/funds?no` };

interface PaymentReply {
  merchant_id: number;
  pay_id: string;
  amount: number;
  currency: string;
  method: string;
  customer_id: string;
  sign: string;
}

describe.each<SignType>(['md5', 'sha256'])('a project that signs with %s', (signType) => {
  let anypay: AnypayStandin;
  let app: ServedApp;

  beforeAll(async () => {
    const keys = { secretKey: 'anypay-standin', apiId: 'api-id', apiKey: 'anypay-api-standin' };
    anypay = await startAnypay({ projectId: '14077', signType, noticeUrl: null, ...keys });
    app = await ServedApp.start({
      ANYPAY_PROJECT_ID: '14077',
      ANYPAY_SIGN_TYPE: signType,
      ANYPAY_SECRET_KEY: keys.secretKey,
      ANYPAY_API_ID: keys.apiId,
      ANYPAY_API_KEY: keys.apiKey,
      ANYPAY_API_URL: `${anypay.origin}/api`,
    });
    anypay.control.sendTo(await app.functions.url(WEBHOOK));
  });

  afterAll(async () => {
    await app.stop();
    await anypay.stop();
    setEnvironment({ ANYPAY_SIGN_TYPE: undefined });
  });

  /** An app asks for the form and posts it, as the web client does; resolves to the order. */
  async function ordered(user: User, amount = 1250): Promise<string> {
    const input = signType === 'md5' ? { amount } : { amount, ...addresses };
    const { status, body } = await app.call<PaymentReply>('anypay-createPayment', input, user);
    expect(status).toBe(200);
    const form = new URLSearchParams(signType === 'md5' ? addresses : {});
    for (const [name, value] of Object.entries(body)) form.set(name, String(value));
    const page = await fetch(`${anypay.origin}/merchant`, { method: 'POST', body: form });
    expect(await page.text()).toContain('Pay here.');
    return body.pay_id;
  }

  test('the reply is what the web client posts', async () => {
    const user = await app.stack.signIn();
    const input = { amount: 1250, ...addresses };
    const { body } = await app.call<PaymentReply>('anypay-createPayment', input, user);
    expect(body).toMatchObject({
      merchant_id: 14077,
      amount: 12.5,
      currency: 'USD',
      method: '',
      customer_id: user.uid,
    });
    expect(body.pay_id).toMatch(/^[1-9]\d{14}$/);
    expect('success_url' in body).toBe(signType === 'sha256');
  });

  test('a payment reaches the balance once, its notification however often', async () => {
    const user = await app.stack.signIn();
    anypay.control.hold(true);
    const { transaction_id: id } = anypay.control.pay(await ordered(user));
    const deliveries = await anypay.control.release({ copies: 6, parallel: true });
    anypay.control.hold(false);
    expect(deliveries.map(({ reply }) => reply)).toEqual(Array(6).fill('OK'));
    expect((await app.stack.rows(user)).map((row) => String(row['payment_id']))).toEqual([
      `anypay_${id}`,
    ]);
    expect(app.retail.control.balance(user.uid)).toBe(1250);
  });

  test('a second payment is credited, and its refund taken back', async () => {
    const user = await app.stack.signIn();
    const payId = await ordered(user);
    anypay.control.pay(payId);
    await anypay.control.idle();
    anypay.control.pay(payId);
    await anypay.control.idle();
    expect(await app.rows(user)).toEqual(['payment 1250', 'payment 1250']);
    anypay.control.become(payId, 'refund');
    await anypay.control.idle();
    expect(await app.rows(user)).toEqual(['payment 1250', 'payment 1250', 'refund -1250']);
    expect(app.retail.control.balance(user.uid)).toBe(1250);
  });

  test('a refund told before its payment makes both rows', async () => {
    const user = await app.stack.signIn();
    const payId = await ordered(user);
    anypay.control.hold(true);
    anypay.control.pay(payId);
    anypay.control.become(payId, 'refund');
    await anypay.control.release({ order: 'reverse' });
    anypay.control.hold(false);
    expect(await app.rows(user)).toEqual(['payment 1250', 'refund -1250']);
  });

  test('while the API cannot be asked, AnyPay is not told "OK"', async () => {
    const user = await app.stack.signIn();
    const payId = await ordered(user);
    anypay.control.hold(true);
    anypay.control.pay(payId);
    anypay.control.fault({ match: 'GET /api', status: 500 });
    const [refused] = await anypay.control.release();
    anypay.control.hold(false);
    expect(refused).toMatchObject({ status: 503, isAccepted: false });
    await anypay.control.redeliver(anypay.control.notices().at(-1)?.id ?? '');
    expect(await app.rows(user)).toEqual(['payment 1250']);
  });

  test('what was not ordered is parked and accepted', async () => {
    const user = await app.stack.signIn();
    const payId = await ordered(user);
    const unknown = String(Date.now());
    const parked = async () => {
      const all = (await app.stack.parkedEvents()).map(({ id }) => String(id));
      return all.filter((id) => id.includes(payId) || id.includes(unknown)).toSorted();
    };
    anypay.control.edit(payId, { amount: 1.25 });
    const first = anypay.control.pay(payId).transaction_id;
    const second = anypay.control.pay(payId).transaction_id;
    anypay.control.createForeignPayment(unknown, 12.5);
    anypay.control.pay(unknown);
    await anypay.control.idle();
    expect(await app.rows(user)).toEqual([]);
    const wanted = [
      `unusable_anypay_${first}_${payId}_paid`,
      `unusable_anypay_${second}_${payId}_paid`,
    ];
    expect(await parked()).toEqual(wanted.toSorted());
  });

  test('a forged notification, and one by GET, are refused', async () => {
    const user = await app.stack.signIn();
    const payId = await ordered(user);
    anypay.control.pay(payId);
    await anypay.control.idle();
    const notice = { merchant_id: '14077', pay_id: payId, amount: '12.50', status: 'paid' };
    const forged = anypay.control.signed(notice, 'guessed');
    expect(await app.report(WEBHOOK, forged)).toMatchObject({ status: 401 });
    const response = await fetch(`${await app.functions.url(WEBHOOK)}?${forged}`);
    expect([response.status, await response.text()]).toEqual([
      405,
      expect.stringContaining('MethodNotAllowedException'),
    ]);
  });

  test.each<[string, object]>([
    ['an amount below the least', { amount: 499 }],
    ['a fraction of a cent', { amount: 1250.5 }],
    ['an address elsewhere', { amount: 1250, ...addresses, fail_url: 'https://evil.test/' }],
  ])('%s is 400', async (_name, body) => {
    const user = await app.stack.signIn();
    expect((await app.call('anypay-createPayment', body, user)).status).toBe(400);
  });
});
