import type { RecaptchaConfig } from '../../../functions/src/config/attestation.ts';
import { Misconfigured, Unattested, Unavailable } from '../../../functions/src/errors.ts';
import { Recaptcha, type RecaptchaDeps } from '../../../functions/src/http/recaptcha.ts';
import { send } from '../../../functions/src/send.ts';
import { answeringWith } from '../../harness/send.ts';
import { startGoogle, type GoogleStandin } from '../../standins/google/server.ts';
import type { Solution } from '../../standins/google/recaptcha.ts';

const PROJECT = 'demo-temp-number';
const HOST = 'app.example.com';
const ACTION = 'stripe_payment';
const solution: Solution = { siteKey: 'key-web', action: ACTION, hostname: HOST };

let google: GoogleStandin;
let config: RecaptchaConfig;
const now = Date.UTC(2026, 0, 1);

beforeAll(async () => {
  const siteKeys = ['key-web', 'key-android', 'key-other'];
  google = await startGoogle({ project: PROJECT, siteKeys, now: () => now });
});

afterAll(() => google.stop());

beforeEach(() => {
  google.control.reset();
  config = {
    siteKeys: new Map([
      ['web', 'key-web'],
      ['android', 'key-android'],
    ]),
    hostnames: ['localhost', HOST],
    minScoreHundredths: 50,
    exemptActions: ['cryptomus_payment'],
    timeoutMs: 5_000,
    url: google.origin,
  };
});

/** Hands out a token of the stand-in's, as the metadata server does. */
async function accessToken(): Promise<string> {
  const path = '/computeMetadata/v1/instance/service-accounts/default/token';
  const headers = { 'metadata-flavor': 'Google' };
  const response = await fetch(google.origin + path, { headers });
  return ((await response.json()) as { access_token: string }).access_token;
}

function check(
  token: string,
  { platform = 'web', action = ACTION, project = PROJECT, deps = {} }: Given = {},
): Promise<void> {
  const recaptcha = new Recaptcha(config, project, {
    send,
    accessToken,
    now: () => new Date(now),
    ...deps,
  });
  return recaptcha.check(action, { recaptcha_token: token, platform }, 'a browser');
}

interface Given {
  platform?: string;
  action?: string;
  project?: string;
  deps?: Partial<RecaptchaDeps>;
}

const solve = (given: Partial<Solution> = {}) => google.control.solve({ ...solution, ...given });

test('a good token passes for one question, which tells Google what it needs to know', async () => {
  const token = solve();
  await check(token);
  expect(google.control.assessed()).toEqual([
    { token, siteKey: 'key-web', expectedAction: ACTION, userAgent: 'a browser' },
  ]);
});

describe('refused with 400', () => {
  const refusals: [string, Partial<Solution>, string][] = [
    ['malformed', { invalidReason: 'MALFORMED' }, 'The reCAPTCHA token is malformed.'],
    ['expired', { ageMs: 120_001 }, 'The reCAPTCHA token has expired; get a new one.'],
    [
      'stale, though Google takes it',
      { ageMs: 120_001, neverExpires: true },
      'The reCAPTCHA token has expired; get a new one.',
    ],
    [
      'failed in the browser',
      { invalidReason: 'BROWSER_ERROR' },
      'reCAPTCHA failed in the browser; try again.',
    ],
    [
      'of a reason that is new to us',
      { invalidReason: 'A_REASON_OF_2030' },
      'The reCAPTCHA token is not valid here.',
    ],
    ['of no reason', { invalidReason: '' }, 'The reCAPTCHA token is not valid here.'],
    ['of another key', { siteKey: 'key-other' }, 'The reCAPTCHA token is not valid here.'],
    ['for another action', { action: 'login' }, 'The reCAPTCHA token is for another action.'],
    ['for no action', { action: '' }, 'The reCAPTCHA token is for another action.'],
    [
      'from another site',
      { hostname: 'evil.example.com' },
      'The reCAPTCHA token is from another site.',
    ],
    [
      'from a site of a longer name',
      { hostname: `${HOST}.evil.com` },
      'The reCAPTCHA token is from another site.',
    ],
    ['below the score', { score: 0.49 }, 'The reCAPTCHA score is too low.'],
    ['of a robot', { score: 0 }, 'The reCAPTCHA score is too low.'],
  ];

  test.each(refusals)('%s', async (_name, given, message) => {
    await expect(check(solve(given))).rejects.toThrow(new Unattested(message));
  });

  test('used before', async () => {
    const token = solve();
    await check(token);
    const used = new Unattested('The reCAPTCHA token was used before; get a new one.');
    await expect(check(token)).rejects.toThrow(used);
  });

  test('unknown to Google', async () => {
    const malformed = new Unattested('The reCAPTCHA token is malformed.');
    await expect(check('garbage')).rejects.toThrow(malformed);
  });

  test('missing, without asking Google', async () => {
    await expect(check('')).rejects.toThrow(new Unattested('recaptcha_token is missing.'));
    expect(google.control.assessed()).toEqual([]);
  });

  test.each(['ios', 'WEB', '', '__proto__', 'constructor'])(
    'platform %j has no key, and Google is not asked',
    async (platform) => {
      const noKey = new Unattested('There is no reCAPTCHA key for this platform.');
      await expect(check(solve(), { platform })).rejects.toThrow(noKey);
      expect(google.control.assessed()).toEqual([]);
    },
  );

  test('a token of the web does not pass for one of an app', async () => {
    await expect(check(solve(), { platform: 'android' })).rejects.toThrow(Unattested);
  });

  test('a token of an app does not pass for one of the web', async () => {
    const token = google.control.solve({ siteKey: 'key-web', action: ACTION });
    const elsewhere = new Unattested('The reCAPTCHA token is from another site.');
    await expect(check(token)).rejects.toThrow(elsewhere);
  });
});

