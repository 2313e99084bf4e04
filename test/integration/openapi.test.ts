import { StackClient, type Answer, type User } from '../../scripts/stack/client.ts';
import { functionUrl } from '../../scripts/stack/values.ts';
import { accountToken } from '../../functions/src/stores/account-token.ts';
import { staffCases, type Case, type Fields } from './openapi-staff.ts';
import { calls, fits, webhooks, type DocumentedCall } from '../harness/document.ts';

// Every answer of the functions is held to the document for all suites, in
// test/harness/documented-answers.ts. Here each call of the document is made, on the emulators.

const client = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');

afterAll(() => client.close());

async function idOf(name: string, user: User): Promise<string> {
  const { status, body } = await client.call<{ id: string }>(name, { amount: 1500 }, user);
  expect(status).toBe(200);
  return body.id;
}

/** An order of a new user of an app, by the field of the answer that names it. */
async function orderOf(name: string, field: string, body: object = {}): Promise<{ id: unknown }> {
  const user = await client.signIn();
  const answer = await client.call<Fields>(name, { amount: 1500, ...body }, user);
  expect(answer.status).toBe(200);
  return { id: answer.body[field] };
}

/** The row of a purchase in a store. */
async function purchaseOf(name: string): Promise<{ id: unknown }> {
  const user = await client.signIn();
  const fields = (await cases[name]?.prepare?.(user)) ?? {};
  expect((await client.call(name, fields, user)).status).toBe(200);
  return { id: (await client.rows(user))[0]?.['payment_id'] };
}

const recheck: Case['answer'] = { told: 0, booked: [], parked: [] };
const urls = {
  url_return: 'http://localhost:3000/funds',
  url_success: 'http://localhost:3000/funds',
};
const forms = { success_url: urls.url_return, fail_url: urls.url_return };

const page = { url: expect.stringMatching(/^http:/) as string };

const cases: Readonly<Record<string, Case>> = {
  ...staffCases(client),
  'anypay-recheck': {
    prepare: () => orderOf('anypay-createPayment', 'pay_id'),
    answer: recheck,
  },
  'anypay-createPayment': { answer: { amount: 15, currency: 'USD' } },
  'app-deleteCustomer': { answer: { result: 'success' } },
  'app-getBalance': { answer: { total: 0, reserved: 0, pending: 0 } },
  'app-getCustomer': { answer: { accountOnHold: false, regCountry: null } },
  'app-getPayment': {
    async prepare(user) {
      await idOf('stripe-getPaymentIntent', user);
      return { order_id: await client.lastOrder(user) };
    },
    answer: { status: 'unpaid', payments: [] },
  },
  'app-getPublicKeys': { answer: { stripePublishableKey: 'pk_test_standin' } },
  'app-health': { answer: { status: 'ok', mode: 'test' } },
  'app-getTransactions': {
    async prepare(user) {
      const id = await idOf('stripe-getPaymentIntent', user);
      await client.stripe.confirm(id);
      await client.stripe.idle();
      return { page: 1, limit: 5 };
    },
    answer: {
      transactions: [{ gateway: 'stripe', amount: 1500 }],
      page: 1,
      limit: 5,
      pages: 1,
      total: 1,
    },
  },
  'appstore-createTransaction': {
    async prepare({ uid }) {
      const purchase = { productId: 'credits_500', appAccountToken: accountToken(uid) };
      return { signed_transaction: (await client.appstore.buy(purchase)).signedTransaction };
    },
    answer: { result: 'success' },
  },
  'appstore-recheck': {
    prepare: () => purchaseOf('appstore-createTransaction'),
    answer: { told: 1, booked: [], parked: [] },
  },
  'cryptomus-createPayment': { answer: page },
  'cryptomus-recheck': {
    prepare: () => orderOf('cryptomus-createPayment', 'order_id', urls),
    answer: recheck,
  },
  'googleplay-createTransaction': {
    async prepare({ uid }) {
      const purchase = { productId: 'credits_500', accountId: accountToken(uid) };
      return {
        product_id: 'credits_500',
        purchase_token: (await client.googleplay.buy(purchase)).token,
      };
    },
    answer: { result: 'success' },
  },
  'googleplay-recheck': {
    prepare: () => purchaseOf('googleplay-createTransaction'),
    answer: { told: 1, booked: [], parked: [] },
  },
  'payeer-recheck': {
    prepare: () => orderOf('payeer-createOrder', 'm_orderid', forms),
    answer: recheck,
  },
  'payeer-createOrder': { answer: { m_amount: '15.00', m_curr: 'USD' } },
  'paypal-recheck': {
    prepare: () => orderOf('paypal-createOrder', 'order_id'),
    answer: recheck,
  },
  'paypal-createOrder': { answer: { status: 'CREATED' } },
  'paypal-captureOrder': {
    async prepare(user) {
      const id = await idOf('paypal-createOrder', user);
      await client.paypal.approve(id);
      return { id };
    },
    answer: { result: 'success' },
  },
  'stripe-getPaymentIntent': { answer: { publicKey: 'pk_test_standin' } },
  'stripe-getPaymentIntentStatus': {
    async prepare(user) {
      const id = await idOf('stripe-getPaymentIntent', user);
      await client.stripe.confirm(id);
      return { payment_intent_id: id };
    },
    answer: { status: 'paid' },
  },
  'wayforpay-createPayment': { answer: page },
  'wayforpay-recheck': {
    prepare: () => orderOf('wayforpay-createPayment', 'order_id', urls),
    answer: recheck,
  },
  'staff-getStory': {
    prepare: () => orderOf('stripe-getPaymentIntent', 'order_id'),
    answer: { gateway: 'stripe', summary: 'Not paid, as far as the gateway has told us.' },
  },
  'stripe-recheck': {
    prepare: () => orderOf('stripe-getPaymentIntent', 'order_id'),
    answer: recheck,
  },
};

