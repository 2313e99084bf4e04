import { randomUUID } from 'node:crypto';
import type { DocumentData, Firestore } from 'firebase-admin/firestore';
import { origin, ports } from '../../scripts/stack/values.ts';
import { serveFunctions, type ServedFunctions } from '../harness/functions.ts';
import { sameCrc32 } from '../standins/paypal/collision.ts';
import { startPayPal, type PayPalStandin } from '../standins/paypal/server.ts';
import { startRetailApi, type RetailApi } from '../standins/retail-api.ts';

interface User {
  readonly uid: string;
  readonly token: string;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

let paypal: PayPalStandin;
let retail: RetailApi;
let functions: ServedFunctions;
let firestore: Firestore;
let user: User;

beforeAll(async () => {
  paypal = await startPayPal({
    clientId: 'client-standin',
    clientSecret: 'secret-standin',
    webhookId: 'WEBHOOK1STANDIN',
    // The story has used the first ones.
    firstId: 1_000_000,
  });
  retail = await startRetailApi({ apiKey: 'retail-standin' });
  functions = await serveFunctions({
    PAYMENTS_MODE: 'test',
    FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}`,
    PAYPAL_CLIENT_ID: 'client-standin',
    PAYPAL_CLIENT_SECRET: 'secret-standin',
    PAYPAL_WEBHOOK_ID: 'WEBHOOK1STANDIN',
    PAYPAL_API_URL: paypal.origin,
    PAYPAL_TRUST_ANCHOR: paypal.signatory.anchor,
    PLATFONE_API_KEY: 'retail-standin',
    PLATFONE_API_URL: retail.url,
    PLATFONE_CALLS_PER_SECOND: '1000',
    OPEN_ORDERS_PER_HOUR: '1000',
  });
  firestore = (await import('../../functions/src/firestore/firestore.ts')).openFirestore();
});

afterAll(async () => {
  await functions.stop();
  await paypal.stop();
  await retail.stop();
});

beforeEach(async () => {
  paypal.control.reset();
  const url = await functions.url('paypal-handleWebhookEvents');
  paypal.control.configureEndpoint({ url });
  user = await signIn();
});

async function signIn(): Promise<User> {
  const path = 'identitytoolkit.googleapis.com/v1/accounts:signUp?key=local';
  const response = await fetch(`${origin(ports.auth)}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ returnSecureToken: true }),
  });
  const { localId, idToken } = (await response.json()) as { localId: string; idToken: string };
  return { uid: localId, token: idToken };
}

