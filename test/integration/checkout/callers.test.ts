import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { User } from '../../../scripts/stack/client.ts';
import { Bench, BODY, CREATE, expectAllowedFields, inBrief, seconds, STATUS } from './bench.ts';

const ISSUER = 'https://securetoken.google.com/';

const bench = new Bench();

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
    ['an expired token', (user) => `Bearer ${bench.forged(user, { exp: seconds() - 1 })}`],
    ['a token for another project', (user) => `Bearer ${bench.forged(user, { aud: 'other' })}`],
    [
      'a token by another project',
      (user) => `Bearer ${bench.forged(user, { iss: `${ISSUER}other` })}`,
    ],
    ['a token of nobody', (user) => `Bearer ${bench.forged(user, { sub: '' })}`],
    [
      'a token of a user that never was',
      (user) => `Bearer ${bench.forged(user, { sub: 'nobody' })}`,
    ],
    [
      'a token of a deleted user',
      async ({ uid, token }) => {
        await bench.auth.deleteUser(uid);
        return `Bearer ${token}`;
      },
    ],
    [
      'a token of a disabled user',
      async ({ uid, token }) => {
        await bench.auth.updateUser(uid, { disabled: true });
        return `Bearer ${token}`;
      },
    ],
    [
      'a revoked token',
      async ({ uid, token }) => {
        // Revoking counts whole seconds: a token of the same second stays valid.
        await delay(1_100);
        await bench.auth.revokeRefreshTokens(uid);
        return `Bearer ${token}`;
      },
    ],
    [
      'a custom token, which only signs in',
      async ({ uid }) => `Bearer ${await bench.auth.createCustomToken(uid)}`,
    ],
  ];

  test.each(strangers)('%s: 401', async (_name, authorize) => {
    const user = await bench.signIn();
    const authorization = await authorize(user);
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const answer = await bench.send(name, { headers, body });
    expect(inBrief(answer)).toEqual([401, 'UnauthorizedException']);
    expect(await bench.ordersOf(user.uid)).toEqual([]);
    expect(bench.stripe.requests()).toEqual([]);
    expect(bench.logged().join('\n')).toContain(`"function":"${name}"`);
  });

  // The emulator refuses what was revoked even where nobody asks for the check.
  test('the check for what was revoked is asked for', async () => {
    const { Auth: FunctionsAuth } =
      await import('../../../functions/node_modules/firebase-admin/lib/auth/index.js');
    const verify = jest.spyOn(FunctionsAuth.prototype, 'verifyIdToken');
    const user = await bench.signIn();
    await bench.call(name, user, input);
    expect(verify.mock.calls).toEqual([[user.token, true]]);
    verify.mockRestore();
  });

  test('a token put together here is fine if its claims are', async () => {
    const user = await bench.signIn();
    const headers = { authorization: `bearer ${bench.forged(user, {})}` };
    expect((await bench.send(name, { headers, body })).status).toBe(welcome);
  });

  test('an unverified address: 403; verified and signed in again: fine', async () => {
    const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
    const user = await bench.account('signUp', credentials);
    expect(inBrief(await bench.call(name, user, input))).toEqual([
      403,
      'EmailNotVerifiedException',
    ]);
    expect(await bench.ordersOf(user.uid)).toEqual([]);
    await bench.auth.updateUser(user.uid, { emailVerified: true });
    const verified = await bench.account('signInWithPassword', credentials);
    expect((await bench.call(name, verified, input)).status).toBe(welcome);
  });

  test('an address set by a user who was anonymous: 403 until it is verified', async () => {
    // A new address revokes tokens whose sign-in was in an earlier second, the emulator's new one too.
    await delay(1_000 - (Date.now() % 1_000));
    const { uid, token: idToken } = await bench.signIn();
    const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
    const linked = await bench.account('update', { idToken, ...credentials });
    expect(linked.uid).toBe(uid);
    const claims = { email: credentials.email, email_verified: false };
    const identities = { email: [credentials.email] };
    const asBefore = bench.forged(linked, {
      ...claims,
      firebase: { sign_in_provider: 'anonymous', identities },
    });
    for (const token of [linked.token, asBefore]) {
      const answer = await bench.call(name, { uid, token }, input);
      expect(inBrief(answer)).toEqual([403, 'EmailNotVerifiedException']);
    }
    expect(await bench.ordersOf(uid)).toEqual([]);
    await bench.auth.updateUser(uid, { emailVerified: true });
    const verified = await bench.account('signInWithPassword', credentials);
    expect((await bench.call(name, verified, input)).status).toBe(welcome);
  });

  test('another provider beside an unverified password: 403', async () => {
    const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
    const user = await bench.account('signUp', credentials);
    const identities = { 'facebook.com': ['1'], email: [credentials.email] };
    const token = bench.forged(user, {
      firebase: { sign_in_provider: 'facebook.com', identities },
    });
    const answer = await bench.call(name, { ...user, token }, input);
    expect(inBrief(answer)).toEqual([403, 'EmailNotVerifiedException']);
  });

  test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s: 405', async (method) => {
    const { token } = await bench.signIn();
    const headers = { authorization: `Bearer ${token}` };
    const answer = await bench.send(name, { method, headers, ...(method !== 'GET' && { body }) });
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
    const user = await bench.signIn();
    const headers = { authorization: `Bearer ${user.token}` };
    const answer = await bench.send(name, { headers, body: wrong });
    expect(inBrief(answer)).toEqual([400, 'InvalidRequestParamsException']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(bench.stripe.requests()).toEqual([]);
    expect(await bench.ordersOf(user.uid)).toEqual([]);
  });
});

test('what the log said in all these tests is in its allow-list', expectAllowedFields);
