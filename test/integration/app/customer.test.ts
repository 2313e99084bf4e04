import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp, type App } from 'firebase-admin/app';
import { getAuth } from 'firebase-admin/auth';
import type { User } from '../../../scripts/stack/client.ts';
import { origin, ports } from '../../../scripts/stack/values.ts';
import { ServedApp } from '../../harness/app.ts';

let app: ServedApp;
/** An operator's. */
let admin: App;

beforeAll(async () => {
  app = await ServedApp.start({});
  admin = initializeApp({ projectId: 'demo-temp-number' }, randomUUID());
});

afterAll(async () => {
  await deleteApp(admin);
  await app.stop();
});

beforeEach(() => {
  app.retail.control.reset();
});

const ask = (user?: User) => app.ask('app-getCustomer', {}, user);

/** Signs in anew, as a uid that the operator chose, with claims of the operator's. */
async function signInAs(uid: string, claims: object): Promise<User> {
  const path = 'identitytoolkit.googleapis.com/v1/accounts:signInWithCustomToken?key=local';
  const response = await fetch(`${origin(ports.auth)}/${path}`, {
    method: 'POST',
    body: JSON.stringify({
      token: await getAuth(admin).createCustomToken(uid, claims),
      returnSecureToken: true,
    }),
    headers: { 'content-type': 'application/json' },
  });
  const { idToken } = (await response.json()) as { idToken: string };
  return { uid, token: idToken };
}

test('an account is not on hold, whether or not the Retail API knows it; nothing is created', async () => {
  const user = await app.stack.signIn();
  const wanted = { status: 200, body: { accountOnHold: false, regCountry: null } };
  expect(await ask(user)).toMatchObject(wanted);
  expect(app.retail.control.balances()).toEqual({});
  app.retail.control.addCustomer(user.uid);
  expect(await ask(user)).toMatchObject(wanted);
});

test('an account that the Retail API holds is told of, not refused', async () => {
  const user = await app.stack.signIn();
  app.retail.control.failFor(user.uid, 403);
  expect(await ask(user)).toMatchObject({ status: 200, body: { accountOnHold: true } });
  expect(await app.ask('app-getBalance', {}, user)).toMatchObject({
    status: 403,
    body: { errorName: 'AccountOnHoldException' },
  });
});

test('the country is what an operator has said at sign-up', async () => {
  const uid = `u${randomUUID().replaceAll('-', '')}`;
  const user = await signInAs(uid, { reg_country: 'DE' });
  expect((await ask(user)).body).toEqual({ accountOnHold: false, regCountry: 'DE' });
  const wrong = await signInAs(uid, { reg_country: 'Germany' });
  expect((await ask(wrong)).body).toEqual({ accountOnHold: false, regCountry: null });
});

test('a uid that the Retail API could not hold: 403, and it is not asked', async () => {
  const user = await signInAs(`tg:${randomUUID().slice(0, 8)}`, {});
  for (const name of ['app-getCustomer', 'app-getBalance']) {
    expect(await app.ask(name, {}, user)).toMatchObject({
      status: 403,
      body: { errorName: 'ForbiddenException' },
    });
  }
  expect(app.retail.control.requests()).toEqual([]);
});

test('no token: 401; another method: 405; a Retail API that is down: 503', async () => {
  expect((await ask()).status).toBe(401);
  const user = await app.stack.signIn();
  const posted = await app.call('app-getCustomer', {}, user);
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  app.retail.control.down(true);
  expect((await ask(user)).status).toBe(503);
});