async function call(
  name: string,
  body: object,
  given: { caller?: User | null; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { caller = user, headers = {} } = given;
  const response = await fetch(await functions.url(name), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(caller && { authorization: `Bearer ${caller.token}` }),
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const capture = (orderId: string, caller?: User | null) =>
  call('paypal-captureOrder', { order_id: orderId }, caller === undefined ? {} : { caller });

async function create(amount = 1500): Promise<string> {
  const { status, body } = await call('paypal-createOrder', { amount, recaptcha_token: '' });
  expect(status).toBe(200);
  return String(body['id']);
}

async function approved(amount?: number, outcome?: string): Promise<string> {
  const id = await create(amount);
  paypal.control.approve(id, outcome);
  return id;
}

async function rows(): Promise<DocumentData[]> {
  const found = await firestore.collection('tn_payments').where('uid', '==', user.uid).get();
  return found.docs.map((document) => document.data());
}

async function cents(): Promise<number[]> {
  return (await rows()).map((row) => Number(row['amount'])).sort((a, b) => b - a);
}

async function parked(): Promise<DocumentData[]> {
  const found = await firestore.collection('tn_parked_events').get();
  return found.docs.map((document) => document.data());
}

/** No event is told: what comes of the call alone. */
function silence(): void {
  paypal.control.configureEndpoint({ url: null });
}

function statuses(): (number | null)[] {
  return paypal.control.deliveries().map(({ status }) => status);
}

describe('paypal-createOrder', () => {
  test('writes our order first and answers with PayPal’s', async () => {
    const { status, body } = await call('paypal-createOrder', {
      amount: 1500,
      recaptcha_token: '',
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: expect.stringMatching(/^ORDER\d{12}$/) as string,
      order_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      status: 'CREATED',
      links: expect.arrayContaining([
        { rel: 'approve', method: 'GET', href: expect.any(String) as string },
      ]) as unknown[],
    });
    const shown = paypal.control.object(String(body['id'])) as {
      purchase_units: { custom_id: string }[];
    };
    const orderId = shown.purchase_units[0]?.custom_id ?? '';
    expect(orderId).toBe(body['order_id']);
    const order = await firestore.collection('tn_orders').doc(orderId).get();
    expect(order.data()).toMatchObject({ uid: user.uid, amount: 1500, gateway: 'paypal' });
  });

  test('takes the user from the token alone', async () => {
    const other = await signIn();
    const { body } = await call('paypal-createOrder', { amount: 1500, uid: other.uid });
    const { purchase_units: units } = paypal.control.object(String(body['id'])) as {
      purchase_units: { custom_id: string }[];
    };
    const order = await firestore.doc(`tn_orders/${units[0]?.custom_id ?? ''}`).get();
    expect(order.get('uid')).toBe(user.uid);
  });

  test('repeated with one Idempotency-Key is one order here and there', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await call('paypal-createOrder', { amount: 1500 }, { headers });
    const again = await call('paypal-createOrder', { amount: 1500 }, { headers });
    expect(again).toEqual(first);
    expect((await call('paypal-createOrder', { amount: 1600 }, { headers })).status).toBe(409);
  });

  test.each([499, 100_001, 1500.5, '1500', -1500, 0, null, 1e21])(
    'refuses an amount of %j',
    async (amount) => {
      expect((await call('paypal-createOrder', { amount })).status).toBe(400);
    },
  );

  test('is for those who are signed in', async () => {
    const answer = await call('paypal-createOrder', { amount: 1500 }, { caller: null });
    expect(answer.status).toBe(401);
  });

  test.each([500, 503, 429])('PayPal answers %d: try again later', async (status) => {
    paypal.control.fault({ match: 'POST /v2/checkout/orders', status });
    expect((await call('paypal-createOrder', { amount: 1500 })).status).toBe(503);
    expect((await call('paypal-createOrder', { amount: 1500 })).status).toBe(200);
  });

  test('the token request fails once: the next call works', async () => {
    paypal.control.revokeTokens();
    paypal.control.fault({ match: 'POST /v1/oauth2/token', status: 503 });
    expect((await call('paypal-createOrder', { amount: 1500 })).status).toBe(503);
    expect((await call('paypal-createOrder', { amount: 1500 })).status).toBe(200);
  });
});

describe('paypal-captureOrder', () => {
  test('makes the row and the balance, and its event adds nothing', async () => {
    const id = await approved();
    expect(await capture(id)).toEqual({ status: 200, body: { result: 'success' } });
    await paypal.control.idle();
    const [row, ...others] = await rows();
    const [made] = paypal.control.captures(id);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      payment_id: `paypal_${made?.id ?? ''}`,
      amount: 1500,
      gateway: 'paypal',
      kind: 'payment',
      mode: 'test',
      parent_id: null,
      order_id: made?.custom_id,
      is_synced: true,
    });
    expect(retail.control.balance(user.uid)).toBe(1500);
    expect(new Set(statuses())).toEqual(new Set([200]));
  });

  test('of somebody else’s order, or of none, is 404', async () => {
    const id = await approved();
    const stranger = await capture(id, await signIn());
    expect(stranger.status).toBe(404);
    expect(await capture('NOSUCHORDER')).toEqual(stranger);
    const foreign = paypal.control.createForeignPayment({ customId: 'basket-7' });
    expect((await capture(foreign.supplementary_data.related_ids.order_id)).status).toBe(404);
    expect(paypal.control.captures(id)).toEqual([]);
    expect((await capture(id, null)).status).toBe(401);
  });

  test.each(['', 'a', '../x', 'ORDER 1', 'X'.repeat(37), 7, null])(
    'refuses an order id of %j',
    async (orderId) => {
      expect((await call('paypal-captureOrder', { order_id: orderId })).status).toBe(400);
    },
  );

  test('tapped many times is captured once', async () => {
    const id = await approved();
    const answers = await Promise.all(Array.from({ length: 6 }, () => capture(id)));
    for (const { status } of answers) expect(status).toBe(200);
    expect((await capture(id)).body).toEqual({ result: 'success' });
    await paypal.control.idle();
    expect(await cents()).toEqual([1500]);
    expect(retail.control.balance(user.uid)).toBe(1500);
  });

  test('of an order that is captured already ends in success and the one row', async () => {
    silence();
    const id = await approved();
    paypal.control.capture(id);
    expect((await capture(id)).body).toEqual({ result: 'success' });
    expect(await cents()).toEqual([1500]);
  });

  test('that loses the race against another capture ends in success', async () => {
    silence();
    const id = await approved();
    paypal.control.fault({
      match: 'POST /v2/checkout/orders/:id/capture',
      status: 422,
      code: 'ORDER_ALREADY_CAPTURED',
      applyThen: true,
    });
    expect((await capture(id)).body).toEqual({ result: 'success' });
    expect(await cents()).toEqual([1500]);
  });

  test.each([
    { status: 500 },
    { status: 503 },
    { status: 429 },
    { drop: true as const },
    { cutOff: true as const },
  ])('whose answer is lost by %j after the capture ends in success', async (fault) => {
    silence();
    const id = await approved();
    paypal.control.fault({
      match: 'POST /v2/checkout/orders/:id/capture',
      applyThen: true,
      ...fault,
    });
    expect((await capture(id)).body).toEqual({ result: 'success' });
    expect(await cents()).toEqual([1500]);
  });

  test('whose outcome nobody knows is 503, and succeeds the next time', async () => {
    silence();
    const id = await approved();
    paypal.control.fault({ match: 'POST /v2/checkout/orders/:id/capture', status: 500 });
    expect((await capture(id)).status).toBe(503);
    expect(await rows()).toEqual([]);
    expect((await capture(id)).status).toBe(200);
    expect(await cents()).toEqual([1500]);
  });

  test('under way elsewhere is 503', async () => {
    const id = await approved();
    paypal.control.fault({
      match: 'POST /v2/checkout/orders/:id/capture',
      status: 422,
      code: 'ORDER_COMPLETION_IN_PROGRESS',
    });
    expect((await capture(id)).status).toBe(503);
  });

  test('answered without its captures is looked up', async () => {
    silence();
    const id = await approved();
    paypal.control.terse(true);
    expect((await capture(id)).body).toEqual({ result: 'success' });
  });

  test.each([
    ['not approved yet', undefined],
    ['INSTRUMENT_DECLINED', 'INSTRUMENT_DECLINED'],
    ['TRANSACTION_REFUSED', 'TRANSACTION_REFUSED'],
    ['PAYER_CANNOT_PAY', 'PAYER_CANNOT_PAY'],
    ['ORDER_EXPIRED', 'ORDER_EXPIRED'],
    ['ORDER_COMPLETED_OR_VOIDED', 'ORDER_COMPLETED_OR_VOIDED'],
    ['a capture that is declined', 'DECLINED'],
  ])('%s is a clear 409 and moves nothing', async (_what, outcome) => {
    const id = outcome === undefined ? await create() : await approved(1500, outcome);
    const { status, body } = await capture(id);
    expect(status).toBe(409);
    expect(body['errorName']).toBe('ConflictException');
    await paypal.control.idle();
    expect(await rows()).toEqual([]);
  });

  test('of an order that has expired is 404', async () => {
    const id = await create();
    paypal.control.remove(id);
    expect((await capture(id)).status).toBe(404);
  });

  test('after a decline and another card succeeds', async () => {
    const id = await approved(1500, 'INSTRUMENT_DECLINED');
    expect((await capture(id)).status).toBe(409);
    paypal.control.approve(id);
    expect((await capture(id)).body).toEqual({ result: 'success' });
    await paypal.control.idle();
    expect(await cents()).toEqual([1500]);
  });

  test('of an order that was paid twice credits what was received, each once', async () => {
    const id = await approved();
    paypal.control.capture(id);
    paypal.control.captureAgain(id);
    expect((await capture(id)).body).toEqual({ result: 'success' });
    await paypal.control.idle();
    expect(await cents()).toEqual([1500, 1500]);
    expect(retail.control.balance(user.uid)).toBe(3000);
  });

  test('held back waits for its event', async () => {
    const id = await approved(1500, 'PENDING');
    expect((await capture(id)).body).toEqual({ result: 'pending' });
    expect((await capture(id)).body).toEqual({ result: 'pending' });
    await paypal.control.idle();
    expect(await rows()).toEqual([]);
    paypal.control.release(paypal.control.captures(id)[0]?.id ?? '');
    await paypal.control.idle();
    expect(await cents()).toEqual([1500]);
    expect((await capture(id)).body).toEqual({ result: 'success' });
  });

  test('held back and then denied moves nothing', async () => {
    const id = await approved(1500, 'PENDING');
    await capture(id);
    paypal.control.deny(paypal.control.captures(id)[0]?.id ?? '');
    await paypal.control.idle();
    expect(await rows()).toEqual([]);
    expect(new Set(statuses())).toEqual(new Set([200]));
    expect((await capture(id)).status).toBe(409);
  });

  test('over another amount than the order credits nothing and is parked by its event', async () => {
    const id = await approved();
    paypal.control.edit(id, { amount: { currency_code: 'USD', value: '1.00' } });
    expect((await capture(id)).status).toBe(409);
    await paypal.control.idle();
    expect(await rows()).toEqual([]);
    const events = paypal.control.events().map((event) => event.id);
    const found = (await parked()).filter(({ event }) =>
      events.includes((event as { id: string }).id),
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ reason: 'unusable', gateway: 'paypal' });
  });
});

