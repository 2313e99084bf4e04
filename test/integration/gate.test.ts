import type { User } from '../../scripts/stack/client.ts';
import { PROJECT } from '../../scripts/stack/values.ts';
import { APP_ORIGIN, ServedApp } from '../harness/app.ts';
import { documentsWith } from '../harness/documents-with.ts';
import { logFromNow } from '../harness/log.ts';
import type { Solution } from '../standins/google/recaptcha.ts';
import { startGoogle, type GoogleStandin } from '../standins/google/server.ts';

const NAME = 'payeer-createOrder';
const SITE_KEY = 'key-web';
const TIMEOUT_MS = 1_000;
const PER_MINUTE = 5;

const solution: Solution = {
  siteKey: SITE_KEY,
  action: 'payeer_payment',
  hostname: new URL(APP_ORIGIN).hostname,
};

let google: GoogleStandin;
let app: ServedApp;
let user: User;
let logged: () => string[];
/** Every token that was made: no log line may hold one. */
const tokens = new Set<string>();

beforeAll(async () => {
  google = await startGoogle({ project: PROJECT, siteKeys: [SITE_KEY, 'key-other'] });
});

afterAll(() => google.stop());

/** The functions with what they need for one payment, and the gate as given. */
async function start(gate: Record<string, string>): Promise<void> {
  app = await ServedApp.start({
    PAYEER_ENABLED: 'true',
    PAYEER_MERCHANT_ID: '700112233',
    PAYEER_SECRET_KEY: 'payeer-standin',
    PAYEER_ENCRYPTION_KEY: 'payeer-encryption-standin',
    OPEN_ORDERS_PER_HOUR: '1000',
    // The service account's access token is got as on Google's machines, whoever is signed in here.
    CLOUDSDK_CONFIG: '/nowhere',
    GOOGLE_APPLICATION_CREDENTIALS: '',
    METADATA_SERVER_DETECTION: 'assume-present',
    GCE_METADATA_HOST: new URL(google.origin).host,
    RECAPTCHA_API_URL: google.origin,
    APP_CHECK_JWKS_URL: `${google.origin}/v1/jwks`,
    RECAPTCHA_SITE_KEY: '',
    APP_CHECK_ENABLED: '',
    CALLS_PER_MINUTE: '',
    ...gate,
  });
}

beforeEach(async () => {
  google.control.reset();
  logged = logFromNow();
  user = await app.stack.signIn();
  tokens.add(user.token);
});

afterEach(() => {
  const text = logged().join('\n');
  expect([...tokens].filter((token) => text.includes(token))).toEqual([]);
});

function solve(given: Partial<Solution> = {}): string {
  const token = google.control.solve({ ...solution, ...given });
  tokens.add(token);
  return token;
}

function attest(...given: Parameters<GoogleStandin['control']['attest']>): string {
  const token = google.control.attest(...given);
  tokens.add(token);
  return token;
}

const urls = { success_url: `${APP_ORIGIN}/paid`, fail_url: `${APP_ORIGIN}/failed` };

function pay(body: object = {}, headers: Record<string, string> = {}) {
  return app.call<{ errorName?: string; errorMessage?: string; m_sign?: string }>(
    NAME,
    { amount: 1500, ...urls, ...body },
    user,
    headers,
  );
}

async function orders(): Promise<number> {
  const all = app.stack.firestore.collection('tn_orders');
  return (await documentsWith(all, 'uid', user.uid)).length;
}

const refusal = ({ status, body }: Awaited<ReturnType<typeof pay>>) => [
  status,
  body.errorName,
  body.errorMessage,
];

const bad = (message: string) => [400, 'InvalidRequestParamsException', message];
const down = [503, 'ServiceUnavailableException', 'Try again later.'];
const ours = [500, 'InternalServerErrorException', 'Something went wrong.'];

