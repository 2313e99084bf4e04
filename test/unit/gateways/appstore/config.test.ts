import { generateKeyPairSync } from 'node:crypto';
import { Misconfigured } from '../../../../functions/src/errors.ts';
import { appleRootCaG3 } from '../../../../functions/src/gateways/appstore/apple-root-ca-g3.ts';
import { readApiConfig, readConfig } from '../../../../functions/src/gateways/appstore/config.ts';
import { authority } from './bench.ts';

const live = {
  PAYMENTS_MODE: 'live',
  APPSTORE_BUNDLE_ID: 'com.example.numbers',
  APPSTORE_APP_APPLE_ID: '6400000001',
};
const sandbox = { PAYMENTS_MODE: 'test', APPSTORE_BUNDLE_ID: 'com.example.numbers' };
const ownRoot = { APPSTORE_ROOT_CERTIFICATE: authority.root.der.toString('base64') };

test('a live deployment trusts Apple, and knows the app by its number', () => {
  expect(readConfig(live)).toEqual({
    mode: 'live',
    bundleId: 'com.example.numbers',
    appAppleId: 6_400_000_001,
    root: appleRootCaG3,
  });
});

test('a test deployment trusts Apple too, unless it is given another root', () => {
  expect(readConfig(sandbox).root).toEqual(appleRootCaG3);
  expect(readConfig({ ...sandbox, ...ownRoot }).root).toEqual(authority.root.der);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['another root where money is real', { ...live, ...ownRoot }, /APPSTORE_ROOT_CERTIFICATE/],
  ['no mode', { ...live, PAYMENTS_MODE: '' }, /PAYMENTS_MODE/],
  ['no bundle', { ...live, APPSTORE_BUNDLE_ID: ' ' }, /APPSTORE_BUNDLE_ID/],
  ['no app number', { ...live, APPSTORE_APP_APPLE_ID: '' }, /APPSTORE_APP_APPLE_ID/],
  ['a name for a number', { ...live, APPSTORE_APP_APPLE_ID: 'numbers' }, /APPSTORE_APP_APPLE_ID/],
  [
    'a path for a root',
    { ...sandbox, APPSTORE_ROOT_CERTIFICATE: './root.cer' },
    /ROOT_CERTIFICATE/,
  ],
  ['garbage for a root', { ...sandbox, APPSTORE_ROOT_CERTIFICATE: 'AAAA' }, /ROOT_CERTIFICATE/],
])('%s is refused', (_, environment, message) => {
  const read = () => readConfig(environment);
  expect(read).toThrow(Misconfigured);
  expect(read).toThrow(message);
});

describe('the API', () => {
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const wanted = {
    ...live,
    APPSTORE_CONSUMPTION_CONSENT: 'true',
    APPSTORE_PRIVATE_KEY: pem,
    APPSTORE_KEY_ID: 'KEYID',
    APPSTORE_ISSUER_ID: 'issuer',
  };

  test('is used with a key only, and told of consumption with consent only', () => {
    const { url, hasConsent } = readApiConfig(wanted) ?? {};
    expect([url, hasConsent]).toEqual(['https://api.storekit.apple.com', true]);
    const silent = { ...wanted, APPSTORE_CONSUMPTION_CONSENT: 'false' };
    expect(readApiConfig(silent)?.hasConsent).toBe(false);
    expect(readApiConfig({ ...wanted, APPSTORE_PRIVATE_KEY: 'none' })).toBeUndefined();
    expect(readApiConfig(live)).toBeUndefined();
  });

  test('takes a key of one line', () => {
    const oneLine = { ...wanted, APPSTORE_PRIVATE_KEY: pem.trim().replaceAll('\n', '\\n') };
    expect(readApiConfig(oneLine)?.privateKey).toBe(pem.trim());
  });

  test.each([
    ['none', 'garbage'],
    [
      'one of RSA',
      generateKeyPairSync('rsa', { modulusLength: 2048 })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
    ],
  ])('a key that is %s is refused, and not quoted', (_, APPSTORE_PRIVATE_KEY) => {
    const read = () => readApiConfig({ ...wanted, APPSTORE_PRIVATE_KEY });
    expect(read).toThrow(Misconfigured);
    expect(read).toThrow(
      "Configuration: APPSTORE_PRIVATE_KEY must be the text of Apple's .p8 file",
    );
  });

  test('half a configuration, or another address where money is real, is refused', () => {
    expect(() => readApiConfig({ ...wanted, APPSTORE_KEY_ID: '' })).toThrow(/APPSTORE_KEY_ID/);
    const elsewhere = { ...wanted, APPSTORE_API_URL: 'https://api.example.com' };
    expect(() => readApiConfig(elsewhere)).toThrow(Misconfigured);
  });
});
