import { randomUUID } from 'node:crypto';
import type { StaffUser, User } from '../../../scripts/stack/client.ts';
import { writeRows } from '../app/rows.ts';
import { Office, type Body } from './office.ts';

jest.setTimeout(120_000);

let office: Office;
let wrong: User;
let right: User;
let maker: StaffUser;
let intent: string;
let payment: string;
let order: string;

beforeAll(async () => {
  office = await Office.open();
});

afterAll(() => office.close());

beforeEach(async () => {
  [wrong, right] = [await office.app.stack.signIn(), await office.app.stack.signIn()];
  maker = await office.app.stack.signInAsStaff('finance');
});

async function pay(amount: number): Promise<void> {
  const { body } = await office.app.call<{ id: string; order_id: string }>(
    'stripe-getPaymentIntent',
    { amount },
    wrong,
  );
  intent = body.id;
  payment = `stripe_${intent}`;
  order = body.order_id;
  office.stripe.control.confirm(intent);
  await office.stripe.control.idle();
}

const reason = 'paid for the wrong account';

function move(given: object = {}, caller: User = maker) {
  const body = { payment_id: payment, uid: right.uid, reason, ...given };
  return office.act('staff-movePayment', body, caller);
}

const said = ({ status, body }: { status: number; body: Body }) => [status, body['errorMessage']];
const balances = () => [wrong, right].map(({ uid }) => office.app.retail.control.balance(uid));
const history = async (user: User) =>
  (await office.app.ask<Body>('app-getTransactions', {}, user)).body['transactions'];
const adjustmentOf = (body: Body) => body['adjustment'] as { adjustment_id: string };

test('the money, its refund and its story are of the right user; each sees what happened', async () => {
  await pay(1500);
  const { status, body } = await move();
  const { adjustment_id: id } = adjustmentOf(body);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    adjustment: { uid: right.uid, payment_id: payment, amount: 1500, state: 'booked', reason },
  });
  expect(body['rows']).toEqual([
    expect.objectContaining({ payment_id: `manual_${id}`, uid: right.uid, state: 'synced' }),
    expect.objectContaining({ payment_id: `manual_${id}-from`, uid: wrong.uid, state: 'synced' }),
  ]);
  expect(balances()).toEqual([0, 1500]);
  expect((await move()).body).toEqual(body);
  const told = { gateway: 'manual', amount: 1500, transaction_id: `manual_${id}` };
  expect(await history(right)).toEqual([expect.objectContaining(told)]);
  expect(await history(wrong)).toEqual([
    expect.objectContaining({ amount: -1500, transaction_id: `manual_${id}-from` }),
    expect.objectContaining({ amount: 1500, transaction_id: payment }),
  ]);
  const asked = await office.app.ask<Body>('app-getPayment', { order_id: order }, wrong);
  expect(asked.body).toMatchObject({ status: 'refunded', payments: [{}, { kind: 'move' }] });

  const given = { payment_id: payment, cents: 500, reason };
  const preview = { payment_id: payment, cents: '500' };
  expect((await office.read('stripe-previewRefund', preview)).body).toMatchObject({
    left: 1500,
    balance: 1500,
    balance_after: 1000,
  });
  expect((await office.act('stripe-refund', given)).body).toMatchObject({ state: 'done' });
  await office.stripe.control.idle();
  expect(balances()).toEqual([0, 1000]);

  const { body: recheck } = await office.act('stripe-recheck', { id: payment });
  expect(recheck).toMatchObject({ told: 2, booked: [], parked: [] });
  const { body: story } = await office.read('staff-getStory', { id: `manual_${id}` });
  expect(story).toMatchObject({ gateway: 'stripe', uid: right.uid, payment_id: payment });
  const texts = (story['lines'] as Body[]).map(({ text }) => text);
  expect(texts).toContain(`Moved by the staff: 15.00 USD was taken from the user ${wrong.uid}.`);
  expect(texts).toContain(`Moved by the staff: 15.00 USD was given to the user ${right.uid}.`);
  expect(texts).toContain(`Staff: move a payment (${reason}), by ${maker.email}: booked.`);
  expect(story['summary']).toBe(
    `15.00 USD was paid, and corrections moved -5.00 USD, and the money was moved to the user ${right.uid}; all of it is in the balance.`,
  );
});

test('a balance that the wrong user has spent: the row that takes waits, and the other is paid', async () => {
  await pay(1500);
  const spent = { uid: wrong.uid, cents: -1000, reason: 'spent', key: randomUUID() };
  await office.act('staff-adjust', spent, maker);
  office.app.retail.control.configure({ overdraft: 'refused' });
  const { body } = await move();
  office.app.retail.control.configure({ overdraft: 'allowed' });
  expect(body['rows']).toEqual([
    expect.objectContaining({ uid: right.uid, state: 'synced' }),
    expect.objectContaining({ uid: wrong.uid, state: 'waiting' }),
  ]);
  expect(balances()).toEqual([500, 1500]);
});

test('more than the limit waits for a second member', async () => {
  await pay(5001);
  const { body } = await move();
  const { adjustment_id: id } = adjustmentOf(body);
  expect(body).toMatchObject({ adjustment: { state: 'waiting', amount: 5001 }, rows: [] });
  expect(balances()).toEqual([5001, null]);
  const approve = (caller: User) =>
    office.act('staff-approveAdjustment', { adjustment_id: id }, caller);
  expect((await approve(maker)).status).toBe(403);
  const second = await office.app.stack.signInAsStaff('finance');
  expect((await approve(second)).body).toMatchObject({ adjustment: { state: 'booked' } });
  expect(balances()).toEqual([0, 5001]);
});

describe('it is refused', () => {
  beforeEach(async () => {
    payment = `stripe_${randomUUID()}`;
    await writeRows(office.app.stack.firestore, wrong.uid, [{ id: payment }]);
  });

  test('for an account that is unknown, deleted, or without a balance', async () => {
    expect((await move({ uid: `none${randomUUID().slice(0, 8)}` })).status).toBe(404);
    expect((await move({ uid: 'ann@example.com' })).status).toBe(400);
    const deletion = { next_run_at: new Date(Date.now() + 9e8) };
    await office.document(`tn_deletions/${right.uid}`).create(deletion);
    expect(said(await move())).toEqual([409, 'The account is deleted.']);
  });

  test('for the same user, a row that is no payment, and an id that nothing has', async () => {
    expect(said(await move({ uid: wrong.uid }))[0]).toBe(409);
    const id = `stripe_${randomUUID()}`;
    const refund = { id, kind: 'refund', amount: -500, parent_id: payment };
    await writeRows(office.app.stack.firestore, wrong.uid, [refund]);
    expect(said(await move({ payment_id: id }))[0]).toBe(409);
    expect((await move({ payment_id: `stripe_${randomUUID()}` })).status).toBe(404);
  });

  test.each([{ reason: ' ' }, { uid: '' }, { payment_id: '../x' }, { payment_id: '__x__' }])(
    '%j',
    async (given) => {
      expect((await move(given)).status).toBe(400);
    },
  );

  test.each(['viewer', 'support'] as const)('to a %s', async (role) => {
    const member = await office.app.stack.signInAsStaff(role);
    expect((await move({}, member)).status).toBe(403);
    expect(await office.app.rows(right)).toEqual([]);
  });
});