describe('reCAPTCHA is on', () => {
  beforeAll(() => start({ RECAPTCHA_SITE_KEY: SITE_KEY, RECAPTCHA_TIMEOUT_MS: `${TIMEOUT_MS}` }));
  afterAll(() => app.stop());

  test('a person pays, for one question to Google', async () => {
    const token = solve();
    const answer = await pay({ recaptcha_token: token, platform: 'web' }, { 'user-agent': 'ann' });
    expect(answer).toMatchObject({ status: 200, body: { m_sign: expect.any(String) as unknown } });
    expect(await orders()).toBe(1);
    expect(google.control.assessed()).toEqual([
      { token, siteKey: SITE_KEY, expectedAction: 'payeer_payment', userAgent: 'ann' },
    ]);
  });

  test('one access token is good for many questions', async () => {
    await pay({ recaptcha_token: solve() });
    const before = google.control.accessTokens();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => pay({ recaptcha_token: solve() })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(google.control.accessTokens()).toBe(before);
  });

  const missing = bad('recaptcha_token is missing.');
  const expired = bad('The reCAPTCHA token has expired; get a new one.');
  const refusals: [string, () => object, unknown[]][] = [
    ['no token', () => ({}), missing],
    ['the empty token of a client that has it off', () => ({ recaptcha_token: '' }), missing],
    ['garbage', () => ({ recaptcha_token: 'garbage' }), bad('The reCAPTCHA token is malformed.')],
    ['a stale token', () => ({ recaptcha_token: solve({ ageMs: 121_000 }) }), expired],
    [
      'a stale token that Google takes',
      () => ({ recaptcha_token: solve({ ageMs: 121_000, neverExpires: true }) }),
      expired,
    ],
    [
      'a token for another action',
      () => ({ recaptcha_token: solve({ action: 'stripe_payment' }) }),
      bad('The reCAPTCHA token is for another action.'),
    ],
    [
      'a token of another site key',
      () => ({ recaptcha_token: solve({ siteKey: 'key-other' }) }),
      bad('The reCAPTCHA token is not valid here.'),
    ],
    [
      'a token from another site',
      () => ({ recaptcha_token: solve({ hostname: 'evil.example.com' }) }),
      bad('The reCAPTCHA token is from another site.'),
    ],
    [
      'a low score',
      () => ({ recaptcha_token: solve({ score: 0.4 }) }),
      bad('The reCAPTCHA score is too low.'),
    ],
    [
      'a platform without a key',
      () => ({ recaptcha_token: solve(), platform: 'ios' }),
      bad('There is no reCAPTCHA key for this platform.'),
    ],
    [
      'a token that is no text',
      () => ({ recaptcha_token: [solve()] }),
      bad('Missing or malformed: recaptcha_token.'),
    ],
    [
      'a token of megabytes',
      () => ({ recaptcha_token: 'x'.repeat(16_385) }),
      bad('Missing or malformed: recaptcha_token.'),
    ],
  ];

  test.each(refusals)('%s: 400, and no order', async (_name, body, expected) => {
    expect(refusal(await pay(body()))).toEqual(expected);
    expect(await orders()).toBe(0);
  });

  test('a token pays once', async () => {
    const token = solve();
    expect((await pay({ recaptcha_token: token })).status).toBe(200);
    const again = await pay({ recaptcha_token: token });
    expect(refusal(again)).toEqual(bad('The reCAPTCHA token was used before; get a new one.'));
    expect(await orders()).toBe(1);
  });

  test('five calls at once with one token: one order', async () => {
    const token = solve();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => pay({ recaptcha_token: token })),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, 400, 400, 400, 400]);
    expect(await orders()).toBe(1);
  });

  test('no token is spent on a stranger, nor on a call that says too little', async () => {
    const token = solve();
    const stranger = await app.call(NAME, { amount: 1500, ...urls, recaptcha_token: token });
    expect(stranger.status).toBe(401);
    expect((await pay({ amount: '15', recaptcha_token: token })).status).toBe(400);
    const key = { 'idempotency-key': 'not visible' };
    expect((await pay({ recaptcha_token: token }, key)).status).toBe(400);
    expect(google.control.assessed()).toEqual([]);
    expect((await pay({ recaptcha_token: token })).status).toBe(200);
  });

  test('a call that places no order is not asked for a token', async () => {
    const { status } = await app.call('paypal-captureOrder', { order_id: 'not one' }, user);
    expect(status).toBe(400);
    expect(google.control.assessed()).toEqual([]);
    expect(logged().join('\n')).toContain('Missing or malformed: order_id.');
  });

  test.each([
    [{ status: 500 }, down],
    [{ status: 429 }, down],
    [{ drop: true as const }, down],
    [{ timeout: true as const }, down],
    [{ status: 401 }, ours],
    [{ status: 403 }, ours],
    [{ status: 404 }, ours],
  ])('Google: %j, and no order', async (fault, expected) => {
    google.control.fault({ match: 'POST /v1', ...fault });
    const started = performance.now();
    expect(refusal(await pay({ recaptcha_token: solve() }))).toEqual(expected);
    expect(performance.now() - started).toBeLessThan(10 * TIMEOUT_MS);
    expect(await orders()).toBe(0);
  });
});

