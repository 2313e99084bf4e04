import { API_KEY, clientOf, startStandin } from './stripe-bench.ts';
import type { StripeStandin } from '../../standins/stripe/server.ts';

const PUBLISHABLE = 'pk_test_standin';

interface Shown {
  readonly status?: string;
  readonly error?: { readonly code?: string };
}

let standin: StripeStandin;

beforeAll(async () => {
  standin = await startStandin({ publishableKey: PUBLISHABLE });
});

beforeEach(() => {
  standin.control.reset();
});

afterAll(() => standin.stop());

function create() {
  return clientOf(standin).paymentIntents.create({
    amount: 1500,
    currency: 'usd',
    capture_method: 'manual',
    metadata: { uid: 'user1' },
  });
}

/** As Stripe.js does: everything in the fields, its key as well. */
async function confirm(id: string, fields: Record<string, string>) {
  const response = await fetch(`${standin.origin}/v1/payment_intents/${id}/confirm`, {
    method: 'POST',
    body: new URLSearchParams({
      key: PUBLISHABLE,
      'payment_method_data[type]': 'card',
      'payment_method_data[card][number]': '4242424242424242',
      ...fields,
    }),
  });
  return { status: response.status, body: (await response.json()) as Shown, response };
}

test('a browser confirms the payment whose secret it has, and is not shown our metadata', async () => {
  const { id, client_secret: secret } = await create();
  const { status, body, response } = await confirm(id, { client_secret: secret ?? '' });
  expect([status, body.status]).toEqual([200, 'requires_capture']);
  expect(body).not.toHaveProperty('metadata');
  expect(body).not.toHaveProperty('latest_charge');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(standin.control.events().at(-1)?.type).toBe('payment_intent.amount_capturable_updated');
});

test.each([
  ['the secret of another payment', true, 'payment_intent_invalid_parameter'],
  ['no secret', false, 'parameter_missing'],
])('%s is refused', async (_what, hasOther, code) => {
  const { client_secret: other } = await create();
  const { id } = await create();
  const { status, body } = await confirm(id, hasOther ? { client_secret: other ?? '' } : {});
  expect([status, body.error?.code]).toEqual([400, code]);
  expect(standin.control.object(id)).toMatchObject({ status: 'requires_payment_method' });
});

test('a declined card can be followed by another one', async () => {
  const { id, client_secret: secret } = await create();
  const declined = await confirm(id, {
    client_secret: secret ?? '',
    'payment_method_data[card][number]': '4000000000000002',
  });
  expect([declined.status, declined.body.error?.code]).toEqual([402, 'card_declined']);
  expect(standin.control.events().at(-1)?.type).toBe('payment_intent.payment_failed');
  expect((await confirm(id, { client_secret: secret ?? '' })).status).toBe(200);
});

test('a card of elevated risk is held for review', async () => {
  const { id, client_secret: secret } = await create();
  await confirm(id, {
    client_secret: secret ?? '',
    'payment_method_data[card][number]': '4000000000009235',
  });
  expect(standin.control.intents()[0]?.review).not.toBeNull();
});

test('the publishable key opens nothing else, a foreign one nothing at all', async () => {
  const { id, client_secret: secret } = await create();
  const read = (path: string, key: string) =>
    fetch(standin.origin + path, { headers: { authorization: `Bearer ${key}` } });
  const own = `/v1/payment_intents/${id}?client_secret=${secret ?? ''}`;
  expect((await read(own, PUBLISHABLE)).status).toBe(200);
  expect((await read(`/v1/payment_intents/${id}`, PUBLISHABLE)).status).toBe(400);
  expect((await read('/v1/payment_intents', PUBLISHABLE)).status).toBe(403);
  expect((await read('/v1/payment_intents', API_KEY)).status).toBe(200);
  expect((await confirm(id, { key: 'pk_test_other', client_secret: secret ?? '' })).status).toBe(
    401,
  );
});
