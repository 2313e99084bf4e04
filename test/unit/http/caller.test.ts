import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { Agent } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import {
  deleteApp,
  initializeApp,
  type App,
} from '../../../functions/node_modules/firebase-admin/lib/app/index.js';
import {
  AnonymousUser,
  EmailNotVerified,
  Unauthentic,
  Unavailable,
} from '../../../functions/src/errors.ts';
import { authenticate } from '../../../functions/src/http/caller.ts';
import { setEnvironment } from '../../harness/environment.ts';

const PROJECT = 'demo-temp-number';

/** An answer of Google. */
interface Reply {
  readonly status: number;
  readonly body: string;
}

const json = (status: number, body: object): Reply => ({ status, body: JSON.stringify(body) });

const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKeys = json(200, { k1: own.publicKey.export({ type: 'spki', format: 'pem' }) });

/** What Google knows of the user. */
const user = (fields: object = {}) =>
  json(200, { users: [{ localId: 'ann', validSince: '0', ...fields }] });

let google: Server;
let app: App;
let isOnline: boolean;
let keysReply: Reply;
let userReply: Reply;

beforeAll(async () => {
  // The verifier of production, which the name of an emulator would replace.
  setEnvironment({ FIREBASE_AUTH_EMULATOR_HOST: undefined });
  google = createServer((request, response) => {
    const { status, body } = request.url?.includes('x509') === true ? keysReply : userReply;
    // No key is kept from one test to the next.
    const headers = { 'content-type': 'application/json', 'cache-control': 'max-age=0' };
    response.writeHead(status, headers).end(body);
  }).listen(0, '127.0.0.1');
  await once(google, 'listening');
  const { port } = google.address() as AddressInfo;
  // Wherever the SDK wants to go, it comes here; offline, nobody listens.
  const httpAgent = new Agent();
  httpAgent.createConnection = () => connect(isOnline ? port : 9, '127.0.0.1');
  const credential = {
    getAccessToken: async () => ({ access_token: 'standin', expires_in: 3_600 }),
  };
  app = initializeApp({ projectId: PROJECT, credential, httpAgent });
});

afterAll(async () => {
  google.closeAllConnections();
  google.close();
  await deleteApp(app);
});

beforeEach(() => {
  isOnline = true;
  keysReply = publicKeys;
  userReply = user();
});

const seconds = () => Math.floor(Date.now() / 1000);

function tokenOf({
  header = {},
  claims = {},
  key = own.privateKey,
}: { header?: object; claims?: object; key?: KeyObject } = {}): string {
  const part = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url');
  const head = part({ alg: 'RS256', kid: 'k1', typ: 'JWT', ...header });
  const body = part({
    iss: `https://securetoken.google.com/${PROJECT}`,
    aud: PROJECT,
    sub: 'ann',
    iat: seconds() - 60,
    auth_time: seconds() - 60,
    exp: seconds() + 3_000,
    firebase: { sign_in_provider: 'anonymous' },
    ...claims,
  });
  const signature = sign('sha256', Buffer.from(`${head}.${body}`), key).toString('base64url');
  return `${head}.${body}.${signature}`;
}

const call = (token = tokenOf()) => authenticate(`Bearer ${token}`);

test('a token that Google has signed names its user', async () => {
  expect(await call()).toEqual({ uid: 'ann', regCountry: null });
});

test.each([
  ['DE', 'DE'],
  ['UK', null],
  [276, null],
])('a claim of the country %j is taken as %j', async (claim, regCountry) => {
  expect(await call(tokenOf({ claims: { reg_country: claim } }))).toEqual({
    uid: 'ann',
    regCountry,
  });
});

describe('an e-mail address that is not verified, of an account with a password', () => {
  const unverified = (provider: string, identities: object, claims: object = {}) =>
    tokenOf({
      claims: {
        email: 'ann@example.com',
        email_verified: false,
        firebase: { sign_in_provider: provider, identities },
        ...claims,
      },
    });
  const email = ['ann@example.com'];
  const withPassword = (fields: object = {}) =>
    user({
      providerUserInfo: [
        { providerId: 'facebook.com', rawId: '1' },
        { providerId: 'password', rawId: '1' },
      ],
      ...fields,
    });

  test.each([
    ['password', { email }],
    ['password', {}],
    // The account was anonymous, and its old sign-in still gives tokens.
    ['anonymous', { email }],
    ['anonymous', {}],
    ['phone', { email, phone: ['+1'] }],
  ])('a token of %s with the identities %j is refused', async (provider, identities) => {
    await expect(call(unverified(provider, identities))).rejects.toThrow(EmailNotVerified);
  });

  test.each(['facebook.com', 'google.com', 'oidc.other', 'custom'])(
    'a token of %s is refused when the account has a password beside it',
    async (provider) => {
      const token = unverified(provider, { email, [provider]: ['1'] });
      userReply = withPassword();
      await expect(call(token)).rejects.toThrow(EmailNotVerified);
      userReply = withPassword({ emailVerified: true });
      expect(await call(token)).toEqual({ uid: 'ann', regCountry: null });
    },
  );

  test('an address that the token names among the identities alone counts, too', async () => {
    const token = unverified('anonymous', { email }, { email: undefined });
    await expect(call(token)).rejects.toThrow(EmailNotVerified);
  });

  test.each(['facebook.com', 'custom'])('without a password, %s is let in', async (provider) => {
    expect(await call(unverified(provider, { email, [provider]: ['1'] }))).toMatchObject({
      uid: 'ann',
    });
  });

  test.each(['password', 'anonymous', 'phone'])('once verified, %s is let in', async (provider) => {
    const token = unverified(provider, { email }, { email_verified: true });
    expect(await call(token)).toMatchObject({ uid: 'ann' });
  });
});