test('an app has no page', async () => {
  const token = google.control.solve({ siteKey: 'key-android', action: ACTION });
  await check(token, { platform: 'android' });
});

test('two minutes is not too old', () => check(solve({ ageMs: 120_000 })));

test.each([
  [0, 0, true],
  [10, 0.1, true],
  [50, 0.5, true],
  [70, 0.7, true],
  [90, 0.9, true],
  [100, 1, true],
  [70, 0.6, false],
  [100, 0.9, false],
])('score %i/100 is asked for, and %d scored', async (minScoreHundredths, score, passes) => {
  config = { ...config, minScoreHundredths };
  const checked = check(solve({ score }));
  await (passes
    ? expect(checked).resolves.toBeUndefined()
    : expect(checked).rejects.toThrow('The reCAPTCHA score is too low.'));
});

test('an exempt action is not asked about', async () => {
  await check('', { action: 'cryptomus_payment', platform: 'ios' });
  expect(google.control.assessed()).toEqual([]);
});

describe('Google refuses us: 500, for no token would do', () => {
  test.each([400, 401, 403, 404])('%i', async (status) => {
    google.control.fault({ match: 'POST /v1', status });
    await expect(check(solve())).rejects.toThrow(Misconfigured);
  });

  test('the site key is not one of the project', async () => {
    config = { ...config, siteKeys: new Map([['web', 'unknown']]) };
    await expect(check(solve())).rejects.toThrow(Misconfigured);
  });

  test('the project is another', async () => {
    await expect(check(solve(), { project: 'other' })).rejects.toThrow(Misconfigured);
  });

  test('the access token is not good', async () => {
    const deps = { accessToken: async () => 'stale' };
    await expect(check(solve(), { deps })).rejects.toThrow(Misconfigured);
  });
});

describe('Google does not answer: 503, and nobody passes', () => {
  test.each([
    [{ status: 500 }],
    [{ status: 503 }],
    [{ status: 429 }],
    [{ status: 200, code: 'no assessment' }],
    [{ drop: true as const }],
    [{ cutOff: true as const }],
  ])('%j', async (fault) => {
    google.control.fault({ match: 'POST /v1', ...fault });
    await expect(check(solve())).rejects.toThrow(Unavailable);
  });

  test('in time', async () => {
    config = { ...config, timeoutMs: 100 };
    google.control.fault({ match: 'POST /v1', timeout: true });
    await expect(check(solve())).rejects.toThrow(Unavailable);
  });

  test('with an access token', async () => {
    const failing = async () => {
      throw new Error('no metadata server');
    };
    await expect(check(solve(), { deps: { accessToken: failing } })).rejects.toThrow(Unavailable);
    config = { ...config, timeoutMs: 100 };
    const silent = () => new Promise<string>(() => undefined);
    await expect(check(solve(), { deps: { accessToken: silent } })).rejects.toThrow(Unavailable);
    expect(google.control.assessed()).toEqual([]);
  });

  const answers: [string, object][] = [
    ['nothing', {}],
    ['a time that is none', { tokenProperties: { valid: true, createTime: 'yesterday' } }],
    ['a score that is a text', { tokenProperties: { valid: true }, riskAnalysis: { score: '1' } }],
  ];

  test.each(answers)('in words that we know: %s', async (_name, body) => {
    const deps = { send: answeringWith(() => Response.json(body)) };
    await expect(check(solve(), { deps })).rejects.toThrow(Unavailable);
  });
});

// In JSON of Google's, what has its zero value may be left out.
test.each<[string, object]>([
  ['valid', {}],
  ['createTime', { valid: true, action: ACTION, hostname: HOST }],
  ['action', { valid: true, hostname: HOST, createTime: new Date(now).toISOString() }],
  ['score', { valid: true, action: ACTION, hostname: HOST, createTime: new Date(now) }],
])('a field that is left out never lets anybody pass: %s', async (_name, tokenProperties) => {
  const deps = { send: answeringWith(() => Response.json({ tokenProperties })) };
  await expect(check(solve(), { deps })).rejects.toThrow(Unattested);
});
