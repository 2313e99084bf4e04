import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { deleteApp, initializeApp, type App } from 'firebase-admin/app';
import { getAuth, type Auth } from 'firebase-admin/auth';
import type { DocumentData, Timestamp } from 'firebase-admin/firestore';
import type { User } from '../../scripts/stack/client.ts';
import { origin, ports, PROJECT } from '../../scripts/stack/values.ts';
import { collected, logFromNow } from '../harness/log.ts';
import { inShort, keys, rowsOf, startWorld, type World } from '../harness/world.ts';
import type { StripeControl } from '../standins/stripe/control.ts';
import type { ApiFault } from '../standins/faults.ts';

const CREATE = 'stripe-getPaymentIntent';
const STATUS = 'stripe-getPaymentIntentStatus';
const APP_ORIGIN = 'https://app.example.com';
const LIMIT = 3;
const HOUR_S = 3_600;
/** A part of every body sent, which no log line may hold. */
const BODY = 'canary-of-the-body';

const environment = {
  APP_ALLOWED_ORIGINS: `http://localhost:3000,${APP_ORIGIN}`,
  OPEN_ORDERS_PER_HOUR: String(LIMIT),
  STRIPE_TIMEOUT_MS: '1000',
  FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}`,
};

let world: World;
let app: App;
let auth: Auth;
let logged: () => string[];
/** What no log line may hold: grows with every token and client secret there is. */
const canaries = new Set<string>([...Object.values(keys), BODY]);

beforeAll(async () => {
  world = await startWorld(environment);
  app = initializeApp({ projectId: PROJECT }, randomUUID());
  auth = getAuth(app);
});

afterAll(async () => {
  await world.stop();
  await deleteApp(app);
});

beforeEach(() => {
  // Without an endpoint: no webhook arrives.
  world.stripe.control.reset();
  world.retail.control.reset();
  logged = logFromNow();
});

afterEach(() => {
  const text = logged().join('\n');
  expect([...canaries].filter((canary) => text.includes(canary))).toEqual([]);
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

interface Request {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

/** Calls a function; whatever it answers holds no stack trace and no key of ours. */
async function send(name: string, { method = 'POST', headers, body }: Request): Promise<Answer> {
  const isText = typeof body === 'string' || body === undefined;
  const response = await fetch(await world.functions.url(name), {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(text).not.toMatch(/\bat .*:\d+|node_modules|\.[jt]s\b/);
  for (const key of Object.values(keys)) expect(text).not.toContain(key);
  const parsed = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  if (typeof parsed['clientSecret'] === 'string') canaries.add(parsed['clientSecret']);
  return { status: response.status, headers: response.headers, body: parsed };
}

function call(name: string, user: User, body: object, headers = {}): Promise<Answer> {
  return send(name, {
    headers: { authorization: `Bearer ${user.token}`, ...headers },
    body: { recaptcha_token: BODY, platform: 'web', ...body },
  });
}

function ask(user: User, amount: unknown = 1500, key?: string): Promise<Answer> {
  return call(CREATE, user, { amount }, key === undefined ? {} : { 'idempotency-key': key });
}

function status(user: User, id: unknown): Promise<Answer> {
  return call(STATUS, user, { payment_intent_id: id });
}

/** The id of a new PaymentIntent. */
async function ordered(user: User): Promise<string> {
  const answer = await ask(user);
  expect(answer.status).toBe(200);
  return String(answer.body['id']);
}

const inBrief = ({ status, body }: Answer): unknown[] => [status, body['errorName']];

async function account(path: string, body: object): Promise<User> {
  const response = await fetch(
    `${origin(ports.auth)}/identitytoolkit.googleapis.com/v1/accounts:${path}?key=local`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, returnSecureToken: true }),
    },
  );
  const { idToken: token } = (await response.json()) as { idToken: string };
  canaries.add(token);
  return { uid: String(claimsOf(token)['sub']), token };
}

/** A new anonymous user. */
const signIn = () => account('signUp', {});

function claimsOf(token: string): Record<string, unknown> {
  const [, claims = ''] = token.split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
}

/** The token with other claims; tokens of the emulator carry no signature. */
function forged(user: User, changes: Record<string, unknown>): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const claims = encode({ ...claimsOf(user.token), ...changes });
  const token = `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`;
  canaries.add(token);
  return token;
}

async function ordersOf(uid: string): Promise<DocumentData[]> {
  const found = await world.firestore.collection('tn_orders').where('uid', '==', uid).get();
  return found.docs.map((document) => document.data());
}

/** Makes every order of a user older. */
async function age(uid: string, ms: number): Promise<void> {
  for (const order of await ordersOf(uid)) {
    const created = order['created_at'] as Timestamp;
    const document = world.firestore.collection('tn_orders').doc(String(order['order_id']));
    await document.update({ created_at: new Date(created.toMillis() - ms) });
  }
}

const intentsOf = (uid: string) =>
  world.stripe.control.intents().filter(({ metadata }) => metadata['uid'] === uid);

const toStripe = () => world.stripe.control.requests().filter(({ method }) => method === 'POST');

describe.each([
  [CREATE, { amount: 1500 }],
  [STATUS, { payment_intent_id: 'pi_1' }],
])('whoever calls %s', (name, input) => {
  const body = { recaptcha_token: BODY, ...input };
  const welcome = name === CREATE ? 200 : 404;

  const strangers: [string, (user: User) => string | undefined | Promise<string>][] = [
    ['no token', () => undefined],
    ['an empty token', () => 'Bearer '],
    ['another scheme', ({ token }) => `Basic ${token}`],
    ['garbage', () => 'Bearer garbage-for-a-token'],
    ['parts that are no JSON', () => 'Bearer e30.bm90IGpzb24.e30'],
    ['two tokens', ({ token }) => `Bearer ${token} ${token}`],
    ['an expired token', (user) => `Bearer ${forged(user, { exp: seconds() - 1 })}`],
    ['a token for another project', (user) => `Bearer ${forged(user, { aud: 'other' })}`],
    ['a token by another project', (user) => `Bearer ${forged(user, { iss: `${ISSUER}other` })}`],
    ['a token of nobody', (user) => `Bearer ${forged(user, { sub: '' })}`],
    ['a token of a user that never was', (user) => `Bearer ${forged(user, { sub: 'nobody' })}`],
    [
      'a token of a deleted user',
      async ({ uid, token }) => {
        await auth.deleteUser(uid);
        return `Bearer ${token}`;
      },
    ],
    [
      'a token of a disabled user',
      async ({ uid, token }) => {
        await auth.updateUser(uid, { disabled: true });
        return `Bearer ${token}`;
      },
    ],
    [
      'a revoked token',
      async ({ uid, token }) => {
        // Revoking counts whole seconds: a token of the same second stays valid.
        await delay(1_100);
        await auth.revokeRefreshTokens(uid);
        return `Bearer ${token}`;
      },
    ],
    [
      'a custom token, which only signs in',
      async ({ uid }) => `Bearer ${await auth.createCustomToken(uid)}`,
    ],
  ];

  test.each(strangers)('%s: 401', async (_name, authorize) => {
    const user = await signIn();
    const authorization = await authorize(user);
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const answer = await send(name, { headers, body });
    expect(inBrief(answer)).toEqual([401, 'UnauthorizedException']);
    expect(await ordersOf(user.uid)).toEqual([]);
    expect(world.stripe.control.requests()).toEqual([]);
    expect(logged().join('\n')).toContain(`"function":"${name}"`);
  });

  // The emulator refuses what was revoked even where nobody asks for the check.
  test('the check for what was revoked is asked for', async () => {
    const { Auth: FunctionsAuth } =
      await import('../../functions/node_modules/firebase-admin/lib/auth/index.js');
    const verify = jest.spyOn(FunctionsAuth.prototype, 'verifyIdToken');
    const user = await signIn();
    await call(name, user, input);
    expect(verify.mock.calls).toEqual([[user.token, true]]);
    verify.mockRestore();
  });

  test('a token put together here is fine if its claims are', async () => {
    const user = await signIn();
    const headers = { authorization: `bearer ${forged(user, {})}` };
    expect((await send(name, { headers, body })).status).toBe(welcome);
  });

  test('an unverified address: 403; verified and signed in again: fine', async () => {
    const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
    const user = await account('signUp', credentials);
    expect(inBrief(await call(name, user, input))).toEqual([403, 'EmailNotVerifiedException']);
    expect(await ordersOf(user.uid)).toEqual([]);
    await auth.updateUser(user.uid, { emailVerified: true });
    const verified = await account('signInWithPassword', credentials);
    expect((await call(name, verified, input)).status).toBe(welcome);
  });

  test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s: 405', async (method) => {
    const { token } = await signIn();
    const headers = { authorization: `Bearer ${token}` };
    const answer = await send(name, { method, headers, ...(method !== 'GET' && { body }) });
    expect(inBrief(answer)).toEqual([405, 'MethodNotAllowedException']);
    expect(answer.headers.get('allow')).toBe('POST');
  });

  test.each([
    ['no body', undefined],
    ['an empty body', ''],
    ['not JSON', `{"amount":1500,"x":"${BODY}"`],
    ['a form', `amount=1500&x=${BODY}`],
    ['an array', [input, BODY]],
    ['null', 'null'],
    ['a string', JSON.stringify(BODY)],
    ['a number', '1500'],
    ['an envelope around it', { data: { ...input, BODY } }],
  ])('%s: 400', async (_name, wrong) => {
    const user = await signIn();
    const headers = { authorization: `Bearer ${user.token}` };
    const answer = await send(name, { headers, body: wrong });
    expect(inBrief(answer)).toEqual([400, 'InvalidRequestParamsException']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(world.stripe.control.requests()).toEqual([]);
    expect(await ordersOf(user.uid)).toEqual([]);
  });
});

const ISSUER = 'https://securetoken.google.com/';
const seconds = () => Math.floor(Date.now() / 1000);

describe('an intent', () => {
  test('is an order of ours, and held money in US dollars at Stripe', async () => {
    const user = await signIn();
    const answer = await ask(user);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const [intent, ...others] = intentsOf(user.uid);
    expect(others).toEqual([]);
    expect(answer.body).toEqual({
      id: intent?.id,
      order_id: intent?.metadata['order_id'],
      clientSecret: intent?.client_secret,
      publicKey: 'pk_test_standin',
    });

    const [order, ...more] = await ordersOf(user.uid);
    expect(more).toEqual([]);
    expect(order).toEqual({
      order_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      uid: user.uid,
      amount: 1500,
      currency: 'USD',
      gateway: 'stripe',
      mode: 'test',
      created_at: expect.anything() as unknown,
    });
    const { created_at: createdAt } = order as { created_at: Timestamp };
    expect(Math.abs(createdAt.toMillis() - Date.now())).toBeLessThan(60_000);
  });

  test('is made of our own words: what else the body says changes nothing', async () => {
    const user = await signIn();
    const injected = {
      uid: 'somebody',
      order_id: 'order1',
      currency: 'eur',
      capture_method: 'automatic',
      automatic_payment_methods: { enabled: false },
      metadata: { uid: 'somebody', purpose: 'gift' },
      status: 'succeeded',
    };
    expect((await call(CREATE, user, { ...injected, amount: 1500 })).status).toBe(200);
    const [order] = await ordersOf(user.uid);
    const orderId = String(order?.['order_id']);
    expect(toStripe()).toMatchObject([
      { method: 'POST', path: '/v1/payment_intents', idempotencyKey: orderId, status: 200 },
    ]);
    expect(toStripe()[0]?.params).toEqual({
      amount: '1500',
      currency: 'usd',
      capture_method: 'manual',
      automatic_payment_methods: { enabled: 'true' },
      metadata: { purpose: 'balance_topup', uid: user.uid, order_id: orderId },
    });
    expect(await ordersOf('somebody')).toEqual([]);
  });

  test.each([500, 501, 100_000])('%d cents are taken', async (amount) => {
    const user = await signIn();
    expect((await ask(user, amount)).status).toBe(200);
    expect(intentsOf(user.uid).map((intent) => intent.amount)).toEqual([amount]);
  });

  test.each([
    undefined,
    null,
    '1500',
    true,
    [1500],
    {},
    1500.5,
    0,
    -1500,
    499,
    100_001,
    2 ** 53,
    1e21,
  ])('an amount of %j: 400', async (amount) => {
    const user = await signIn();
    const answer = await call(CREATE, user, { amount });
    expect(inBrief(answer)).toEqual([400, 'InvalidRequestParamsException']);
    expect(await ordersOf(user.uid)).toEqual([]);
    expect(world.stripe.control.requests()).toEqual([]);
  });

  test('a uid that the Retail API could not hold: 403, and no order', async () => {
    const uid = `tg:${randomUUID().slice(0, 8)}`;
    const user = await account('signInWithCustomToken', {
      token: await auth.createCustomToken(uid),
    });
    expect(user.uid).toBe(uid);
    expect(inBrief(await ask(user))).toEqual([403, 'ForbiddenException']);
    expect(await ordersOf(uid)).toEqual([]);
    expect(world.stripe.control.requests()).toEqual([]);
  });

  test('the order is written before Stripe is asked', async () => {
    const user = await signIn();
    world.stripe.control.fault({ match: 'POST /v1/payment_intents$', drop: true, times: 2 });
    const key = randomUUID();
    expect(inBrief(await ask(user, 1500, key))).toEqual([503, 'ServiceUnavailableException']);
    const orders = await ordersOf(user.uid);
    expect(orders).toMatchObject([{ amount: 1500 }]);
    expect(intentsOf(user.uid)).toEqual([]);

    // The same key goes on with the order that is there.
    expect((await ask(user, 1500, key)).status).toBe(200);
    expect(await ordersOf(user.uid)).toEqual(orders);
    expect(intentsOf(user.uid)).toMatchObject([
      { metadata: { order_id: orders[0]?.['order_id'] as unknown } },
    ]);
  });

  const lost: [string, ApiFault, number][] = [
    ['did not come', { drop: true, applyThen: true }, 200],
    // The SDK repeats a call without an answer, but none with half of one.
    ['broke off', { cutOff: true }, 503],
  ];

  test.each(lost)(
    "Stripe's answer %s: the intent it made is the one",
    async (_name, fault, code) => {
      const user = await signIn();
      const key = randomUUID();
      world.stripe.control.fault({ ...fault, match: 'POST /v1/payment_intents$' });
      expect((await ask(user, 1500, key)).status).toBe(code);
      const answer = await ask(user, 1500, key);
      expect(answer.status).toBe(200);
      expect(intentsOf(user.uid).map(({ id }) => id)).toEqual([answer.body['id']]);
      expect(await ordersOf(user.uid)).toHaveLength(1);
    },
  );
});

describe('the Idempotency-Key', () => {
  test('twice the same: the same intent, one order', async () => {
    const user = await signIn();
    const key = randomUUID();
    const first = await ask(user, 1500, key);
    const second = await ask(user, 1500, key);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body).toEqual(first.body);
    expect(await ordersOf(user.uid)).toHaveLength(1);
    expect(intentsOf(user.uid)).toHaveLength(1);
  });

  test('none: every call is another order', async () => {
    const user = await signIn();
    expect(await ordered(user)).not.toBe(await ordered(user));
    expect(await ordersOf(user.uid)).toHaveLength(2);
  });

  test('ten times at once: one intent, one order', async () => {
    const user = await signIn();
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(user, 1500, key)));
    expect(answers.map((answer) => answer.status)).toEqual(Array<number>(10).fill(200));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(await ordersOf(user.uid)).toHaveLength(1);
    expect(intentsOf(user.uid)).toHaveLength(1);
  });

  test('with another amount: 409', async () => {
    const user = await signIn();
    const key = randomUUID();
    await ask(user, 1500, key);
    expect(inBrief(await ask(user, 1600, key))).toEqual([409, 'ConflictException']);
    expect(await ordersOf(user.uid)).toMatchObject([{ amount: 1500 }]);
    expect(intentsOf(user.uid)).toHaveLength(1);
  });

  test('of another user: another intent', async () => {
    const [one, other] = [await signIn(), await signIn()];
    const key = randomUUID();
    const answers = [await ask(one, 1500, key), await ask(other, 1500, key)];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(answers[0]?.body['id']).not.toBe(answers[1]?.body['id']);
    expect(intentsOf(one.uid)).toHaveLength(1);
    expect(intentsOf(other.uid)).toHaveLength(1);
  });

  // Stripe may have forgotten its own key by then, and would make a second intent.
  test('a day old: 409', async () => {
    const user = await signIn();
    const key = randomUUID();
    await ask(user, 1500, key);
    await age(user.uid, 22 * HOUR_S * 1000);
    expect((await ask(user, 1500, key)).status).toBe(200);
    await age(user.uid, 2 * HOUR_S * 1000);
    expect(inBrief(await ask(user, 1500, key))).toEqual([409, 'ConflictException']);
  });

  test.each([
    ['empty', ''],
    ['of two words', 'a b'],
    ['not ASCII', 'schl\u00fcssel'],
    ['of 256 characters', 'k'.repeat(256)],
  ])('%s: 400', async (_name, key) => {
    const user = await signIn();
    expect(inBrief(await ask(user, 1500, key))).toEqual([400, 'InvalidRequestParamsException']);
    expect(await ordersOf(user.uid)).toEqual([]);
  });

  test('of 255 characters: fine', async () => {
    expect((await ask(await signIn(), 1500, `${'k'.repeat(254)}/`)).status).toBe(200);
  });
});

describe('open orders', () => {
  test('past the limit: 429 until the oldest of them is an hour old', async () => {
    const user = await signIn();
    const key = randomUUID();
    await ask(user, 1500, key);
    for (let n = 1; n < LIMIT; n += 1) await ordered(user);
    const answer = await ask(user);
    expect(inBrief(answer)).toEqual([429, 'TooManyRequestsException']);
    const times = (await ordersOf(user.uid)).map((order) => order['created_at'] as Timestamp);
    const oldest = Math.min(...times.map((time) => time.toMillis())) / 1000;
    const reset = Number(answer.headers.get('x-ratelimit-reset'));
    expect(reset).toBe(Math.ceil(oldest + HOUR_S));
    expect(reset).toBeGreaterThan(seconds());
    expect(reset).toBeLessThanOrEqual(seconds() + HOUR_S + 1);
    expect(await ordersOf(user.uid)).toHaveLength(LIMIT);
    expect(intentsOf(user.uid)).toHaveLength(LIMIT);

    expect((await ask(user, 1500, key)).status).toBe(200);
    expect((await ask(await signIn())).status).toBe(200);
    await age(user.uid, (HOUR_S + 1) * 1000);
    expect((await ask(user)).status).toBe(200);
  });

  test('ten at once: as many as the limit pass, and the rest are told so', async () => {
    const user = await signIn();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(user)));
    const statuses = answers.map((answer) => answer.status).toSorted();
    expect(statuses).toEqual([
      ...Array<number>(LIMIT).fill(200),
      ...Array<number>(10 - LIMIT).fill(429),
    ]);
    expect(await ordersOf(user.uid)).toHaveLength(LIMIT);
    expect(intentsOf(user.uid)).toHaveLength(LIMIT);
  });

  test('a paid order is not open', async () => {
    const user = await signIn();
    const paid = await ordered(user);
    for (let n = 1; n < LIMIT; n += 1) await ordered(user);
    expect((await ask(user)).status).toBe(429);
    world.stripe.control.confirm(paid);
    expect((await status(user, paid)).body).toEqual({ status: 'paid' });
    expect((await ask(user)).status).toBe(200);
    expect((await ask(user)).status).toBe(429);
  });

  test('an order that Stripe never heard of is open', async () => {
    const user = await signIn();
    world.stripe.control.fault({ match: 'POST /v1/payment_intents$', drop: true, times: 2 });
    expect((await ask(user)).status).toBe(503);
    for (let n = 1; n < LIMIT; n += 1) await ordered(user);
    expect((await ask(user)).status).toBe(429);
  });
});

describe('CORS', () => {
  const preflight = (from: string) =>
    send(CREATE, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    });

  test('a preflight of the app is answered without a token', async () => {
    const { status: code, headers } = await preflight(APP_ORIGIN);
    expect(code).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(APP_ORIGIN);
    expect(headers.get('vary')).toMatch(/origin/i);
    expect(headers.get('access-control-allow-methods')).toBe('POST');
    const allowed = headers.get('access-control-allow-headers')?.split(',');
    expect(allowed).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'idempotency-key', 'if-none-match']),
    );
    expect(await preflight('http://localhost:3000')).toMatchObject({ status: 204 });
  });

  test.each(['https://evil.example.com', 'https://app.example.com.evil.com', 'null'])(
    '%s is not allowed',
    async (from) => {
      const asked = await preflight(from);
      const called = await send(CREATE, {
        headers: { origin: from },
        body: { amount: 1500, BODY },
      });
      for (const { headers } of [asked, called]) {
        expect(headers.get('access-control-allow-origin')).toBeNull();
      }
    },
  );

  test.each([
    ['an answer', 1500, 200],
    ['a refusal', 1, 400],
  ])('the app can read %s and its headers', async (_name, amount, code) => {
    const answer = await call(CREATE, await signIn(), { amount }, { origin: APP_ORIGIN });
    expect(answer.status).toBe(code);
    expect(answer.headers.get('access-control-allow-origin')).toBe(APP_ORIGIN);
    const exposed = answer.headers.get('access-control-expose-headers')?.split(',');
    expect(exposed).toEqual(expect.arrayContaining(['x-ratelimit-reset', 'etag']));
  });

  test('the mobile apps send no origin and are answered', async () => {
    const answer = await ask(await signIn());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the trouble of Stripe is not the words of our answer', () => {
  const troubles: [string, ApiFault, number, string][] = [
    ['refuses the key', { status: 401 }, 500, 'InternalServerErrorException'],
    ['forbids the key to', { status: 403 }, 500, 'InternalServerErrorException'],
    ['finds a fault', { status: 400 }, 500, 'InternalServerErrorException'],
    ['is asked too often', { status: 429 }, 503, 'ServiceUnavailableException'],
    ['is busy with it', { status: 409 }, 503, 'ServiceUnavailableException'],
    ['fails', { status: 500 }, 503, 'ServiceUnavailableException'],
    ['hangs up', { drop: true }, 503, 'ServiceUnavailableException'],
  ];

  test.each(troubles)('it %s', async (_name, fault, code, errorName) => {
    const user = await signIn();
    const id = await ordered(user);
    world.stripe.control.fault({ ...fault, times: 2 });
    const created = await ask(user);
    world.stripe.control.fault({ ...fault, times: 2 });
    const read = await status(user, id);
    for (const answer of [created, read]) {
      const errorMessage = code === 503 ? 'Try again later.' : 'Something went wrong.';
      expect([answer.status, answer.body]).toEqual([code, { errorName, errorMessage }]);
    }
    const lines = logged().map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line['function'])).toEqual([CREATE, STATUS]);
    expect(logged().join('\n')).not.toContain('ordered');
  });

  test('it does not answer', async () => {
    const user = await signIn();
    const id = await ordered(user);
    world.stripe.control.fault({ timeout: true, times: 4 });
    const answers = await Promise.all([ask(user), status(user, id)]);
    for (const answer of answers) {
      expect(inBrief(answer)).toEqual([503, 'ServiceUnavailableException']);
    }
  });
});

describe('the status', () => {
  type Acts = (stripe: StripeControl, id: string) => void;

  const paid: Acts = (stripe, id) => {
    stripe.confirm(id);
    stripe.captureFromDashboard(id);
  };

  const states: [string, string, Acts, string[]][] = [
    ['nobody has paid', 'unpaid', () => undefined, []],
    ['paid and held', 'paid', (stripe, id) => stripe.confirm(id), ['payment 1500']],
    ['captured by somebody else', 'paid', paid, ['payment 1500']],
    ['under review', 'review', (stripe, id) => stripe.confirm(id, { review: true }), []],
    [
      'approved',
      'paid',
      (stripe, id) => {
        stripe.confirm(id, { review: true });
        stripe.approveReview(id);
      },
      ['payment 1500'],
    ],
    [
      'refused as a fraud',
      'unpaid',
      (stripe, id) => {
        stripe.confirm(id, { review: true });
        stripe.closeReview(id, 'refunded_as_fraud');
      },
      [],
    ],
    ['cancelled before it was paid', 'unpaid', (stripe, id) => stripe.cancelFromDashboard(id), []],
    [
      'expired',
      'unpaid',
      (stripe, id) => {
        stripe.confirm(id);
        stripe.expireHold(id);
      },
      [],
    ],
    [
      'refunded in part',
      'paid',
      (stripe, id) => {
        paid(stripe, id);
        stripe.refund(id, 500);
      },
      ['payment 1500', 'refund -500'],
    ],
    [
      'refunded',
      'refunded',
      (stripe, id) => {
        paid(stripe, id);
        stripe.refund(id);
      },
      ['payment 1500', 'refund -1500'],
    ],
  ];

  test.each(states)('%s: %s, and no webhook came', async (_name, expected, act, rows) => {
    const user = await signIn();
    const id = await ordered(user);
    act(world.stripe.control, id);
    const answer = await status(user, id);
    expect([answer.status, answer.body]).toEqual([200, { status: expected }]);
    const written = await rowsOf(world, user.uid);
    expect(inShort(written)).toEqual(rows);

    const [order] = await ordersOf(user.uid);
    for (const row of written) {
      expect(row).toMatchObject({ order_id: order?.['order_id'] as unknown, is_synced: true });
    }
    const sum = written.reduce((cents, row) => cents + Number(row['amount']), 0);
    expect(world.retail.control.balance(user.uid)).toBe(rows.length === 0 ? null : sum);

    const repeated = await Promise.all([status(user, id), status(user, id), status(user, id)]);
    expect(repeated.map(({ body }) => body['status'])).toEqual([expected, expected, expected]);
    expect(await rowsOf(world, user.uid)).toEqual(written);
    expect(world.retail.control.transactions(user.uid)).toHaveLength(rows.length);
  });

  test('five calls at once after the payment: one capture, one row, one credit', async () => {
    const user = await signIn();
    const id = await ordered(user);
    world.stripe.control.confirm(id);
    const answers = await Promise.all(Array.from({ length: 5 }, () => status(user, id)));
    expect(answers.map(({ body }) => body['status'])).toEqual(Array<string>(5).fill('paid'));
    const rows = await rowsOf(world, user.uid);
    expect(rows).toMatchObject([{ payment_id: `stripe_${id}`, parent_id: null }]);
    expect(world.retail.control.balance(user.uid)).toBe(1500);
  });

  test('the Retail API is down: paid all the same, and the row is due', async () => {
    const user = await signIn();
    const id = await ordered(user);
    world.stripe.control.confirm(id);
    world.retail.control.down(true);
    expect((await status(user, id)).body).toEqual({ status: 'paid' });
    const [row] = await rowsOf(world, user.uid);
    expect(row).toMatchObject({ is_synced: false, next_sync_at: expect.anything() as unknown });
  });

  describe('is not there', () => {
    const ours = { purpose: 'balance_topup', order_id: 'order1' };

    test("for an unknown id and for somebody else's, in the same words", async () => {
      const [user, other] = [await signIn(), await signIn()];
      const theirs = await ordered(other);
      world.stripe.control.confirm(theirs);
      const unknown = await status(user, 'pi_unknown');
      expect(inBrief(unknown)).toEqual([404, 'NotFoundException']);
      const denied = await status(user, theirs);
      expect(inBrief(denied)).toEqual([404, 'NotFoundException']);
      expect(denied.body).toEqual(unknown.body);
      // Neither was anything done for the asker.
      expect(world.stripe.control.object(theirs)).toMatchObject({ status: 'requires_capture' });
      expect(await rowsOf(world, other.uid)).toEqual([]);
    });

    test.each([
      ['made by another program', (uid: string) => ({ uid })],
      ['of ours without a user', () => ours],
      ['of ours with an empty user', () => ({ ...ours, uid: ' ' })],
    ])('for an intent %s', async (_name, metadata) => {
      const user = await signIn();
      const { id } = world.stripe.control.createForeignIntent({
        captureMethod: 'manual',
        metadata: metadata(user.uid),
      });
      world.stripe.control.confirm(id);
      expect(inBrief(await status(user, id))).toEqual([404, 'NotFoundException']);
      expect(world.stripe.control.object(id)).toMatchObject({ status: 'requires_capture' });
      expect(await rowsOf(world, user.uid)).toEqual([]);
    });

    test("for somebody else's in another currency", async () => {
      const { id } = world.stripe.control.createForeignIntent({
        currency: 'eur',
        metadata: { ...ours, uid: 'somebody' },
      });
      expect(inBrief(await status(await signIn(), id))).toEqual([404, 'NotFoundException']);
    });

    test.each([
      undefined,
      null,
      7,
      '',
      'pi_',
      'ch_1',
      'pi_1/capture',
      'pi_1?expand[]=customer',
      'pi_..',
      ' pi_1',
      'pi_1\n',
      `pi_${'1'.repeat(256)}`,
    ])('for %j, which is no id: 400', async (id) => {
      const answer = await status(await signIn(), id);
      expect(inBrief(answer)).toEqual([400, 'InvalidRequestParamsException']);
      expect(world.stripe.control.requests()).toEqual([]);
    });
  });
});

test('what the log said in all these tests is in its allow-list', () => {
  const names = new Set(collected().flatMap((line) => Object.keys(JSON.parse(line) as object)));
  const allowed = ['severity', 'message', 'function', 'gateway', 'event_id', 'event_type'];
  allowed.push(
    'payment_id',
    'outcome',
    'reason',
    'status',
    'error',
    'error_name',
    'cause',
    'frames',
  );
  expect([...names].filter((name) => !allowed.includes(name))).toEqual([]);
});

describe('Firebase Auth cannot be reached', () => {
  beforeAll(async () => {
    await world.stop();
    world = await startWorld({ ...environment, FIREBASE_AUTH_EMULATOR_HOST: '127.0.0.1:9' });
  });

  // A 401 would sign the user out.
  test('503, and nobody is signed out', async () => {
    const answer = await ask(await signIn());
    expect(inBrief(answer)).toEqual([503, 'ServiceUnavailableException']);
    expect(logged().join('\n')).toContain('The token could not be checked.');
  });
});
