import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp, type App } from 'firebase-admin/app';
import { getAuth } from 'firebase-admin/auth';
import type { DocumentData } from 'firebase-admin/firestore';
import { ERASED } from '../../functions/src/ids.ts';
import { StackClient, type User } from '../../scripts/stack/client.ts';
import { functionUrl, ports, PROJECT } from '../../scripts/stack/values.ts';
import { logFromNow } from '../harness/log.ts';
import { parkedOf, rowsOf, startWorld, type World } from '../harness/world.ts';
import { startWayforpay, type WayforpayStandin } from '../standins/wayforpay/server.ts';

jest.setTimeout(120_000);

const APP_ORIGIN = 'https://app.example.test';
const RETURNS = { url_return: `${APP_ORIGIN}/funds`, url_success: `${APP_ORIGIN}/funds?ok` };
const LATE_MONEY = 'a payment came for a deleted account: pay it back';

let wayforpay: WayforpayStandin;
let world: World;
let stack: StackClient;
let app: App;
let logged: () => string[];
let users: User[];

beforeAll(async () => {
  wayforpay = await startWayforpay({
    merchantAccount: 'merchant_standin',
    secretKey: 'wayforpay-standin',
    domain: 'app.example.test',
  });
  world = await startWorld({
    APP_ALLOWED_ORIGINS: APP_ORIGIN,
    FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}`,
    PUSH_BUDGET_MS: '1000',
    WAYFORPAY_MERCHANT_ACCOUNT: 'merchant_standin',
    WAYFORPAY_SECRET_KEY: 'wayforpay-standin',
    WAYFORPAY_DOMAIN: 'app.example.test',
    WAYFORPAY_CALLBACK_URL: 'https://set.below.example.test',
    WAYFORPAY_PAGE_URL: `${wayforpay.origin}/pay`,
    WAYFORPAY_API_URL: `${wayforpay.origin}/api`,
  });
  process.env['WAYFORPAY_CALLBACK_URL'] = await world.functions.url(
    'wayforpay-handleWebhookEvents',
  );
  stack = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
  app = initializeApp({ projectId: PROJECT }, randomUUID());
});

afterAll(async () => {
  await world.stop();
  await wayforpay.stop();
  await stack.close();
  await deleteApp(app);
});

beforeEach(() => {
  world.retail.control.reset();
  wayforpay.control.reset();
  logged = logFromNow();
  users = [];
});

afterEach(() => {
  const text = logged().join('\n');
  expect(users.filter(({ uid, token }) => text.includes(uid) || text.includes(token))).toEqual([]);
});

const acts = () => world.stripe.control;

async function signIn(): Promise<User> {
  const user = await stack.signIn();
  users.push(user);
  return user;
}

async function send(name: string, user: User, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(await world.functions.url(name), {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}` },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

async function deleteCustomer({ token }: User, method = 'DELETE'): Promise<[number, unknown]> {
  const response = await fetch(await world.functions.url('app-deleteCustomer'), {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  return [response.status, await response.json()];
}

const DELETED = [200, { result: 'success' }];
const REFUSED = [401, expect.objectContaining({ errorName: 'UnauthorizedException' })];

/** The id of a PaymentIntent that the user has asked for, and perhaps paid. */
async function stripeIntent(user: User, { pay = true } = {}): Promise<string> {
  const { id } = await send('stripe-getPaymentIntent', user, { amount: 1500 });
  if (!pay) return String(id);
  acts().confirm(String(id));
  await acts().idle();
  return String(id);
}

async function wayforpayOrder(user: User, { pay = true } = {}): Promise<string> {
  await send('wayforpay-createPayment', user, { amount: 1250, ...RETURNS });
  const order = await stack.lastOrder(user);
  if (!pay) return order;
  wayforpay.control.pay(order);
  await wayforpay.control.idle();
  return order;
}

/** A refund of the payment that failed before anybody heard of it: it is parked, with its row. */
async function parkedRefund(intentId: string): Promise<string> {
  acts().hold(true);
  const refund = acts().refund(intentId, 100);
  acts().failRefund(refund.id);
  await acts().release();
  acts().hold(false);
  return refund.id;
}

interface Found {
  readonly path: string;
  readonly fields: DocumentData;
  readonly version: string;
}

/** Every document, in whatever collection, that holds the text in its name or in a field. */
async function holding(text: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const collection of await world.firestore.listCollections()) {
    for (const document of (await collection.get()).docs) {
      const { path } = document.ref;
      const fields = document.data();
      if (!`${path} ${JSON.stringify(fields)}`.includes(text)) continue;
      found.push({ path, fields, version: document.updateTime.toDate().toISOString() });
    }
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function paths(user: User): Promise<string[]> {
  return (await holding(user.uid)).map(({ path }) => path);
}

const tombstoneOf = ({ uid }: User) => world.firestore.collection('tn_deletions').doc(uid);

async function eraseCustomers(user: User): Promise<void> {
  await tombstoneOf(user).update({ next_run_at: new Date(0) });
  await world.functions.runSchedule('app-eraseCustomers');
}

async function payment(id: string): Promise<DocumentData> {
  return (await world.firestore.collection('tn_payments').doc(id).get()).data() ?? {};
}

const corrections = async (paymentId: string) =>
  (
    await world.firestore.collection('tn_payments').where('parent_id', '==', paymentId).get()
  ).docs.map((row) => row.data());

/** Calls of the Retail API about the user, or about nobody. */
function pushesTo({ uid }: User): number {
  const requests = world.retail.control.requests();
  return requests.filter(({ customerId }) => customerId === uid || customerId === ERASED).length;
}

const linesOf = (message: string) =>
  logged()
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['message'] === message);

const OWNERLESS = {
  uid: ERASED,
  is_synced: false,
  sync_error: { outcome: 'account_deleted', status: null, error_name: null },
};

/** A row that nobody will ever push. */
function expectOwnerless(row: DocumentData | undefined, fields: object): void {
  expect(row).toMatchObject({ ...OWNERLESS, ...fields });
  expect(row).not.toHaveProperty('next_sync_at');
}

test('an account with money, refunds and parked events: what names the user goes, the sums stay', async () => {
  const [user, other] = [await signIn(), await signIn()];
  const intentId = await stripeIntent(user);
  acts().refund(intentId, 500);
  await acts().idle();
  const refundId = await parkedRefund(intentId);
  const order = await wayforpayOrder(user);
  wayforpay.control.refund(order, 250);
  await wayforpay.control.idle();
  await stripeIntent(user, { pay: false });
  await world.firestore.collection('tn_customers').doc(user.uid).set({ created_at: new Date() });
  await parkedRefund(await stripeIntent(other));
  await wayforpayOrder(other);

  const before = await holding(user.uid);
  const untouched = await holding(other.uid);
  const rows = await rowsOf(world, user.uid);
  expect(rows.map(({ amount }) => Number(amount)).toSorted((a, b) => a - b)).toEqual([
    -500, -250, 1250, 1500,
  ]);
  expect(before).toHaveLength(4 + 3 + 1 + 1);
  expect((await parkedOf(world, refundId))[0]).toMatchObject({ row: { uid: user.uid } });

  expect(await deleteCustomer(user)).toEqual(DELETED);

  expect(await paths(user)).toEqual([tombstoneOf(user).path]);
  for (const { path, fields } of before.filter((one) => !one.path.includes('tn_customers'))) {
    const after = (await world.firestore.doc(path).get()).data();
    const erased = JSON.stringify(fields).replaceAll(user.uid, ERASED);
    expect(JSON.parse(JSON.stringify(after))).toEqual(JSON.parse(erased));
  }
  expect((await world.firestore.doc(`tn_customers/${user.uid}`).get()).exists).toBe(false);
  expect(await holding(other.uid)).toEqual(untouched);
  await expect(getAuth(app).getUser(user.uid)).rejects.toMatchObject({
    code: 'auth/user-not-found',
  });
  expect((await tombstoneOf(user).get()).get('erased_at')).not.toBeNull();
  expect(linesOf('a deleted account is erased')).toMatchObject([{ rows: 8, left: 0 }]);

  expect(await deleteCustomer(user)).toEqual(REFUSED);
  const { status } = await fetch(await world.functions.url('stripe-getPaymentIntent'), {
    method: 'POST',
    headers: { authorization: `Bearer ${user.token}` },
    body: '{"amount":1500}',
  });
  expect(status).toBe(401);
});

test('only DELETE deletes, and only for somebody signed in', async () => {
  const user = await signIn();
  for (const method of ['GET', 'POST']) {
    expect((await deleteCustomer(user, method))[0]).toBe(405);
  }
  expect(await deleteCustomer({ uid: user.uid, token: 'nobody' })).toEqual(REFUSED);
  expect((await tombstoneOf(user).get()).exists).toBe(false);
  expect(await deleteCustomer(user)).toEqual(DELETED);
});

test('ten calls at once: the account is deleted once, and every answer says where it stands', async () => {
  const user = await signIn();
  await stripeIntent(user);
  const answers = await Promise.all(Array.from({ length: 10 }, () => deleteCustomer(user)));
  expect(answers).toContainEqual(DELETED);
  for (const answer of answers) expect([DELETED, REFUSED]).toContainEqual(answer);
  await eraseCustomers(user);
  expect(await paths(user)).toEqual([tombstoneOf(user).path]);
  expect((await tombstoneOf(user).get()).get('erased_at')).not.toBeNull();
});

describe('what is told after the deletion', () => {
  test('everything again: nothing changes, nobody is called', async () => {
    const user = await signIn();
    const intentId = await stripeIntent(user);
    acts().refund(intentId, 500);
    await acts().idle();
    const order = await wayforpayOrder(user);
    wayforpay.control.refund(order, 250);
    await wayforpay.control.idle();
    await deleteCustomer(user);
    const stored = await holding(intentId);
    const requests = pushesTo(user);

    for (const { id } of acts().events()) await acts().redeliver(id, { copies: 2, parallel: true });
    for (const { id } of wayforpay.control.notices()) await wayforpay.control.redeliver(id);

    expect(await holding(intentId)).toEqual(stored);
    expect(await corrections(`wayforpay_${order}`)).toHaveLength(1);
    expect(pushesTo(user)).toBe(requests);
    expect(await parkedOf(world, intentId)).toEqual([]);
    expect(await paths(user)).toEqual([tombstoneOf(user).path]);
  });

  test('a refund and a chargeback are booked for nobody, and pushed to nobody', async () => {
    const user = await signIn();
    const intentId = await stripeIntent(user);
    const order = await wayforpayOrder(user);
    await deleteCustomer(user);
    const requests = pushesTo(user);

    acts().refund(intentId, 500);
    const dispute = acts().dispute(intentId, { amount: 1000 });
    acts().withdrawDispute(dispute.id);
    await acts().idle();
    wayforpay.control.refund(order, 250);
    await wayforpay.control.idle();
    wayforpay.control.refund(order, 300);
    await wayforpay.control.idle();

    const [refund, chargeback] = await corrections(`stripe_${intentId}`);
    const ofStripe = [refund, chargeback].toSorted((a, b) => Number(a?.['kind'] < b?.['kind']));
    expectOwnerless(ofStripe[0], { kind: 'refund', amount: -500 });
    expectOwnerless(ofStripe[1], { kind: 'dispute', amount: -1000 });
    const ofWayforpay = await corrections(`wayforpay_${order}`);
    expect(ofWayforpay.map(({ amount }) => Number(amount)).toSorted()).toEqual([-250, -300]);
    for (const row of ofWayforpay) expectOwnerless(row, { kind: 'refund' });
    await world.functions.runSchedule('sync-retryUnsynced');
    expect(pushesTo(user)).toBe(requests);
    const warnings = linesOf('a correction of a deleted account is not pushed');
    expect(warnings.map((line) => line['severity'])).toEqual(Array<string>(4).fill('WARNING'));
    expect(await paths(user)).toEqual([tombstoneOf(user).path]);
  });

  test('a payment of an erased order is booked for nobody, and a person is told to pay it back', async () => {
    const user = await signIn();
    const order = await wayforpayOrder(user, { pay: false });
    await deleteCustomer(user);
    const requests = pushesTo(user);
    wayforpay.control.pay(order);
    await wayforpay.control.idle();
    expectOwnerless(await payment(`wayforpay_${order}`), { kind: 'payment', amount: 1250 });
    expect(linesOf(LATE_MONEY)).toMatchObject([
      { severity: 'ERROR', payment_id: `wayforpay_${order}` },
    ]);
    // Once more, for whoever was not told because the process died after the row.
    await wayforpay.control.redeliver(wayforpay.control.notices().at(-1)?.id ?? '');
    expect(linesOf(LATE_MONEY)).toHaveLength(2);
    wayforpay.control.refund(order);
    await wayforpay.control.idle();
    const [refund] = await corrections(`wayforpay_${order}`);
    expectOwnerless(refund, { kind: 'refund', amount: -1250 });
    expect(pushesTo(user)).toBe(requests);
  });

  test('a payment whose gateway still says the uid is erased by the schedule, with the same word', async () => {
    const user = await signIn();
    const intentId = await stripeIntent(user, { pay: false });
    await deleteCustomer(user);
    acts().confirm(intentId);
    await acts().idle();
    expect(await payment(`stripe_${intentId}`)).toMatchObject({ uid: user.uid, is_synced: true });

    await eraseCustomers(user);
    expect(await payment(`stripe_${intentId}`)).toMatchObject({ uid: ERASED, amount: 1500 });
    expect(linesOf(LATE_MONEY)).toMatchObject([{ payment_id: `stripe_${intentId}` }]);
    acts().refund(intentId, 1500);
    await acts().idle();
    const [refund] = await corrections(`stripe_${intentId}`);
    expectOwnerless(refund, { amount: -1500 });
    await eraseCustomers(user);
    expect(linesOf(LATE_MONEY)).toHaveLength(1);
    expect(await paths(user)).toEqual([tombstoneOf(user).path]);
  });

  test('a parked correction is released under whoever has its payment by then', async () => {
    const user = await signIn();
    const intentId = await stripeIntent(user);
    acts().hold(true);
    const refund = acts().refund(intentId, 500);
    const told = acts().held();
    acts().failRefund(refund.id);
    await acts().release();
    expect((await parkedOf(world, refund.id))[0]).toMatchObject({ row: { uid: user.uid } });
    await deleteCustomer(user);
    const requests = pushesTo(user);

    acts().edit(refund.id, { status: 'pending' });
    await acts().redeliver(told.at(-1)?.id ?? '');
    acts().edit(refund.id, { status: 'failed' });
    acts().hold(false);
    const parked = await world.firestore.collection('tn_parked_events').get();
    for (const { id, ref } of parked.docs) {
      if (id.includes(refund.id)) await ref.update({ release_at: new Date(0) });
    }
    await world.functions.runSchedule('sync-retryUnsynced');
    expectOwnerless(await payment(`stripe_${refund.id}`), { kind: 'refund', amount: -500 });
    expectOwnerless(await payment(`stripe_${refund.id}-failed`), { amount: 500 });
    expect(pushesTo(user)).toBe(requests);
    expect(await paths(user)).toEqual([tombstoneOf(user).path]);
  });
});

test('a row that waits for its push is pushed first, and erased then', async () => {
  const user = await signIn();
  world.retail.control.hang(true);
  const intentId = await stripeIntent(user);
  const order = await wayforpayOrder(user);
  world.retail.control.hang(false);
  expect(await payment(`stripe_${intentId}`)).toMatchObject({ is_synced: false });

  expect(await deleteCustomer(user)).toEqual(DELETED);
  expect(await paths(user)).toEqual([
    tombstoneOf(user).path,
    `tn_payments/stripe_${intentId}`,
    `tn_payments/wayforpay_${order}`,
  ]);
  expect((await tombstoneOf(user).get()).get('erased_at')).toBeNull();
  expect(linesOf('a deleted account is not yet erased')).toMatchObject([{ left: 2 }]);

  // Told by an erased order of a row that is not erased: it is the same movement, and its owner's.
  for (const { id } of wayforpay.control.notices()) await wayforpay.control.redeliver(id);
  wayforpay.control.refund(order, 250);
  await wayforpay.control.idle();
  expect(await corrections(`wayforpay_${order}`)).toMatchObject([{ uid: user.uid, amount: -250 }]);
  expect(await parkedOf(world, order)).toEqual([]);

  await stack.makeDue(user);
  await world.functions.runSchedule('sync-retryUnsynced');
  expect(world.retail.control.balance(user.uid)).toBe(1500 + 1250 - 250);
  await eraseCustomers(user);
  expect(await paths(user)).toEqual([tombstoneOf(user).path]);
  expect(await payment(`stripe_${intentId}`)).toMatchObject({ uid: ERASED, is_synced: true });
  expect((await tombstoneOf(user).get()).get('erased_at')).not.toBeNull();
  expect(linesOf(LATE_MONEY)).toEqual([]);
});

test('a deletion in the middle of payments: each is erased in the end, none is lost', async () => {
  const user = await signIn();
  acts().hold(true);
  const intents: string[] = [];
  for (let count = 0; count < 6; count += 1) intents.push(await stripeIntent(user, { pay: false }));
  for (const id of intents) acts().confirm(id);
  const [answer] = await Promise.all([
    deleteCustomer(user),
    acts().release({ copies: 2, parallel: true }),
    world.functions.runSchedule('sync-retryUnsynced'),
  ]);
  acts().hold(false);
  expect(answer).toEqual(DELETED);
  await acts().idle();
  await stack.makeDue(user);
  await world.functions.runSchedule('sync-retryUnsynced');
  await eraseCustomers(user);
  expect(await paths(user)).toEqual([tombstoneOf(user).path]);
  for (const id of intents) {
    expect(await payment(`stripe_${id}`)).toMatchObject({ uid: ERASED, amount: 1500 });
  }
  expect(world.retail.control.balance(user.uid)).toBe(6 * 1500);
});

test('on the deployed functions: deleted once, and the token is worth nothing', async () => {
  const user = await signIn();
  const call = () =>
    fetch(functionUrl('app-deleteCustomer'), {
      method: 'DELETE',
      headers: { authorization: `Bearer ${user.token}` },
    });
  const first = await call();
  expect([first.status, await first.json()]).toEqual(DELETED);
  const second = await call();
  expect([second.status, await second.json()]).toEqual(REFUSED);
});
