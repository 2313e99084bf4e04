import { gzipSync } from 'node:zlib';
import { collected } from '../harness/log.ts';
import {
  intentOf,
  keys,
  newUid,
  parkedOf,
  rowsOf,
  startWorld,
  type World,
} from '../harness/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ STRIPE_TIMEOUT_MS: '1500' });
});

afterAll(() => world.stop());

const acts = () => world.stripe.control;

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string | Buffer;
}

/** Posts something to the webhook, signed unless told otherwise. */
async function post(
  payload: unknown,
  { headers = {}, method = 'POST', body }: Sent = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const signed = acts().signed(payload);
  const response = await fetch(world.webhookUrl, {
    method,
    headers: { 'content-type': 'application/json', 'stripe-signature': signed.header, ...headers },
    ...(method !== 'GET' && { body: body ?? signed.body }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const now = () => Math.floor(Date.now() / 1000);

function envelope(changes: object = {}): object {
  return {
    id: 'evt_test',
    object: 'event',
    type: 'customer.created',
    livemode: false,
    data: { object: { id: 'cus_1', object: 'customer' } },
    ...changes,
  };
}

describe('what is not proven is refused', () => {
  const signedNow = () => acts().signed(envelope());
  const header = (change: (genuine: string) => string) => change(signedNow().header);
  const cases: [string, () => Record<string, string>][] = [
    ['an empty signature', () => ({ 'stripe-signature': '' })],
    ['only v0', () => ({ 'stripe-signature': header((h) => h.replace('v1=', 'v0=')) })],
    ['an empty v1', () => ({ 'stripe-signature': header((h) => h.replace(/v1=.*/, 'v1=')) })],
    ['v1 without a value', () => ({ 'stripe-signature': header((h) => h.replace(/v1=.*/, 'v1')) })],
    [
      'a space after the comma',
      () => ({ 'stripe-signature': header((h) => h.replace(',', ', ')) }),
    ],
    [
      't twice',
      () => ({ 'stripe-signature': header((h) => `t=1,${h}`.replace(/t=\d+,v1/, 't=2,v1')) }),
    ],
    [
      't that is no number',
      () => ({ 'stripe-signature': header((h) => h.replace(/t=\d+/, 't=now')) }),
    ],
    ['no t', () => ({ 'stripe-signature': header((h) => h.replace(/t=\d+,/, '')) })],
    [
      'upper-case hex',
      () => ({ 'stripe-signature': header((h) => h.replace(/v1=.*/, (v) => v.toUpperCase())) }),
    ],
    ['garbage', () => ({ 'stripe-signature': 'garbage' })],
    [
      'another secret',
      () => ({ 'stripe-signature': acts().signed(envelope(), { secret: 'whsec_other' }).header }),
    ],
    [
      'a secret with a newline',
      () => ({
        'stripe-signature': acts().signed(envelope(), { secret: `${keys.webhook}\n` }).header,
      }),
    ],
    [
      '301 s old',
      () => ({
        'stripe-signature': acts().signed(envelope(), { timestampSeconds: now() - 301 }).header,
      }),
    ],
    [
      'an hour ahead',
      () => ({
        'stripe-signature': acts().signed(envelope(), { timestampSeconds: now() + 3600 }).header,
      }),
    ],
    [
      'in milliseconds',
      () => ({
        'stripe-signature': acts().signed(envelope(), { timestampSeconds: Date.now() }).header,
      }),
    ],
  ];

  test.each(cases)('%s: 401', async (_name, headers) => {
    const { status, text } = await post(envelope(), { headers: headers() });
    expect([status, JSON.parse(text)]).toMatchObject([401, { errorName: 'UnauthorizedException' }]);
    expect(text).not.toMatch(/\bat .*\.js/);
  });

  test('no signature at all: 401', async () => {
    const response = await fetch(world.webhookUrl, {
      method: 'POST',
      body: JSON.stringify(envelope()),
    });
    expect(response.status).toBe(401);
  });

  const genuine = () => acts().signed(envelope());
  const bodies: [string, () => { header: string; body: string | Uint8Array }][] = [
    ['one changed byte', () => ({ ...genuine(), body: genuine().body.replace('cus_1', 'cus_2') })],
    [
      'a body written anew',
      () => ({ ...genuine(), body: JSON.stringify(JSON.parse(genuine().body), null, 1) }),
    ],
    ['no body', () => ({ ...genuine(), body: '' })],
    [
      'a byte order mark',
      () => ({ ...acts().signed(`\ufeff${genuine().body}`), body: `\ufeff${genuine().body}` }),
    ],
    [
      'bytes that are not UTF-8',
      () => ({ ...genuine(), body: Uint8Array.from([0xff, 0xfe, 0x7b]) }),
    ],
  ];

  test.each(bodies)('%s: 401', async (_name, request) => {
    const { header: signature, body } = request();
    const { status } = await post(undefined, {
      headers: { 'stripe-signature': signature },
      body: typeof body === 'string' ? body : Buffer.from(body),
    });
    expect(status).toBe(401);
  });

  test('299 s old and two signatures of which one is right: taken', async () => {
    const old = acts().signed(envelope(), { timestampSeconds: now() - 299 });
    expect(
      (await post(undefined, { headers: { 'stripe-signature': old.header }, body: old.body }))
        .status,
    ).toBe(200);
    const both = genuine().header.replace('v1=', `v1=${'0'.repeat(64)},v1=`);
    expect((await post(envelope(), { headers: { 'stripe-signature': both } })).status).toBe(200);
  });
});

describe('what is proven and makes no sense is 400', () => {
  const cases: [string, unknown][] = [
    ['null', 'null'],
    ['an array', [envelope()]],
    ['a string', '"event"'],
    ['not JSON', '{"id":'],
    ['no type', { ...envelope(), type: undefined }],
    ['no data', { ...envelope(), data: undefined }],
    ['another object', envelope({ object: 'charge' })],
    ['livemode that is no boolean', envelope({ livemode: 'false' })],
    [
      'a thin event',
      { id: 'evt_thin', object: 'v2.core.event', type: 'v1.charge.refunded', livemode: false },
    ],
  ];

  test.each(cases)('%s', async (_name, payload) => {
    const { status, text } = await post(payload);
    expect([status, JSON.parse(text)]).toMatchObject([
      400,
      { errorName: 'InvalidRequestParamsException' },
    ]);
    expect(text).not.toMatch(/\bat .*\.js/);
  });

  test('a deep and a strange JSON do no harm', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect((await post(deep)).status).toBe(400);
    const polluting = JSON.stringify(envelope()).replace('{', '{"__proto__":{"polluted":true},');
    expect((await post(polluting)).status).toBe(200);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('what does not get as far as us', () => {
  test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s: 405', async (method) => {
    const { status, headers } = await post(envelope(), { method });
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('a compressed body: 415, for its size is not known', async () => {
    const { body } = acts().signed(envelope());
    const { status } = await post(envelope(), {
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(body),
    });
    expect(status).toBe(415);
  });

  test.each([
    '',
    'text/plain',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
  ])('whatever the content type says (%s), the bytes are what counts', async (contentType) => {
    expect((await post(envelope(), { headers: { 'content-type': contentType } })).status).toBe(200);
  });
});

describe('what is proven and not for us is 200 and makes no row', () => {
  test.each([
    ['an unknown type', envelope({ type: 'customer.subscription.created' })],
    ['the other mode', envelope({ type: 'payment_intent.succeeded', livemode: true })],
    ['a connected account', envelope({ type: 'payment_intent.succeeded', account: 'acct_1' })],
    ['an object without an id', envelope({ type: 'balance.available', data: { object: {} } })],
  ])('%s', async (_name, payload) => {
    const asked = acts().requests().length;
    expect(await post(payload)).toMatchObject({ status: 200, text: '' });
    expect(acts().requests()).toHaveLength(asked);
  });

  test('a payment of the same account that is not ours', async () => {
    const { id } = acts().createForeignIntent({ metadata: { uid: 'somebody' } });
    acts().confirm(id);
    acts().refund(id);
    await acts().idle();
    expect((await world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(false);
    expect(await parkedOf(world, id)).toEqual([]);
  });

  test('an intent of the other mode', async () => {
    const id = intentOf(world, newUid());
    acts().edit(id, { livemode: true });
    acts().confirm(id);
    await acts().idle();
    expect((await world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(false);
  });
});

describe('what is ours and cannot become a row is parked before the 200', () => {
  const uid = newUid();
  const cases: [string, Record<string, unknown>][] = [
    ['no uid', { metadata: { purpose: 'balance_topup' } }],
    ['a blank uid', { metadata: { purpose: 'balance_topup', uid: ' ' } }],
    ['an array for a uid', { metadata: { purpose: 'balance_topup', uid: ['a'] } }],
    ['a uid with a slash', { metadata: { purpose: 'balance_topup', uid: 'a/b' } }],
    ['a uid of 129 characters', { metadata: { purpose: 'balance_topup', uid: 'u'.repeat(129) } }],
    ['another currency', { currency: 'eur' }],
    ['an amount of 0', { amount_received: 0 }],
    ['a negative amount', { amount_received: -1500 }],
    ['a fraction of a cent', { amount_received: 1500.5 }],
    ['an amount in words', { amount_received: '1500' }],
    ['a huge amount', { amount_received: 2 ** 53 }],
  ];

  test.each(cases)('%s', async (_name, patch) => {
    acts().hold(true);
    const id = intentOf(world, uid);
    acts().confirm(id);
    acts().captureFromDashboard(id);
    acts().edit(id, patch);
    const deliveries = await acts().release();
    acts().hold(false);
    expect(new Set(deliveries.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(false);
    const event = acts()
      .events()
      .findLast(({ type }) => type === 'payment_intent.succeeded');
    expect((await parkedOf(world, event?.id ?? '?')).map(({ reason }) => String(reason))).toEqual([
      'unusable',
    ]);
  });

  test.each([
    ['an id of an unknown shape', 'payment_intent.succeeded', { id: '../v1' }],
    ['neither an intent nor a charge', 'review.closed', { payment_intent: null, charge: null }],
  ])('an event about money with %s', async (_name, type, object) => {
    const id = `evt_${newUid()}`;
    const asked = acts().requests().length;
    expect(await post(envelope({ id, type, data: { object } }))).toMatchObject({ status: 200 });
    expect(acts().requests()).toHaveLength(asked);
    expect(await parkedOf(world, id)).toMatchObject([{ reason: 'unusable', row: null }]);
  });

  test('a dispute in another currency takes nothing else down with it', async () => {
    const payer = newUid();
    acts().hold(true);
    const id = intentOf(world, payer);
    acts().confirm(id);
    acts().captureFromDashboard(id);
    const dispute = acts().dispute(id);
    const { balance_transactions: moved } = acts().withdrawDispute(dispute.id);
    acts().edit(dispute.id, {
      balance_transactions: moved.map((one) => ({ ...one, currency: 'eur' })),
    });
    const told = acts()
      .held()
      .find(({ type }) => type === 'charge.dispute.funds_withdrawn');
    await acts().redeliver(told?.id ?? '?');
    acts().discard();
    acts().hold(false);
    expect((await rowsOf(world, payer)).map((row) => Number(row['amount']))).toEqual([1500]);
    expect(await parkedOf(world, moved[0]?.id ?? '?')).toMatchObject([{ reason: 'unusable' }]);
  });

  test('a correction of a payment that went to somebody else', async () => {
    const [payer, other] = [newUid(), newUid()];
    const id = intentOf(world, payer);
    acts().confirm(id);
    await acts().idle();
    acts().edit(id, { metadata: { purpose: 'balance_topup', uid: other, order_id: 'order1' } });
    const refund = acts().refund(id, 500);
    await acts().idle();
    expect(await rowsOf(world, other)).toEqual([]);
    expect(await parkedOf(world, `stripe_${refund.id}`)).toMatchObject([
      { reason: 'conflict' },
      { reason: 'conflict' },
    ]);
  });

  test('what could not be credited is not captured', async () => {
    const id = intentOf(world, uid);
    acts().edit(id, { metadata: { purpose: 'balance_topup' } });
    acts().confirm(id);
    await acts().idle();
    expect(acts().object(id)).toMatchObject({ status: 'requires_capture' });
  });

  test('the same payment id with another amount: a conflict, and the row stays as it was', async () => {
    const id = intentOf(world, uid);
    acts().confirm(id);
    await acts().idle();
    acts().edit(id, { amount_received: 9900 });
    const event = acts()
      .events()
      .findLast(({ type }) => type === 'payment_intent.succeeded');
    const [delivery] = await acts().redeliver(event?.id ?? '?');
    expect(delivery?.status).toBe(200);
    const row = await world.firestore.doc(`tn_payments/stripe_${id}`).get();
    expect(row.get('amount')).toBe(1500);
    expect(await parkedOf(world, `stripe_${id}`)).toMatchObject([
      { reason: 'conflict', row: { amount: 9900, uid } },
    ]);
    expect(
      world.retail.control.transactions(uid).filter((one) => one.transactionId.includes(id)),
    ).toHaveLength(1);
  });

  test('an id that Stripe does not know', async () => {
    const payload = envelope({
      id: 'evt_lost',
      type: 'payment_intent.succeeded',
      data: { object: { id: 'pi_lost' } },
    });
    expect((await post(payload)).status).toBe(200);
    expect(await parkedOf(world, 'evt_lost')).toMatchObject([{ reason: 'unusable', row: null }]);
  });
});

describe('when Stripe is in trouble, it must tell us again', () => {
  const uid = newUid();
  test.each([
    ['500', { status: 500, times: 2 }, 503],
    ['429', { status: 429 }, 503],
    ['409', { status: 409, times: 2 }, 503],
    ['a refused key', { status: 401 }, 500],
    ['a cut-off body', { cutOff: true }, 503],
    ['no answer', { timeout: true, times: 2 }, 503],
  ] as const)('%s', async (_name, fault, status) => {
    acts().hold(true);
    const id = intentOf(world, uid);
    acts().confirm(id);
    acts().fault({ match: 'GET /v1/payment_intents/', ...fault });
    const event = acts()
      .events()
      .findLast(({ type }) => type === 'payment_intent.amount_capturable_updated');
    const [first] = await acts().redeliver(event?.id ?? '?');
    expect(first?.status).toBe(status);
    expect((await world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(false);
    const [again] = await acts().redeliver(event?.id ?? '?');
    acts().discard();
    acts().hold(false);
    expect(again?.status).toBe(200);
    expect((await world.firestore.doc(`tn_payments/stripe_${id}`).get()).exists).toBe(true);
  });
});

test('no line of the log held a secret, a signature or a body, and each is one JSON object', () => {
  const lines = collected();
  expect(lines.length).toBeGreaterThan(50);
  for (const line of lines) {
    expect(() => JSON.parse(line) as unknown).not.toThrow();
    for (const canary of [
      keys.stripe,
      keys.webhook,
      keys.retail,
      'v1=',
      '"data"',
      'client_secret',
    ]) {
      expect(line).not.toContain(canary);
    }
  }
});
