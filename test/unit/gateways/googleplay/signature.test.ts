import {
  checkSignature,
  openKeys,
} from '../../../../functions/src/gateways/googleplay/signature.ts';
import { Unauthentic, Unavailable } from '../../../../functions/src/errors.ts';
import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import { logFromNow } from '../../../harness/log.ts';
import { encoded, newKey } from '../../../standins/googleplay/keys.ts';
import { AUDIENCE, Bench, pushed, pushKey, SENDER, token } from './bench.ts';

const bench = new Bench();
const foreign = newKey();

function check(authorization: string | string[] | undefined): Promise<void> {
  const certificatesUrl = `${bench.google.origin}/oauth2/v1/certs`;
  const config = { audience: AUDIENCE, sender: SENDER, certificatesUrl };
  return checkSignature(requestWith(authorization), config, openKeys(config));
}

function requestWith(authorization: string | string[] | undefined): WebhookRequest {
  return { method: 'POST', headers: { authorization }, body: Buffer.alloc(0) };
}

const now = () => Math.floor(Date.now() / 1000);
const bearer = (claims: object = {}, key = pushKey, header: object = {}) =>
  `Bearer ${token(claims, key, header)}`;

/** A token whose head and body say what they like; signed with whatever. */
function made(header: object, signature: string): string {
  const [, body = ''] = token().split('.');
  return `Bearer ${encoded(header)}.${body}.${signature}`;
}

test('a genuine token is accepted, and certificates are fetched once', async () => {
  const certificatesUrl = `${bench.google.origin}/oauth2/v1/certs`;
  const config = { audience: AUDIENCE, sender: SENDER, certificatesUrl };
  const keys = openKeys(config);
  await checkSignature(requestWith(bearer()), config, keys);
  await checkSignature(requestWith(bearer()), config, keys);
  expect(bench.google.control.requests()).toHaveLength(1);
});

test('both spellings of Google’s issuer are accepted', async () => {
  await check(bearer({ iss: 'accounts.google.com' }));
});

test('a token that ran out four minutes ago is within the skew of clocks', async () => {
  await check(bearer({ iat: now() - 3_840, exp: now() - 240 }));
});

test.each([
  ['no header', () => undefined],
  ['several headers', () => [bearer(), bearer()]],
  ['an empty header', () => ''],
  ['Basic', () => 'Basic dXNlcjpwYXNz'],
  ['garbage', () => 'Bearer garbage'],
  ['garbage in three parts', () => 'Bearer a.b.c'],
  ['a token after the token', () => `${bearer()} ${token()}`],
  ['another audience', () => bearer({ aud: 'https://payments.example.com/other' })],
  ['several audiences, ours among them', () => bearer({ aud: [AUDIENCE, 'other'] })],
  ['no audience', () => bearer({ aud: undefined })],
  ['another issuer', () => bearer({ iss: 'https://accounts.example.com' })],
  ['the issuer of another cloud', () => bearer({ iss: 'googleapis.com' })],
  ['another sender', () => bearer({ email: 'push@other.iam.gserviceaccount.com' })],
  ['a sender in other letters', () => bearer({ email: SENDER.toUpperCase() })],
  ['no sender', () => bearer({ email: undefined })],
  ['an unverified sender', () => bearer({ email_verified: false })],
  ['a sender verified in words', () => bearer({ email_verified: 'true' })],
  ['no word of verification', () => bearer({ email_verified: undefined })],
  ['ran out six minutes ago', () => bearer({ iat: now() - 3_960, exp: now() - 360 })],
  ['issued in six minutes', () => bearer({ iat: now() + 360, exp: now() + 3_960 })],
  ['good for two days', () => bearer({ exp: now() + 172_800 })],
  ['no end', () => bearer({ exp: undefined })],
  ['no beginning', () => bearer({ iat: undefined })],
  ['a foreign key under our key’s name', () => bearer({}, { ...foreign, id: pushKey.id })],
  ['a key that is not published', () => bearer({}, foreign)],
  ['no key’s name', () => bearer({}, pushKey, { kid: undefined })],
  ['a name every object has', () => bearer({}, { ...foreign, id: 'constructor' })],
  ['a changed body', () => bearer().replace(/\.\w/, (text) => (text === '.a' ? '.b' : '.a'))],
  ['alg none', () => made({ alg: 'none', kid: pushKey.id }, '')],
  ['alg none, with something for a signature', () => made({ alg: 'none', kid: pushKey.id }, 'AA')],
  ['HS256', () => made({ alg: 'HS256', kid: pushKey.id }, 'c2lnbmF0dXJl')],
])('refused: %s', async (_, header) => {
  await expect(check(header())).rejects.toThrow(Unauthentic);
});

test.each([
  ['answers 500', { status: 500 }],
  ['hangs up', { drop: true }],
  ['breaks off', { cutOff: true }],
] as const)('while the certificate endpoint %s, nobody is refused for good', async (_, fault) => {
  bench.google.control.fault({ match: 'GET /oauth2/v1/certs', times: 5, ...fault });
  await expect(check(bearer())).rejects.toThrow(Unavailable);
});

test('a header that is no token makes us fetch nothing', async () => {
  await expect(check('Bearer garbage')).rejects.toThrow(Unauthentic);
  expect(bench.google.control.requests()).toEqual([]);
});

test('what is thrown quotes no token', async () => {
  const logged = logFromNow();
  const bad = token({ aud: 'other' });
  const error: unknown = await bench
    .gateway()
    .verify(pushed(Buffer.from('{}'), bad))
    .catch((thrown: unknown) => thrown);
  const { stack = '', message, cause } = error as Error;
  for (const part of bad.split('.')) {
    expect([stack, message, JSON.stringify(cause ?? ''), ...logged()].join()).not.toContain(part);
  }
});
