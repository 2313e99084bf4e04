import {
  readAppCheckConfig,
  readRecaptchaConfig,
} from '../../../functions/src/config/attestation.ts';
import { Misconfigured } from '../../../functions/src/errors.ts';

const inTest = { PAYMENTS_MODE: 'test', APP_ALLOWED_ORIGINS: 'https://app.example.com' };
const inLive = { ...inTest, PAYMENTS_MODE: 'live' };

describe('reCAPTCHA', () => {
  test.each([{}, { RECAPTCHA_SITE_KEY: ' ' }, { RECAPTCHA_MIN_SCORE: '0.7' }])(
    'is off without a site key: %j',
    (given) => {
      expect(readRecaptchaConfig({ ...inTest, ...given })).toBeUndefined();
    },
  );

  test('what is not given is as documented', () => {
    expect(readRecaptchaConfig({ ...inLive, RECAPTCHA_SITE_KEY: 'k' })).toEqual({
      siteKeys: new Map([['web', 'k']]),
      hostnames: ['app.example.com'],
      minScoreHundredths: 50,
      exemptActions: [],
      timeoutMs: 4_000,
      url: 'https://recaptchaenterprise.googleapis.com',
    });
  });

  test('what is given is taken', () => {
    expect(
      readRecaptchaConfig({
        PAYMENTS_MODE: 'test',
        RECAPTCHA_ANDROID_SITE_KEY: 'a',
        RECAPTCHA_IOS_SITE_KEY: 'i',
        RECAPTCHA_MIN_SCORE: '0.7',
        RECAPTCHA_EXEMPT_ACTIONS: 'cryptomus_payment, payeer_payment',
        RECAPTCHA_TIMEOUT_MS: '100',
        RECAPTCHA_API_URL: 'http://127.0.0.1:9210/',
      }),
    ).toEqual({
      siteKeys: new Map([
        ['android', 'a'],
        ['ios', 'i'],
      ]),
      hostnames: [],
      minScoreHundredths: 70,
      exemptActions: ['cryptomus_payment', 'payeer_payment'],
      timeoutMs: 100,
      url: 'http://127.0.0.1:9210',
    });
  });

  test('on the web there are sites, or nobody could pass', () => {
    const read = () => readRecaptchaConfig({ PAYMENTS_MODE: 'test', RECAPTCHA_SITE_KEY: 'k' });
    expect(read).toThrow(
      new Misconfigured('Configuration: RECAPTCHA_SITE_KEY needs APP_ALLOWED_ORIGINS'),
    );
  });

  test.each([
    ['0', 0],
    ['0.0', 0],
    ['0.29', 29],
    ['0.57', 57],
    ['0.58', 58],
    ['1', 100],
    ['1.00', 100],
  ])('the score %s is %i hundredths', (text, hundredths) => {
    const given = { ...inTest, RECAPTCHA_SITE_KEY: 'k', RECAPTCHA_MIN_SCORE: text };
    expect(readRecaptchaConfig(given)?.minScoreHundredths).toBe(hundredths);
  });

  test.each(['1.1', '-0.5', '.5', '0.555', '5e-1', '0,5', '50', '50%', 'high'])(
    'the score %j is refused by name',
    (text) => {
      const given = { ...inTest, RECAPTCHA_SITE_KEY: 'k', RECAPTCHA_MIN_SCORE: text };
      expect(() => readRecaptchaConfig(given)).toThrow(
        new Misconfigured(
          'Configuration: RECAPTCHA_MIN_SCORE must be a number from 0 to 1, such as 0.5',
        ),
      );
    },
  );

  test('live calls go to Google alone', () => {
    const given = { RECAPTCHA_SITE_KEY: 'k', RECAPTCHA_API_URL: 'http://127.0.0.1:9210' };
    expect(() => readRecaptchaConfig({ ...inLive, ...given })).toThrow(
      new Misconfigured('Configuration: RECAPTCHA_API_URL must not be overridden in live mode'),
    );
  });
});

describe('App Check', () => {
  test.each([{}, { APP_CHECK_ENABLED: 'false' }, { APP_CHECK_APP_IDS: '1:1:web:1' }])(
    'is off unless it is switched on: %j',
    (given) => {
      expect(readAppCheckConfig({ ...inLive, ...given })).toBeUndefined();
    },
  );

  test('what is not given is as documented', () => {
    expect(readAppCheckConfig({ ...inLive, APP_CHECK_ENABLED: 'true' })).toEqual({
      appIds: [],
      jwksUrl: 'https://firebaseappcheck.googleapis.com/v1/jwks',
    });
  });

  test('what is given is taken', () => {
    expect(
      readAppCheckConfig({
        ...inTest,
        APP_CHECK_ENABLED: 'true',
        APP_CHECK_APP_IDS: '1:1:web:1, 1:1:ios:2',
        APP_CHECK_JWKS_URL: 'http://127.0.0.1:9210/v1/jwks',
      }),
    ).toEqual({ appIds: ['1:1:web:1', '1:1:ios:2'], jwksUrl: 'http://127.0.0.1:9210/v1/jwks' });
  });

  // Whoever holds the keys says who is let in.
  test('live keys are those of Google alone', () => {
    const given = {
      APP_CHECK_ENABLED: 'true',
      APP_CHECK_JWKS_URL: 'https://evil.example.com/jwks',
    };
    expect(() => readAppCheckConfig({ ...inLive, ...given })).toThrow(
      new Misconfigured('Configuration: APP_CHECK_JWKS_URL must not be overridden in live mode'),
    );
  });

  test.each(['TRUE', '1', 'yes'])('%s switches nothing on by chance', (text) => {
    expect(() => readAppCheckConfig({ ...inTest, APP_CHECK_ENABLED: text })).toThrow(Misconfigured);
  });
});
