import { randomUUID } from 'node:crypto';
import { readRetailConfig } from '../../../functions/src/retail/config.ts';
import { RetailApi } from '../../../functions/src/retail/retail-api.ts';
import { send } from '../../../functions/src/send.ts';
import type { User } from '../../../scripts/stack/client.ts';
import { APP_ORIGIN, ServedApp } from '../../harness/app.ts';
import { onEmbedded } from '../../harness/embedded.ts';
import { eventually } from '../../harness/scratch.ts';
import { writeRows } from './rows.ts';

jest.setTimeout(120_000);

let app: ServedApp;

beforeAll(async () => {
  app = await ServedApp.start({});
});

afterAll(() => app.stop());

beforeEach(() => {
  app.retail.control.reset();
});

const EMPTY = { total: 0, reserved: 0, pending: 0 };

const ask = (user?: User, headers = {}) =>
  app.ask<Record<string, unknown>>('app-getBalance', {}, user, { headers });

/** The paths asked for, of creations only where `POST` is given. */
const asked = (method: 'GET' | 'POST') =>
  app.retail.control.requests().filter((request) => request.method === method);

const lease = ({ uid }: User) => app.stack.firestore.collection('tn_customers').doc(uid);

const push = (uid: string, amountCents: number) =>
  new RetailApi(readRetailConfig(), send).push(
    { paymentId: `stripe_pi_${uid}`, uid, amountCents, gateway: 'stripe', mode: 'test' },
    { sendBy: new Date(Date.now() + 10_000) },
  );

describe('what the account holds', () => {
  test('is what the Retail API says; nobody keeps a copy', async () => {
    const user = await app.stack.signIn();
    expect(await push(user.uid, 1500)).toMatchObject({ kind: 'applied' });
    const answer = await ask(user);
    expect(answer).toMatchObject({ status: 200, body: { total: 1500, reserved: 0, pending: 0 } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('what the balance does not have yet is pending, signed, and only theirs', async () => {
    const [user, other] = [await app.stack.signIn(), await app.stack.signIn()];
    app.retail.control.addCustomer(user.uid);
    const id = randomUUID();
    await writeRows(app.stack.firestore, user.uid, [
      { id: `${id}-1`, amount: 1500, is_synced: false },
      { id: `${id}-2`, amount: -200, kind: 'refund', is_synced: false },
      { id: `${id}-3`, amount: 700 },
    ]);
    await writeRows(app.stack.firestore, other.uid, [{ id: `${id}-4`, is_synced: false }]);
    expect((await ask(user)).body).toEqual({ total: 0, reserved: 0, pending: 1300 });
  });

  test('money that arrives while it is asked for is told once', async () => {
    const user = await app.stack.signIn();
    app.retail.control.addCustomer(user.uid);
    const id = `stripe_pi_${user.uid}`;
    await writeRows(app.stack.firestore, user.uid, [{ id, is_synced: false }]);
    app.retail.control.nextOf('balance', { delayMs: 300 });
    const answer = ask(user);
    await eventually(() => asked('GET').length === 1);
    expect(await push(user.uid, 1500)).toMatchObject({ kind: 'applied' });
    await app.stack.firestore.collection('tn_payments').doc(id).update({ is_synced: true });
    expect((await answer).body).toEqual({ total: 1500, reserved: 0, pending: 0 });
  });

  test('is asked of the Retail API once for calls of one user at a time', async () => {
    const user = await app.stack.signIn();
    app.retail.control.addCustomer(user.uid);
    app.retail.control.nextOf('balance', { delayMs: 1_500 });
    const first = ask(user);
    await eventually(() => asked('GET').length === 1);
    const answers = await Promise.all([first, ...Array.from({ length: 9 }, () => ask(user))]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(asked('GET')).toHaveLength(1);
    await ask(user);
    expect(asked('GET')).toHaveLength(2);
  });

  onEmbedded('costs one sum of Firestore and one Retail call', async () => {
    const user = await app.stack.signIn();
    app.retail.control.addCustomer(user.uid);
    await ask(user);
    await app.stack.firestoreControl.resetRpcs();
    const before = app.retail.control.requests().length;
    await ask(user);
    expect({ ...(await app.stack.firestoreControl.rpcs()) }).toEqual({ RunAggregationQuery: 1 });
    expect(app.retail.control.requests().length - before).toBe(1);
  });
});

describe('a customer that is not there', () => {
  test('is created', async () => {
    const user = await app.stack.signIn();
    expect(await ask(user)).toMatchObject({ status: 200, body: EMPTY });
    expect(asked('POST')).toMatchObject([
      { path: '/api/v1/retail/m/customer', customerId: user.uid, status: 200 },
    ]);
    expect((await ask(user)).body).toEqual(EMPTY);
    expect(asked('POST')).toHaveLength(1);
  });

  test('is created once when ten calls arrive together', async () => {
    const user = await app.stack.signIn();
    app.retail.control.nextOf('create', { delayMs: 300 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(user)));
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
      answers.map(() => ({ status: 200, body: EMPTY })),
    );
    expect(asked('POST')).toHaveLength(1);
  });

  test('is created once when they arrive at ten instances', async () => {
    const { uid } = await app.stack.signIn();
    const caller = { uid, regCountry: null };
    app.retail.control.nextOf('create', { delayMs: 300 });
    const call = { input: {}, caller, idempotencyKey: undefined };
    // Each has its own memory; what they share is outside.
    const { openBalances } = await import('../../../functions/src/app/balance.ts');
    const instances = await Promise.all(Array.from({ length: 10 }, () => openBalances()));
    const answers = await Promise.all(instances.map((balances) => balances.read(call)));
    expect(answers).toEqual(answers.map(() => EMPTY));
    expect(asked('POST')).toHaveLength(1);
  });

  test('is created once under a load of 200 calls at a time', async () => {
    const user = await app.stack.signIn();
    app.retail.control.nextOf('create', { delayMs: 500 });
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(user)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body)))).toEqual(
      new Set([JSON.stringify(EMPTY)]),
    );
    expect(asked('POST')).toHaveLength(1);
    expect(app.retail.control.balances()).toEqual({ [user.uid]: 0 });
  });

  test('whom nobody finished creating is left to the next after the lease, to one of them', async () => {
    const user = await app.stack.signIn();
    app.retail.control.nextOf('create', { drop: true });
    expect(await ask(user)).toMatchObject({
      status: 503,
      body: { errorName: 'ServiceUnavailableException' },
    });
    expect((await ask(user)).body).toEqual(EMPTY);
    expect(asked('POST')).toHaveLength(1);

    const until = (await lease(user).get()).get('lease_until') as { toMillis(): number };
    expect(until.toMillis()).toBeGreaterThan(Date.now() + 10_000);
    await lease(user).update({ lease_until: new Date(Date.now() - 1) });
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(user)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(asked('POST')).toHaveLength(2);
    expect(app.retail.control.balances()).toEqual({ [user.uid]: 0 });
  });

  test('and whom a push creates first has what the push has brought', async () => {
    const user = await app.stack.signIn();
    app.retail.control.nextOf('create', { delayMs: 1_000 });
    const answer = ask(user);
    await eventually(() => asked('POST').length === 1);
    expect(await push(user.uid, 1500)).toMatchObject({ kind: 'applied' });
    expect(await answer).toMatchObject({ status: 200, body: { total: 1500 } });
    expect(app.retail.control.transactions(user.uid)).toHaveLength(1);
  });
});

