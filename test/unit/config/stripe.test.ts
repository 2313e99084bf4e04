import {
  readApiConfig,
  readConfig,
  readPublishableKey,
} from '../../../functions/src/gateways/stripe/config.ts';
import { refusal } from '../../harness/refusal.ts';

const OFFICIAL = 'https://api.stripe.com';

describe.each(['live', 'test'] as const)('in %s mode', (mode) => {
  const other = mode === 'live' ? 'test' : 'live';

  test.each(['sk', 'rk'])('a secret key %s_… of the mode is taken', (kind) => {
    const secretKey = `${kind}_${mode}_1`;
    const given = { PAYMENTS_MODE: mode, STRIPE_SECRET_KEY: secretKey };
    expect(readApiConfig(given)).toEqual({ mode, secretKey, url: OFFICIAL, timeoutMs: 8_000 });
    expect(readApiConfig({ ...given, STRIPE_API_URL: `${OFFICIAL}/` }).url).toBe(OFFICIAL);
  });

  test('a publishable key of the mode is taken', () => {
    const given = { PAYMENTS_MODE: mode, STRIPE_PUBLISHABLE_KEY: ` pk_${mode}_1\n` };
    expect(readPublishableKey(given)).toBe(`pk_${mode}_1`);
  });

  // A publishable key opens nothing on the server; a secret one would be handed to every app.
  test.each([
    `sk_${other}_1`,
    `rk_${other}_1`,
    `pk_${mode}_1`,
    `whsec_1`,
    'canary',
    `x_sk_${mode}_1`,
  ])('STRIPE_SECRET_KEY=%s is refused', (key) => {
    const message = refusal(() => readApiConfig({ PAYMENTS_MODE: mode, STRIPE_SECRET_KEY: key }));
    expect(message).toContain('STRIPE_SECRET_KEY');
    expect(message).not.toContain(key);
  });

  test.each([`pk_${other}_1`, `sk_${mode}_1`, `rk_${mode}_1`, 'canary', `x_pk_${mode}_1`])(
    'STRIPE_PUBLISHABLE_KEY=%s is refused',
    (key) => {
      const given = { PAYMENTS_MODE: mode, STRIPE_PUBLISHABLE_KEY: key };
      const message = refusal(() => readPublishableKey(given));
      expect(message).toContain('STRIPE_PUBLISHABLE_KEY');
      expect(message).not.toContain(key);
    },
  );
});

test.each([undefined, '', ' \n'])('what is not there (%j) is missing', (nothing) => {
  const given = {
    PAYMENTS_MODE: 'test',
    STRIPE_SECRET_KEY: nothing,
    STRIPE_PUBLISHABLE_KEY: nothing,
    STRIPE_WEBHOOK_SECRET: nothing,
  };
  expect(refusal(() => readApiConfig(given))).toBe('Configuration: STRIPE_SECRET_KEY is missing');
  expect(refusal(() => readPublishableKey(given))).toBe(
    'Configuration: STRIPE_PUBLISHABLE_KEY is missing',
  );
  expect(refusal(() => readConfig({ ...given, STRIPE_SECRET_KEY: 'sk_test_1' }))).toBe(
    'Configuration: STRIPE_WEBHOOK_SECRET is missing',
  );
});

test('without a mode no key is taken', () => {
  const message = 'Configuration: PAYMENTS_MODE must be live or test';
  expect(refusal(() => readApiConfig({ STRIPE_SECRET_KEY: 'sk_test_1' }))).toBe(message);
  expect(refusal(() => readPublishableKey({ STRIPE_PUBLISHABLE_KEY: 'pk_test_1' }))).toBe(message);
});

const complete = { PAYMENTS_MODE: 'test', STRIPE_SECRET_KEY: 'sk_test_1' };

test.each([
  ['whsec_1', ['whsec_1']],
  ['whsec_new, whsec_old\n', ['whsec_new', 'whsec_old']],
  [',whsec_1,', ['whsec_1']],
])('signing secrets %j', (given, expected) => {
  expect(readConfig({ ...complete, STRIPE_WEBHOOK_SECRET: given }).webhookSecrets).toEqual(
    expected,
  );
});

// With no secret at all every event would be refused as a forgery, for days and in silence.
test.each([',', ' , ,'])('signing secrets %j are none', (given) => {
  expect(refusal(() => readConfig({ ...complete, STRIPE_WEBHOOK_SECRET: given }))).toContain(
    'STRIPE_WEBHOOK_SECRET',
  );
});

describe('the address', () => {
  const inTest = { PAYMENTS_MODE: 'test', STRIPE_SECRET_KEY: 'sk_test_1' };
  const inLive = { PAYMENTS_MODE: 'live', STRIPE_SECRET_KEY: 'sk_live_1' };

  test('may be a stand-in in test mode', () => {
    const given = { ...inTest, STRIPE_API_URL: 'http://127.0.0.1:9201' };
    expect(readApiConfig(given).url).toBe('http://127.0.0.1:9201');
  });

  test('is not to be overridden in live mode', () => {
    for (const url of ['http://127.0.0.1:9201', 'https://api.stripe.com.evil.com']) {
      expect(refusal(() => readApiConfig({ ...inLive, STRIPE_API_URL: url }))).toBe(
        'Configuration: STRIPE_API_URL must not be overridden in live mode',
      );
    }
  });

  test('is refused by name where it is none', () => {
    expect(refusal(() => readApiConfig({ ...inTest, STRIPE_API_URL: 'canary' }))).toBe(
      'Configuration: STRIPE_API_URL must be an http(s) address',
    );
  });
});
