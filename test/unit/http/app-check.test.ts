import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { AppUnattested, Unavailable } from '../../../functions/src/errors.ts';
import { AppCheck } from '../../../functions/src/http/app-check.ts';
import { APP_ID, type Attestation } from '../../standins/google/app-check.ts';
import { listen } from '../../standins/http.ts';
import { startGoogle, type GoogleStandin } from '../../standins/google/server.ts';

const PROJECT = 'demo-temp-number';
const HOUR_MS = 3_600_000;

let google: GoogleStandin;
let appCheck: AppCheck;
let clock: jest.SpyInstance<number, []>;
/** The library looks at the clock itself to tell how old the keys are. */
let now: number;

beforeAll(async () => {
  google = await startGoogle({ project: PROJECT, siteKeys: [], now: () => now });
});

afterAll(() => google.stop());

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
  google.control.reset();
  appCheck = open();
});

afterEach(() => {
  clock.mockRestore();
});

function open(appIds: readonly string[] = []): AppCheck {
  const config = { appIds, jwksUrl: `${google.origin}/v1/jwks` };
  return new AppCheck(config, PROJECT, () => new Date(now));
}

const check = (attestation: Attestation = {}) => appCheck.check(google.control.attest(attestation));
const seconds = () => Math.floor(now / 1000);

test("a token of an app of the project passes, and Google's keys are fetched once", async () => {
  const before = google.control.keysAsked();
  await check();
  await Promise.all(Array.from({ length: 20 }, () => check()));
  expect(google.control.keysAsked()).toBe(before + 1);
});

test.each([[undefined], [''], [['one', 'two']]])('%j is no token', async (header) => {
  const missing = new AppUnattested('The header X-Firebase-AppCheck is missing.');
  await expect(appCheck.check(header)).rejects.toThrow(missing);
});

test('an expired one is told so, to the second', async () => {
  const token = google.control.attest();
  now += HOUR_MS - 1_000;
  await appCheck.check(token);
  now += 1_000;
  await expect(appCheck.check(token)).rejects.toMatchObject({
    name: 'AppUnattested',
    message: 'The App Check token has expired; get a new one.',
  });
});

describe('refused with 400', () => {
  const number = 'projects/123456789012';
  const project = `projects/${PROJECT}`;
  const issuer = 'https://firebaseappcheck.googleapis.com/';

  const tokens: [string, Attestation][] = [
    ['a foreign signature', { forged: true }],
    ['an unknown key', { header: { kid: 'other' } }],
    ['another algorithm', { header: { alg: 'RS512' } }],
    ['no algorithm', { header: { alg: 'none' } }],
    ['another type', { header: { typ: 'at+jwt' } }],
    ['no type', { header: { typ: null } }],
    ['a critical extension', { header: { crit: ['b64'], b64: false } }],
    ['another project', { claims: { aud: [number, 'projects/other'] } }],
    ['no project', { claims: { aud: null } }],
    ['an audience that is a text', { claims: { aud: project } }],
    ['an issuer of another number', { claims: { iss: `${issuer}999` } }],
    ['an issuer without a number', { claims: { iss: issuer } }],
    ['an issuer elsewhere', { claims: { iss: `https://evil.example.com/123456789012` } }],
    ['an issuer with more to it', { claims: { iss: `${issuer}123456789012/x` } }],
    ['no issuer', { claims: { iss: null } }],
    ['no app', { claims: { sub: null } }],
    ['an empty app', { claims: { sub: '' } }],
    ['no end', { claims: { exp: null } }],
    ['an end that is a text', { claims: { exp: 'never' } }],
    ['not good yet', { claims: { nbf: Date.UTC(2026, 0, 2) / 1000 } }],
  ];

  test.each(tokens)('%s', async (_name, attestation) => {
    await expect(check(attestation)).rejects.toMatchObject({
      name: 'AppUnattested',
      message: 'The App Check token is not valid here.',
    });
  });

  test.each(['garbage', 'a.b.c', 'e30.e30.', '..', 'ü'])('%s', async (token) => {
    await expect(appCheck.check(token)).rejects.toThrow(AppUnattested);
  });

  test('a token that is signed with the public key as a secret', async () => {
    const response = await fetch(`${google.origin}/v1/jwks`);
    const { keys } = (await response.json()) as { keys: [{ kid: string }] };
    const [head, claims] = google.control.attest({ header: { alg: 'HS256' } }).split('.');
    const signed = `${head ?? ''}.${claims ?? ''}`;
    const mac = createHmac('sha256', JSON.stringify(keys[0])).update(signed).digest('base64url');
    await expect(appCheck.check(`${signed}.${mac}`)).rejects.toThrow(AppUnattested);
  });

  test('a token signed for real with another algorithm, by a key that names none', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1' }];
    const server = await listen(() => ({ status: 200, body: { keys } }));
    const config = { appIds: [], jwksUrl: server.origin };
    const elsewhere = new AppCheck(config, PROJECT, () => new Date(now));
    const signed = (alg: string, hash: string) => {
      const token = google.control.attest({ header: { alg, kid: 'k1' } });
      const text = token.slice(0, token.lastIndexOf('.'));
      return `${text}.${sign(hash, Buffer.from(text), privateKey).toString('base64url')}`;
    };
    try {
      await elsewhere.check(signed('RS256', 'sha256'));
      await expect(elsewhere.check(signed('RS512', 'sha512'))).rejects.toThrow(AppUnattested);
    } finally {
      await server.stop();
    }
  });

  test('one changed claim under the old signature', async () => {
    const [head, , signature] = google.control.attest().split('.');
    const [, claims] = google.control.attest({ claims: { exp: seconds() + 9_999_999 } }).split('.');
    const token = [head, claims, signature].join('.');
    await expect(appCheck.check(token)).rejects.toThrow(AppUnattested);
  });
});

test('where the apps are listed, no other one passes', async () => {
  appCheck = open(['1:1:ios:1', APP_ID]);
  await check();
  await expect(check({ claims: { sub: '1:1:ios:2' } })).rejects.toThrow(AppUnattested);
  await expect(check({ claims: { sub: `${APP_ID},1:1:ios:1` } })).rejects.toThrow(AppUnattested);
});

test('a new key is found, half a minute after the keys were last fetched', async () => {
  await check();
  google.control.rotateAppCheckKeys();
  await expect(check()).rejects.toThrow(AppUnattested);
  now += 31_000;
  await check();
});

describe("Google's keys cannot be had: 503, for it says nothing of the token", () => {
  test.each([
    [{ status: 500 }],
    [{ status: 403 }],
    [{ status: 200, code: 'a page' }],
    [{ drop: true as const }],
    [{ cutOff: true as const }],
  ])('%j', async (fault) => {
    google.control.fault(fault);
    await expect(check()).rejects.toThrow(Unavailable);
    await check();
  });

  test('and keys that are there are good for six hours without Google', async () => {
    await check();
    google.control.fault({ status: 500, times: 100 });
    now += 6 * HOUR_MS - 1;
    await check();
    now += 1;
    await expect(check()).rejects.toThrow(Unavailable);
  });
});