describe('refusals', () => {
  test('without a token, with another method, for another origin', async () => {
    expect(await ask()).toMatchObject({
      status: 401,
      body: { errorName: 'UnauthorizedException' },
    });
    const user = await app.stack.signIn();
    const posted = await app.call('app-getBalance', {}, user);
    expect(posted).toMatchObject({ status: 405, body: { errorName: 'MethodNotAllowedException' } });
    expect(posted.headers.get('allow')).toBe('GET');
    const deleted = await app.ask('app-getBalance', {}, user, { method: 'DELETE' });
    expect(deleted.status).toBe(405);
    expect(app.retail.control.requests()).toEqual([]);
  });

  test('a web app may read where it is listed', async () => {
    const preflight = (origin: string) =>
      app.functions.url('app-getBalance').then((url) =>
        fetch(url, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'GET',
            'access-control-request-headers': 'authorization',
          },
        }),
      );
    const { status, headers } = await preflight(APP_ORIGIN);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(APP_ORIGIN);
    expect(headers.get('access-control-allow-methods')).toBe('GET');
    expect(headers.get('access-control-allow-headers')).toContain('authorization');
    const stranger = await preflight('https://elsewhere.example');
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();

    const user = await app.stack.signIn();
    const answer = await ask(user, { origin: APP_ORIGIN });
    expect(answer.headers.get('access-control-allow-origin')).toBe(APP_ORIGIN);
    expect(answer.headers.get('access-control-expose-headers')).toContain('x-ratelimit-reset');
  });

  test('an unverified password account', async () => {
    const user = await app.stack.signInWithPassword();
    expect(await ask(user)).toMatchObject({
      status: 403,
      body: { errorName: 'EmailNotVerifiedException' },
    });
  });

  test.each([
    [403, 403, 'AccountOnHoldException'],
    [401, 500, 'InternalServerErrorException'],
    [500, 503, 'ServiceUnavailableException'],
    [400, 503, 'ServiceUnavailableException'],
  ])('the Retail API answers %d: %d', async (status, expected, errorName) => {
    const user = await app.stack.signIn();
    app.retail.control.nextOf('balance', { status });
    expect(await ask(user)).toMatchObject({ status: expected, body: { errorName } });
    expect((await lease(user).get()).exists).toBe(false);
  });

  test('an answer without a balance is none', async () => {
    const user = await app.stack.signIn();
    app.retail.control.nextOf(
      'balance',
      { status: 200, body: { total: 1.5, reserved: 0 } },
      { status: 200, body: 'not JSON' },
      { drop: true },
    );
    for (let tries = 0; tries < 3; tries += 1)
      expect(await ask(user)).toMatchObject({ status: 503 });
  });
});

// The last one: this process makes no call until the pause is over.
test('the Retail API has enough: the app learns when to come back', async () => {
  const user = await app.stack.signIn();
  const reset = Math.ceil(Date.now() / 1000) + 90;
  const headers = { 'x-ratelimit-reset': String(reset) };
  app.retail.control.nextOf('balance', { status: 429, headers }, { status: 429 });
  const told = await ask(user);
  expect(told).toMatchObject({ status: 429, body: { errorName: 'TooManyRequestsException' } });
  expect(Number(told.headers.get('x-ratelimit-reset'))).toBe(reset);
  const untold = Number((await ask(user)).headers.get('x-ratelimit-reset'));
  expect(untold).toBeGreaterThan(Date.now() / 1000 + 30);
});
