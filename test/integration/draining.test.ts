import * as deployed from '../../functions/src/index.ts';
import type { Published } from '../../functions/src/http/call.ts';
import { StackClient, type User } from '../../scripts/stack/client.ts';
import { ports } from '../../scripts/stack/values.ts';
import { documentsWith } from '../harness/documents-with.ts';
import { setEnvironment } from '../harness/environment.ts';
import { inShort, rowsOf, startWorld, type World } from '../harness/world.ts';

const groups = deployed as unknown as Record<string, Record<string, { published?: Published }>>;
const published = Object.entries(groups).flatMap(([group, entries]) =>
  Object.entries(entries).flatMap(([name, { published: about }]) =>
    about?.kind === 'call' ? [{ group, name: `${group}-${name}`, contract: about.contract }] : [],
  ),
);
const isOrder = ({ contract }: (typeof published)[number]) => 'amount' in contract.input.shape;
const placing = published.filter(isOrder);

const switches = Object.fromEntries(
  placing.map(({ group }) => [`${group.toUpperCase()}_ENABLED`, 'draining']),
);
const off = Object.fromEntries(Object.keys(switches).map((name) => [name, undefined]));

let world: World;
let stack: StackClient;
let user: User;

beforeAll(async () => {
  world = await startWorld({ FIREBASE_AUTH_EMULATOR_HOST: `127.0.0.1:${ports.auth}` });
  stack = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
});

afterAll(async () => {
  await world.stop();
  await stack.close();
});

beforeEach(async () => {
  setEnvironment(off);
  user = await stack.signIn();
});

async function call(name: string, body: object, { token } = user) {
  const response = await fetch(await world.functions.url(name), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const closed = {
  status: 410,
  body: {
    errorName: 'GatewayClosedException',
    errorMessage: 'This gateway takes no new orders; offer another.',
  },
};

test('there are calls that place an order', () => {
  expect(placing.map(({ group }) => group)).toEqual(
    expect.arrayContaining(['anypay', 'cryptomus', 'payeer', 'paypal', 'stripe', 'wayforpay']),
  );
});

test.each(placing)('$name places no order while its gateway is draining', async ({ name }) => {
  setEnvironment(switches);
  expect(await call(name, { amount: 1500 })).toEqual(closed);
  const orders = world.firestore.collection('tn_orders');
  expect(await documentsWith(orders, 'uid', user.uid)).toEqual([]);
});

test('a caller without a token learns nothing of it', async () => {
  setEnvironment(switches);
  expect(await call('stripe-getPaymentIntent', { amount: 1500 }, { ...user, token: '' })).toEqual(
    expect.objectContaining({ status: 401 }),
  );
});

test('a misspelt switch takes no orders, and is our fault', async () => {
  setEnvironment({ STRIPE_ENABLED: 'drainig' });
  expect(await call('stripe-getPaymentIntent', { amount: 1500 })).toMatchObject({ status: 500 });
});

test('while a gateway is draining, its old orders are paid, asked about and refunded', async () => {
  const { body } = await call('stripe-getPaymentIntent', { amount: 1500 });
  const id = String(body['id']);
  setEnvironment(switches);
  world.stripe.control.confirm(id);
  await world.stripe.control.idle();
  expect(inShort(await rowsOf(world, user.uid))).toEqual(['payment 1500']);
  expect(await call('stripe-getPaymentIntentStatus', { payment_intent_id: id })).toEqual({
    status: 200,
    body: { status: 'paid' },
  });
  world.stripe.control.refund(id, 500);
  await world.stripe.control.idle();
  expect(inShort(await rowsOf(world, user.uid))).toEqual(['payment 1500', 'refund -500']);
});

test('a payment that no event has brought is booked by the call for its status, draining or not', async () => {
  const { body } = await call('stripe-getPaymentIntent', { amount: 1500 });
  setEnvironment(switches);
  world.stripe.control.hold(true);
  world.stripe.control.confirm(String(body['id']));
  const asked = await call('stripe-getPaymentIntentStatus', { payment_intent_id: body['id'] });
  world.stripe.control.hold(false);
  expect(asked.body).toEqual({ status: 'paid' });
  expect(inShort(await rowsOf(world, user.uid))).toEqual(['payment 1500']);
  await world.stripe.control.idle();
});
