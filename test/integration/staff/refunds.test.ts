import { randomUUID } from 'node:crypto';
import type { User } from '../../../scripts/stack/client.ts';
import { writeRows } from '../app/rows.ts';
import { Office, type Body } from './office.ts';

jest.setTimeout(120_000);

let office: Office;
let user: User;
let finance: User;
let intent: string;
let payment: string;

beforeAll(async () => {
  office = await Office.open();
  finance = await office.app.stack.signInAsStaff('finance');
});

afterAll(() => office.close());

beforeEach(async () => {
  user = await office.app.stack.signIn();
  const order = { amount: 1500 };
  const { body } = await office.app.call<{ id: string }>('stripe-getPaymentIntent', order, user);
  intent = body.id;
  payment = `stripe_${intent}`;
  office.stripe.control.confirm(intent);
  await office.stripe.control.idle();
});

const reason = 'the buyer has asked';
const refund = (fields: object = {}, caller: User = office.support) =>
  office.act('stripe-refund', { payment_id: payment, reason, ...fields }, caller);
const preview = (fields: Record<string, string> = {}) =>
  office.read('stripe-previewRefund', { payment_id: payment, ...fields });
const balance = () => office.app.retail.control.balance(user.uid);
const requests = async () =>
  (
    await office.app.stack.firestore
      .collection('tn_refund_requests')
      .where('payment_id', '==', payment)
      .get()
  ).docs.map((one) => one.data());
const made = () =>
  office.stripe.control
    .requests()
    .filter(
      ({ method, path, params, isReplayed }) =>
        method === 'POST' &&
        path === '/v1/refunds' &&
        !isReplayed &&
        params['payment_intent'] === intent,
    );
/** A call that has the request is over. */
const leave = async () => {
  const found = await office.app.stack.firestore
    .collection('tn_refund_requests')
    .where('payment_id', '==', payment)
    .get();
  const past = new Date(Date.now() - 1000);
  await Promise.all(found.docs.map((one) => one.ref.update({ call_until: past })));
};

test('a part, then the rest: the preview, the row, the push, the audit and the story', async () => {
  expect((await preview({ cents: '500' })).body).toMatchObject({
    can: 'partial',
    amount: 500,
    left: 1500,
    balance: 1500,
    balance_after: 1000,
  });
  const part = await refund({ cents: 500 });
  expect(part).toMatchObject({ status: 200, body: { state: 'done', amount: 500, fault: null } });
  await office.stripe.control.idle();
  expect(balance()).toBe(1000);
  const rest = await refund();
  expect(rest).toMatchObject({ status: 200, body: { state: 'done', amount: 1000 } });
  await office.stripe.control.idle();
  expect(balance()).toBe(0);
  expect(made()).toHaveLength(2);
  const rows = await office.app.stack.rows(user);
  expect(rows.map((row) => Number(row['amount'])).toSorted((a, b) => a - b)).toEqual([
    -1000, -500, 1500,
  ]);
  expect((await office.audit(payment))[0]).toMatchObject({ act: 'refund', reason, state: 'done' });
  const story = (await office.read('staff-getStory', { id: payment })).body;
  const texts = (story['lines'] as Body[]).map(({ text }) => String(text));
  expect(texts).toContain(
    `Asked for: a refund of 5.00 USD (request ${String(part.body['request_id'])}).`,
  );
  expect(texts).toContain('Refunded: the gateway gave 5.00 USD back.');
  const none = await refund();
  expect([none.status, none.body['errorMessage']]).toEqual([
    409,
    'Nothing is left of the payment.',
  ]);
  expect(JSON.stringify(await requests())).not.toContain(user.uid);
});