describe('paypal-handleWebhookEvents', () => {
  test('heals a capture that no app has heard of', async () => {
    paypal.control.capture(await approved());
    await paypal.control.idle();
    expect(await cents()).toEqual([1500]);
    expect(retail.control.balance(user.uid)).toBe(1500);
  });

  test('fifty deliveries of one event at once are one row', async () => {
    paypal.control.hold(true);
    paypal.control.capture(await approved());
    const { id = '' } = paypal.control.events().at(-1) ?? {};
    const sent = await paypal.control.redeliver(id, { copies: 50, parallel: true });
    expect(sent).toHaveLength(50);
    for (const { status } of sent) expect(status).toBe(200);
    expect(await cents()).toEqual([1500]);
    expect(retail.control.balance(user.uid)).toBe(1500);
  });

  test('partial refunds, shuffled, repeated and before the payment', async () => {
    silence();
    const id = await approved();
    paypal.control.configureEndpoint({ url: await functions.url('paypal-handleWebhookEvents') });
    paypal.control.hold(true);
    paypal.control.capture(id);
    const [made] = paypal.control.captures(id);
    paypal.control.refund(made?.id ?? '', 500);
    paypal.control.refund(made?.id ?? '', 400);
    paypal.control.reverse(made?.id ?? '', 600);
    await paypal.control.sendHeld({ order: 'reverse', copies: 2 });
    expect(await cents()).toEqual([1500, -400, -500, -600]);
    expect(retail.control.balance(user.uid)).toBe(0);
    const corrections = (await rows()).filter((row) => row['kind'] !== 'payment');
    for (const row of corrections) expect(row['parent_id']).toBe(`paypal_${made?.id ?? ''}`);
  });

  test('a refund that fails later is given back', async () => {
    const id = await approved();
    await capture(id);
    await paypal.control.idle();
    const refund = paypal.control.refund(paypal.control.captures(id)[0]?.id ?? '', 400);
    await paypal.control.idle();
    paypal.control.failRefund(refund.id);
    await paypal.control.idle();
    expect(await cents()).toEqual([1500, 400, -400]);
    expect(retail.control.balance(user.uid)).toBe(1500);
  });

  test('PayPal’s API is down: 503, and the repeated event makes the row', async () => {
    paypal.control.hold(true);
    paypal.control.capture(await approved());
    const event = paypal.control.events().find((one) => one.event_type.endsWith('COMPLETED'));
    paypal.control.fault({ match: 'GET /v2/payments/captures', status: 503 });
    const [down] = await paypal.control.redeliver(event?.id ?? '');
    expect(down?.status).toBe(503);
    const [up] = await paypal.control.redeliver(event?.id ?? '');
    expect(up?.status).toBe(200);
    expect(await cents()).toEqual([1500]);
  });

  test('a body forged to the same CRC-32 under a genuine signature moves no money', async () => {
    const id = await approved();
    await capture(id);
    await paypal.control.idle();
    const victim = paypal.control.createForeignPayment({ customId: 'basket-7' });
    const before = await rows();
    const genuine = paypal.control.signed(paypal.control.events().at(-2));
    const send = async (resource: object, type = 'PAYMENT.CAPTURE.COMPLETED') => {
      const body = sameCrc32(genuine.body, (letters) =>
        JSON.stringify({ id: 'WH-FORGED', event_type: type, resource, letters }),
      );
      const url = await functions.url('paypal-handleWebhookEvents');
      const { status } = await fetch(url, { method: 'POST', headers: genuine.headers, body });
      return status;
    };
    const [own] = paypal.control.captures(id);
    const amount = { currency_code: 'USD', value: '1000.00' };
    const custom = { custom_id: own?.custom_id };
    expect(await send({ id: own?.id, amount })).toBe(200);
    expect(await send({ id: victim.id, amount, ...custom })).toBe(200);
    expect(await send({ id: own?.id }, 'PAYMENT.CAPTURE.REVERSED')).toBe(200);
    expect(await send({ id: 'REFUND00000009999', amount }, 'PAYMENT.CAPTURE.REFUNDED')).toBe(200);
    expect(await rows()).toEqual(before);
    expect(retail.control.balance(user.uid)).toBe(1500);
  });

  test('what is not signed, not POSTed or not JSON', async () => {
    const url = await functions.url('paypal-handleWebhookEvents');
    const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
      fetch(url, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) });
    const { body, headers } = paypal.control.signed({ no: 'event' });
    expect((await post(body)).status).toBe(401);
    expect((await post('')).status).toBe(401);
    expect((await post(`${body} `, headers)).status).toBe(401);
    expect((await post(body, { ...headers, 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await post('x'.repeat(1_000_001), headers)).status).toBe(413);
    expect((await post(body, headers)).status).toBe(400);
    expect((await fetch(url)).status).toBe(405);
  });
});