describe('App Check is on', () => {
  beforeAll(() => start({ APP_CHECK_ENABLED: 'true' }));
  afterAll(() => app.stop());

  const withApp = (token: string) => pay({}, { 'x-firebase-appcheck': token });
  const invalid = [400, 'AppCheckException', 'The App Check token is not valid here.'];

  test('the keys cannot be had: 503, and the next call is fine', async () => {
    google.control.fault({ match: 'GET /v1/jwks', status: 500 });
    expect(refusal(await withApp(attest()))).toEqual(down);
    expect((await withApp(attest())).status).toBe(200);
  });

  test('our app is let in, and the keys are fetched once', async () => {
    expect((await withApp(attest())).status).toBe(200);
    const before = google.control.keysAsked();
    expect((await withApp(attest())).status).toBe(200);
    expect(google.control.keysAsked()).toBe(before);
    expect(google.control.assessed()).toEqual([]);
  });

  const past = Math.floor(Date.now() / 1000) - 1;
  const refusals: [string, () => string, unknown[]][] = [
    [
      'an empty token',
      () => '',
      [400, 'AppCheckException', 'The header X-Firebase-AppCheck is missing.'],
    ],
    ['garbage', () => 'garbage', invalid],
    [
      'an expired token',
      () => attest({ claims: { exp: past } }),
      [400, 'AppCheckException', 'The App Check token has expired; get a new one.'],
    ],
    ['a forged token', () => attest({ forged: true }), invalid],
    ['an unsigned token', () => attest({ header: { alg: 'none' } }), invalid],
    [
      'a token for another project',
      () => attest({ claims: { aud: ['projects/1', 'projects/other'] } }),
      invalid,
    ],
    ['the ID token of the user', () => user.token, invalid],
  ];

  // A 401 would sign the user out.
  test.each(refusals)('%s: 400, and no order', async (_name, make, expected) => {
    expect(refusal(await withApp(make()))).toEqual(expected);
    expect(await orders()).toBe(0);
  });

  test('no token: 400 for every call of a signed-in user', async () => {
    const expected = [400, 'AppCheckException', 'The header X-Firebase-AppCheck is missing.'];
    expect(refusal(await pay())).toEqual(expected);
    const status = await app.call<object>('stripe-getPaymentIntentStatus', {}, user);
    expect(refusal(status)).toEqual(expected);
  });

  test('an app without a user stays a stranger', async () => {
    const headers = { 'x-firebase-appcheck': attest() };
    const { status } = await app.call(NAME, { amount: 1500, ...urls }, undefined, headers);
    expect(status).toBe(401);
  });

  test('a browser may send the header', async () => {
    const response = await fetch(await app.functions.url(NAME), {
      method: 'OPTIONS',
      headers: {
        origin: APP_ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-firebase-appcheck',
      },
    });
    expect(response.status).toBe(204);
    const allowed = response.headers.get('access-control-allow-headers')?.split(',');
    expect(allowed).toContain('x-firebase-appcheck');
  });
});

describe('neither is on', () => {
  beforeAll(() => start({ CALLS_PER_MINUTE: `${PER_MINUTE}` }));
  afterAll(() => app.stop());

  test.each([{}, { recaptcha_token: '' }, { recaptcha_token: 'garbage', platform: 'toaster' }])(
    'whatever an app sends is fine, and Google is not asked: %j',
    async (body) => {
      const before = [google.control.keysAsked(), google.control.accessTokens()];
      const answer = await pay(body, { 'x-firebase-appcheck': 'garbage' });
      expect(answer.status).toBe(200);
      expect(google.control.assessed()).toEqual([]);
      expect([google.control.keysAsked(), google.control.accessTokens()]).toEqual(before);
    },
  );

  test('a client gone wild is told when to come back, and nobody else is', async () => {
    const answers = [];
    // The minute may turn once in between.
    for (let n = 0; n < 2 * PER_MINUTE + 1; n += 1) answers.push(await pay());
    expect(answers.slice(0, PER_MINUTE).map(({ status }) => status)).toEqual(
      Array<number>(PER_MINUTE).fill(200),
    );
    const [refused] = answers.filter(({ status }) => status !== 200);
    expect(refused && refusal(refused)).toEqual([
      429,
      'TooManyRequestsException',
      'Too many calls.',
    ]);
    const reset = Number(refused?.headers.get('x-ratelimit-reset'));
    expect(reset % 60).toBe(0);
    expect(Math.abs(reset - Date.now() / 1000)).toBeLessThanOrEqual(60);

    user = await app.stack.signIn();
    tokens.add(user.token);
    expect((await pay()).status).toBe(200);
  });

  test('strangers are not counted, they are refused', async () => {
    for (let n = 0; n <= 2 * PER_MINUTE; n += 1) {
      expect((await app.call(NAME, { amount: 1500, ...urls })).status).toBe(401);
    }
  });
});