test('an answer that is lost after Stripe did it: the same command finishes it, and refunds once', async () => {
  office.stripe.control.hold(true);
  office.stripe.control.fault({
    match: 'POST /v1/refunds$',
    applyThen: true,
    drop: true,
    times: 2,
  });
  const first = await refund({ cents: 500 });
  expect(first.body).toMatchObject({ state: 'unknown', refund_id: null });
  expect((await refund({ cents: 500 })).body['errorMessage']).toMatch(/just now/);
  await leave();
  // Nothing else is given back until it is ended.
  const other = await refund({ cents: 700 });
  expect([other.status, other.body['errorMessage']]).toEqual([
    409,
    'A refund of 5.00 USD is not ended: finish it first, by npm run ops -- refund <payment> 500.',
  ]);
  const second = await refund({ cents: 500 });
  expect(second.body).toMatchObject({ state: 'done', request_id: first.body['request_id'] });
  office.stripe.control.hold(false);
  expect(balance()).toBe(1000);
  expect(await requests()).toHaveLength(1);
  expect(
    (await office.app.stack.rows(user)).filter((row) => row['kind'] === 'refund'),
  ).toHaveLength(1);
});

test('an answer is lost, and then our key is refused: the request stays, and is not made anew', async () => {
  const lost = { applyThen: true, drop: true, times: 2 } as const;
  office.stripe.control.fault({ match: 'POST /v1/refunds$', ...lost });
  const first = await refund({ cents: 500 });
  office.stripe.control.fault({ match: 'GET /v1/refunds', status: 401 });
  await leave();
  expect((await refund({ cents: 500 })).body).toMatchObject({
    state: 'unknown',
    fault: expect.stringContaining('STRIPE_SECRET_KEY') as string,
  });
  await leave();
  expect((await refund({ cents: 500 })).body).toMatchObject({
    state: 'done',
    request_id: first.body['request_id'],
  });
  expect(made()).toHaveLength(1);
});

test('all that is left, asked for again: its row is here, and the request is finished', async () => {
  const lost = { applyThen: true, drop: true, times: 2 } as const;
  office.stripe.control.fault({ match: 'POST /v1/refunds$', ...lost });
  const first = await refund();
  expect([first.body['state'], balance()]).toEqual(['unknown', 0]);
  await leave();
  expect((await refund()).body).toMatchObject({
    state: 'done',
    amount: 1500,
    request_id: first.body['request_id'],
  });
  expect(made()).toHaveLength(1);
});

test('a refund that Stripe has taken and the bank sends back has failed, when it is asked for again', async () => {
  office.stripe.control.hold(true);
  const taken = await refund({ cents: 500 });
  const { refund_id: id } = taken.body;
  const found = office.app.stack.firestore.collection('tn_refund_requests');
  const one = found.doc(String(taken.body['request_id']));
  // As it is while its row has not come.
  await one.update({ state: 'sent' });
  await office.document(`tn_payments/stripe_${String(id)}`).delete();
  office.stripe.control.failRefund(String(id));
  await leave();
  expect((await refund({ cents: 500 })).body).toMatchObject({
    state: 'failed',
    fault: 'The bank has sent the refund back: settle it with the buyer.',
  });
  office.stripe.control.discard();
  office.stripe.control.hold(false);
});

test('a crash before the end was noted: the same command finds the refund and makes no other', async () => {
  await refund({ cents: 500 });
  const [request] = await requests();
  const found = await office.app.stack.firestore
    .collection('tn_refund_requests')
    .where('payment_id', '==', payment)
    .get();
  // As after a crash between the call and the note of its end.
  await found.docs[0]?.ref.update({ state: 'requested', gateway_refund_id: null });
  await leave();
  const calls = made().length;
  expect((await refund({ cents: 500 })).body).toMatchObject({
    state: 'done',
    refund_id: request?.['gateway_refund_id'] as string,
  });
  expect(made()).toHaveLength(calls);
});

test('two members give the same rest back at once: one does, the other is told', async () => {
  const both = await Promise.all([refund(), refund({}, finance)]);
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
  await office.stripe.control.idle();
  expect(balance()).toBe(0);
  expect(made()).toHaveLength(1);
});

test('a repeated command does not give as much back again, unless it says so', async () => {
  await refund({ cents: 500 });
  const again = await refund({ cents: 500 });
  expect([again.status, again.body['errorMessage']]).toEqual([
    409,
    expect.stringContaining('--another'),
  ]);
  expect((await refund({ cents: 500, is_another: true })).status).toBe(200);
  expect(made()).toHaveLength(2);
});