describe('where anonymous users may not pay', () => {
  const allowsAnonymous = false;
  const from = (token: string) => authenticate(`Bearer ${token}`, { allowsAnonymous });

  test('an anonymous user is told to sign up', async () => {
    await expect(from(tokenOf())).rejects.toThrow(AnonymousUser);
  });

  test.each([
    ['an e-mail address', { email: ['ann@example.com'] }, { email_verified: true }],
    ['a phone', { phone: ['+1'] }, { phone_number: '+1' }],
    ['another account', { 'google.com': ['1'] }, {}],
  ])('a user who was anonymous and has linked %s is let in', async (_name, identities, claims) => {
    const firebase = { sign_in_provider: 'anonymous', identities };
    expect(await from(tokenOf({ claims: { firebase, ...claims } }))).toMatchObject({ uid: 'ann' });
  });
});

describe('what is wrong with the token: 401', () => {
  const tokens: [string, () => string][] = [
    ['garbage', () => 'garbage'],
    ['no key id', () => tokenOf({ header: { kid: undefined } })],
    ['an unknown key id', () => tokenOf({ header: { kid: 'k2' } })],
    ['an empty key id, and a foreign signature', () => foreignToken({ kid: '' })],
    ['a foreign signature', () => foreignToken()],
    ['another algorithm', () => tokenOf({ header: { alg: 'HS256' } })],
    ['no algorithm', () => tokenOf({ header: { alg: 'none' } })],
    ['expired', () => tokenOf({ claims: { exp: seconds() - 1 } })],
    ['another project', () => tokenOf({ claims: { aud: 'other' } })],
    ['another issuer', () => tokenOf({ claims: { iss: 'https://evil.example.com' } })],
    ['no subject', () => tokenOf({ claims: { sub: undefined } })],
    ['an empty subject', () => tokenOf({ claims: { sub: '' } })],
    ['a long subject', () => tokenOf({ claims: { sub: 'u'.repeat(129) } })],
    ['a custom token', () => tokenOf({ header: { kid: undefined }, claims: { aud: CUSTOM } })],
  ];

  test.each(tokens)('%s', async (_name, make) => {
    await expect(call(make())).rejects.toThrow(Unauthentic);
  });

  const users: [string, () => Reply][] = [
    ['unknown', () => json(200, {})],
    ['disabled', () => user({ disabled: true })],
    ['signed out everywhere', () => user({ validSince: String(seconds()) })],
  ];

  test.each(users)('its user is %s', async (_name, reply) => {
    userReply = reply();
    await expect(call()).rejects.toThrow(Unauthentic);
  });
});

const CUSTOM =
  'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit';
const foreignToken = (header: object = {}) => tokenOf({ header, key: foreign.privateKey });

// The app would sign its user out.
describe('what says nothing of the token is never a 401', () => {
  test('offline', async () => {
    isOnline = false;
    await expect(call()).rejects.toThrow(Unavailable);
    await expect(call(tokenOf({ header: { kid: '' } }))).rejects.toThrow(Unavailable);
  });

  const troubles: [string, Reply][] = [
    ['an error', json(500, { error: 'backend', error_description: 'Firebase ID token has' })],
    ['a refusal', json(403, { error: { code: 403, message: 'PERMISSION_DENIED' } })],
    ['a page', { status: 200, body: '<html>a proxy</html>' }],
    ['nothing', { status: 200, body: '' }],
  ];

  test.each(troubles)("Google's keys: %s", async (_name, reply) => {
    keysReply = reply;
    await expect(call()).rejects.toThrow(Unavailable);
    await expect(call(tokenOf({ header: { kid: '' } }))).rejects.toThrow(Unavailable);
  });

  const failure = (status: number, message: string) => json(status, { error: { status, message } });

  test.each([
    ...troubles,
    ['a missing permission', failure(403, 'INSUFFICIENT_PERMISSION')],
    ['a quota', failure(429, 'QUOTA_EXCEEDED')],
    ['a wrong project', failure(400, 'PROJECT_NOT_FOUND')],
    ['no configuration', failure(400, 'CONFIGURATION_NOT_FOUND')],
    ['a wrong credential', failure(401, 'INVALID_CREDENTIAL')],
  ])('the look-up of the user: %s', async (_name, reply) => {
    userReply = reply;
    await expect(call()).rejects.toThrow(Unavailable);
  });
});
