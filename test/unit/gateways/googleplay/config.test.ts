import { generateKeyPairSync } from 'node:crypto';
import { Misconfigured } from '../../../../functions/src/errors.ts';
import {
  readConfig,
  readPushConfig,
} from '../../../../functions/src/gateways/googleplay/config.ts';
import { keyFile } from '../../../standins/googleplay/keys.ts';
import { ACCOUNT, accountKey } from './bench.ts';

const file = keyFile(ACCOUNT, accountKey.privateKey);

const environment = {
  PAYMENTS_MODE: 'live',
  GOOGLE_PLAY_PACKAGE_NAME: 'com.example.numbers',
  GOOGLE_PLAY_SECRET_FILE: file,
  GOOGLE_PLAY_PUSH_AUDIENCE: 'https://payments.example.com/push',
  GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT: 'push@standin.iam.gserviceaccount.com',
};

/** What reading throws; fails when it throws nothing. */
function refusal(read: () => unknown): Misconfigured {
  try {
    read();
  } catch (error) {
    if (error instanceof Misconfigured) return error;
  }
  throw new Error('was not refused');
}

test('a live deployment talks to Google alone', () => {
  expect(readConfig(environment)).toEqual({
    mode: 'live',
    packageName: 'com.example.numbers',
    key: { email: ACCOUNT, privateKey: accountKey.privateKey },
    apiUrl: 'https://androidpublisher.googleapis.com',
    tokenUrl: 'https://oauth2.googleapis.com/token',
  });
  expect(readPushConfig(environment).certificatesUrl).toBe(
    'https://www.googleapis.com/oauth2/v1/certs',
  );
});

test('a live deployment takes no other address, for calls and for certificates', () => {
  const overridden = { ...environment, GOOGLE_PLAY_API_URL: 'http://127.0.0.1:9206' };
  expect(refusal(() => readConfig(overridden)).message).toContain('GOOGLE_PLAY_API_URL');
  expect(refusal(() => readPushConfig(overridden)).message).toContain('GOOGLE_PLAY_API_URL');
});

test('one address stands for all of Google on a test deployment', () => {
  const url = 'http://127.0.0.1:9206';
  const local = { ...environment, PAYMENTS_MODE: 'test', GOOGLE_PLAY_API_URL: `${url}/` };
  const { apiUrl, tokenUrl } = readConfig(local);
  const { certificatesUrl } = readPushConfig(local);
  expect([apiUrl, tokenUrl, certificatesUrl]).toEqual([
    url,
    `${url}/token`,
    `${url}/oauth2/v1/certs`,
  ]);
});

test.each(Object.keys(environment))('without %s nothing opens', (name) => {
  const without = { ...environment, [name]: '' };
  const read = () => [readConfig(without), readPushConfig(without)];
  expect(refusal(read).message).toContain(name);
});

test.each([
  ['GOOGLE_PLAY_PACKAGE_NAME', 'numbers'],
  ['GOOGLE_PLAY_PACKAGE_NAME', 'com.example/../other'],
  ['GOOGLE_PLAY_PUSH_SERVICE_ACCOUNT', 'push'],
])('%s is not %s', (name, value) => {
  const wrong = { ...environment, [name]: value };
  const read = () => [readConfig(wrong), readPushConfig(wrong)];
  expect(refusal(read).message).toContain(name);
});

const { private_key: pem } = JSON.parse(file) as { private_key: string };
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

test.each([
  ['a byte order mark', `\uFEFF${file}`],
  ['line ends escaped twice', keyFile(ACCOUNT, pem.replaceAll('\n', '\\n'))],
])('a key file with %s is read', (_, text) => {
  const { key } = readConfig({ ...environment, GOOGLE_PLAY_SECRET_FILE: text });
  expect(key).toEqual({ email: ACCOUNT, privateKey: accountKey.privateKey });
});

test.each([
  ['a path', '/secrets/google-play.json'],
  ['a user’s credentials', file.replace('service_account', 'authorized_user')],
  ['a number', '7'],
  ['no e-mail address', file.replace(ACCOUNT, '')],
  ['no key', keyFile(ACCOUNT, '')],
  ['a public key', keyFile(ACCOUNT, accountKey.publicKey)],
  ['a truncated key', keyFile(ACCOUNT, pem.slice(0, 400))],
  ['a key of another kind', keyFile(ACCOUNT, String(ec.export({ type: 'pkcs8', format: 'pem' })))],
])('%s is no key file, and is not quoted', (_, text) => {
  const wrong = { ...environment, GOOGLE_PLAY_SECRET_FILE: text };
  const { message, cause } = refusal(() => readConfig(wrong));
  expect(message).toBe(
    "Configuration: GOOGLE_PLAY_SECRET_FILE must be the JSON text of a service account's key file",
  );
  expect(cause).toBeUndefined();
});