test.each<[string, object, number, RegExp]>([
  ['more than is left', { cents: 1501 }, 409, /^Only 15\.00 USD are left/],
  ['without a reason', { reason: '' }, 400, /reason/],
  ['nothing', { cents: 0 }, 400, /cents/],
])('refused: %s', async (_, fields, status, words) => {
  const answer = await refund(fields);
  expect([answer.status, answer.body['errorMessage']]).toEqual([
    status,
    expect.stringMatching(words),
  ]);
  expect(await requests()).toEqual([]);
});

test('a disputed payment has nothing left, and a correction is no payment', async () => {
  const dispute = office.stripe.control.dispute(intent);
  office.stripe.control.withdrawDispute(dispute.id);
  await office.stripe.control.idle();
  expect((await refund()).body['errorMessage']).toBe('Nothing is left of the payment.');
  const correction = (await office.app.stack.rows(user)).find((row) => row['kind'] === 'dispute');
  const odd = await refund({ payment_id: correction?.['payment_id'] as string });
  expect(odd.body['errorMessage']).toMatch(/^This row is no payment/);
});

test('Stripe refuses: the request has failed, and says so', async () => {
  office.stripe.control.fault({ match: 'POST /v1/refunds$', status: 400 });
  const answer = await refund();
  expect(answer.body).toMatchObject({
    state: 'failed',
    fault: 'Stripe refuses the refund: look at the payment in its dashboard.',
  });
  expect(balance()).toBe(1500);
  expect((await refund()).body['state']).toBe('done');
});

test('support gives back up to its limit, finance any sum', async () => {
  const row = { amount: 9000, id: `stripe_pi_${randomUUID().replaceAll('-', '')}` };
  await writeRows(office.app.stack.firestore, user.uid, [row]);
  const asked = { payment_id: row.id, cents: 5001 };
  const answer = await refund(asked);
  expect([answer.status, answer.body['errorMessage']]).toEqual([
    403,
    expect.stringContaining('REFUND_SUPPORT_MAX_CENTS'),
  ]);
  // Stripe does not know this one.
  expect((await refund(asked, finance)).body['state']).toBe('failed');
});

test('a payment of the other mode, of another gateway, and none', async () => {
  const rows = [
    { id: `stripe_${randomUUID()}`, mode: 'live' },
    { id: `paypal_${randomUUID()}`, gateway: 'paypal' },
  ];
  await writeRows(office.app.stack.firestore, user.uid, rows);
  const words = await Promise.all(
    rows.map(async ({ id }) => (await refund({ payment_id: id })).body['errorMessage']),
  );
  expect(words).toEqual([
    expect.stringContaining('other mode'),
    'The payment is of another gateway.',
  ]);
  expect((await refund({ payment_id: 'stripe_nothing' })).status).toBe(404);
});

test('money of a deleted account goes back, and no balance changes', async () => {
  await office.document(`tn_payments/${payment}`).update({ uid: '(deleted account)' });
  const told = (await preview()).body;
  expect(told).toMatchObject({ balance: null, is_deleted_account: true, amount: 1500 });
  expect((await refund()).body['state']).toBe('done');
  expect(balance()).toBe(1500);
});

test('a request that is left is listed, and closed by finance', async () => {
  office.stripe.control.fault({ match: 'POST /v1/refunds$', timeout: true, times: 2 });
  office.stripe.control.fault({ match: 'POST /v1/refunds$', status: 500, times: 2 });
  const { body } = await refund();
  expect(body['state']).toBe('unknown');
  const request_id = String(body['request_id']);
  const open = async () =>
    ((await office.read('staff-listRefunds')).body['requests'] as Body[]).filter(
      (one) => one['request_id'] === request_id,
    );
  expect(await open()).toMatchObject([{ payment_id: payment, amount: 1500, state: 'unknown' }]);
  const close = { request_id, reason: 'nothing in the dashboard' };
  expect((await office.act('staff-closeRefund', close)).status).toBe(403);
  expect((await office.act('staff-closeRefund', close, finance)).status).toBe(409);
  await leave();
  expect((await office.act('staff-closeRefund', close, finance)).body).toEqual({
    payment_id: payment,
  });
  expect(await open()).toEqual([]);
});