/** A user who may make the call. */
const signIn = ({ isForStaff }: DocumentedCall): Promise<User> =>
  isForStaff ? client.signInAsStaff('admin') : client.signIn();

test('there is a case for every call of the document, and no other', () => {
  expect(calls.map(({ name }) => name).toSorted()).toEqual(Object.keys(cases).toSorted());
});

/** Calls a function with these fields, or with this text for a body. */
async function send(
  { name, method }: DocumentedCall,
  fields: Fields | string,
  { user, headers = {} }: { user?: User | undefined; headers?: Record<string, string> } = {},
): Promise<Answer<Record<string, unknown>>> {
  const inBody = method === 'POST';
  const query = new URLSearchParams();
  if (!inBody) for (const [key, value] of Object.entries(fields)) query.set(key, String(value));
  const response = await fetch(`${functionUrl(name)}?${query.toString()}`, {
    method,
    headers: { ...(user && { authorization: `Bearer ${user.token}` }), ...headers },
    ...(inBody && { body: typeof fields === 'string' ? fields : JSON.stringify(fields) }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}

/** Fields that the document calls valid: what its examples and the case say. */
async function fieldsOf({ name, input }: DocumentedCall, user: User): Promise<Fields> {
  const shown = Object.entries(input.properties ?? {}).flatMap(([field, { examples }]) =>
    examples === undefined ? [] : [[field, examples[0]] as const],
  );
  const fields = { ...Object.fromEntries(shown), ...(await cases[name]?.prepare?.(user)) };
  expect([fields, fits(input, fields)]).toEqual([fields, true]);
  return fields;
}

/** The same fields without one of them. */
function without(fields: Fields, field: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== field));
}

/** Values that the document does not take for a field; a query says them as texts. */
function wrongValues({ method, input }: DocumentedCall, field: string, valid: unknown): unknown[] {
  const schema = input.properties?.[field] ?? {};
  const texts = ['', '-1.5', 'x y', 'x'.repeat(300)];
  if (method === 'POST') {
    return [null, true, [], {}, -1.5, [valid], String(valid), ...texts].filter(
      (value) => !fits(schema, value),
    );
  }
  return texts.filter((text) => !fits(schema, text) && !fits(schema, Number(text || NaN)));
}

/** Requests that the document does not allow, by what is wrong with them. */
function malformed(call: DocumentedCall, fields: Fields): [string, Fields | string][] {
  const { method, input } = call;
  return [
    ...(input.required ?? []).map((field): [string, Fields] => [
      `no ${field}`,
      without(fields, field),
    ]),
    ...Object.keys(input.properties ?? {}).flatMap((field) =>
      wrongValues(call, field, fields[field]).map((value): [string, Fields] => [
        `${field}: ${JSON.stringify(value)}`,
        { ...fields, [field]: value },
      ]),
    ),
    ...(method === 'POST' ? ['', '{', 'null', '[]', '7'] : []).map((text): [string, string] => [
      `the body ${text}`,
      text,
    ]),
  ];
}

describe.each(calls)('$name', (call) => {
  const { name, method, isPublic, input } = call;

  test('succeeds with what the document calls valid', async () => {
    const user = await signIn(call);
    const fields = await fieldsOf(call, user);
    const answer = await send(call, fields, isPublic ? {} : { user });
    expect(answer).toMatchObject({ status: 200, body: cases[name]?.answer ?? {} });
  });

  test('takes fields that it does not know, and does without those it may', async () => {
    const user = await signIn(call);
    const needs = cases[name]?.needs ?? [];
    const required = [...(input.required ?? []), ...(input.anyOf?.[0]?.required ?? []), ...needs];
    const optional = Object.keys(input.properties ?? {}).filter(
      (field) => !required.includes(field),
    );
    const least = optional.reduce(without, await fieldsOf(call, user));
    const answer = await send(call, { ...least, unknown_field: 'x' }, { user });
    expect(answer.status).toBe(200);
  });

  test('answers 400 to whatever the document does not allow', async () => {
    const user = await signIn(call);
    const fields = await fieldsOf(call, user);
    for (const [what, request] of malformed(call, fields)) {
      const { status, body } = await send(call, request, { user });
      expect([what, status, body]).toMatchObject([
        what,
        400,
        { errorName: 'InvalidRequestParamsException' },
      ]);
    }
    if (call.takesKey) {
      const headers = { 'idempotency-key': 'x'.repeat(256) };
      expect((await send(call, fields, { user, headers })).status).toBe(400);
    }
  });

  test.each([
    ['none', {}],
    ['what is no token', { authorization: 'Bearer nonsense' }],
  ])('token: %s', async (_what, headers: Record<string, string>) => {
    const user = await signIn(call);
    const { status } = await send(call, await fieldsOf(call, user), { headers });
    expect(status).toBe(isPublic ? 200 : 401);
  });

  test('another method is answered 405', async () => {
    const response = await fetch(functionUrl(name), { method: 'PUT', body: '{}' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, method]);
  });
});

describe.each(webhooks)('$name', ({ name, contentType }) => {
  test.each(['', '{}', 'a=b'])('an event that nobody has signed is 401: %j', async (body) => {
    const headers = { 'content-type': contentType };
    const response = await fetch(functionUrl(name), { method: 'POST', headers, body });
    expect([contentType, response.status]).toEqual([expect.any(String), 401]);
  });

  test('another method is answered 405', async () => {
    const response = await fetch(functionUrl(name));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
