import { randomUUID } from 'node:crypto';
import type { User } from '../../../scripts/stack/client.ts';
import { Office, type Body } from './office.ts';

jest.setTimeout(120_000);

let office: Office;
let user: User;

beforeAll(async () => {
  office = await Office.open();
});

afterAll(() => office.close());

beforeEach(async () => {
  user = await office.app.stack.signIn();
});

describe('recheck and story', () => {
  test('a payment that no event has told of is booked by asking, and the story says so', async () => {
    const { body } = await office.app.call<{ id: string; order_id: string }>(
      'stripe-getPaymentIntent',
      { amount: 1500 },
      user,
    );
    office.stripe.control.hold(true);
    office.stripe.control.confirm(body.id);
    office.stripe.control.discard();
    office.stripe.control.hold(false);
    const story = async (id: string) => (await office.read('staff-getStory', { id })).body;
    expect((await story(body.order_id))['summary']).toBe(
      'Not paid, as far as the gateway has told us.',
    );
    const reason = 'the buyer has asked';
    const answer = await office.act('stripe-recheck', { id: body.order_id, reason });
    expect(answer.body).toEqual({ told: 1, booked: [`stripe_${body.id}`], parked: [] });
    expect(office.app.retail.control.balance(user.uid)).toBe(1500);
    expect(await office.audit(body.order_id)).toEqual([
      expect.objectContaining({
        staff_uid: office.support.uid,
        staff_email: office.support.email,
        act: 'recheck',
        reason,
        state: 'done',
        outcome: '1 told, 1 booked or pushed, 0 parked',
      }),
    ]);
    expect(JSON.stringify(await office.audit(body.order_id))).not.toContain(user.uid);
    // Again, by the payment id: nothing new.
    expect((await office.act('stripe-recheck', { id: `stripe_${body.id}` })).body).toEqual({
      told: 1,
      booked: [],
      parked: [],
    });
    for (const id of [body.order_id, `stripe_${body.id}`, body.id]) {
      const told = await story(id);
      expect(told).toMatchObject({
        order_id: body.order_id,
        gateway: 'stripe',
        uid: user.uid,
        summary: '15.00 USD was paid; all of it is in the balance.',
      });
      const texts = (told['lines'] as Body[]).map(({ text }) => String(text)).join('\n');
      expect(texts).toMatch(/^Ordered: 15\.00 USD through stripe/);
      expect(texts).toContain(`Staff: recheck (${reason}), by ${office.support.email}`);
      expect(texts).toContain('Pushed, on try 1: the Retail API has applied it.');
    }
  });

  test('an order of another gateway is not asked about', async () => {
    const id = randomUUID().replaceAll('-', '');
    const order = {
      order_id: id,
      uid: user.uid,
      amount: 1500,
      gateway: 'paypal',
      mode: 'test',
      created_at: new Date(),
    };
    await office.document(`tn_orders/${id}`).create(order);
    const reason = `of another gateway ${id}`;
    expect((await office.act('stripe-recheck', { id, reason })).status).toBe(404);
    expect(await office.audit(id)).toEqual([]);
    expect(await office.audit('(unknown)')).toContainEqual(
      expect.objectContaining({
        reason,
        state: 'failed',
        outcome: 'No order and no row of the gateway has the id.',
      }),
    );
  });

  test.each([
    ['stripe-recheck', 'id'],
    ['staff-retryParked', 'parked_id'],
    ['staff-resolveParked', 'parked_id'],
    ['staff-retryRefused', 'payment_id'],
  ])('%s of a uid, by mistake, leaves a line without it', async (name, field) => {
    const reason = `mistaken ${randomUUID()}`;
    expect((await office.act(name, { [field]: user.uid, reason })).status).toBe(404);
    const lines = await office.audit('(unknown)');
    const [line] = lines.filter((one) => one['reason'] === reason);
    expect(line).toMatchObject({ state: 'failed', staff_uid: office.support.uid });
    expect(JSON.stringify(line)).not.toContain(user.uid);
  });
});

test('a gateway that does not answer is 503, books nothing, and the line says so', async () => {
  const { body } = await office.app.call<{ order_id: string }>(
    'stripe-getPaymentIntent',
    { amount: 1500 },
    user,
  );
  office.stripe.control.fault({ status: 500 }, { status: 500 }, { status: 500 });
  const answer = await office.act('stripe-recheck', { id: body.order_id });
  office.stripe.control.reset();
  expect(answer).toMatchObject({ status: 503, body: { errorMessage: 'Try again later.' } });
  expect(await office.audit(body.order_id)).toMatchObject([{ act: 'recheck', state: 'failed' }]);
  expect(await office.app.rows(user)).toEqual([]);
});

test('a gateway that has no way to be asked is 409', async () => {
  const id = String(Date.now());
  await office.document(`tn_orders/${id}`).create({
    order_id: id,
    uid: user.uid,
    amount: 1500,
    gateway: 'payeer',
    mode: 'test',
    created_at: new Date(),
  });
  expect(await office.act('payeer-recheck', { id })).toMatchObject({
    status: 409,
    body: { errorMessage: 'This gateway cannot be asked here: see its README.' },
  });
});

describe('parked events', () => {
  const parked = (id: string) => office.document(`tn_parked_events/${id}`).get();

  test('are listed, the longest parked first, of one gateway or all', async () => {
    const gateway = `till${Date.now()}`;
    const later = await office.park({ gateway, parked_at: new Date('2020-01-02T00:00:00Z') });
    const first = await office.park({ gateway, recheck_at: new Date('2030-01-01T00:00:00Z') });
    await office.park({ gateway, resolved_at: new Date() });
    const { body } = await office.read('staff-listParked', { gateway });
    expect(body).toMatchObject({
      is_more: false,
      parked: [
        { parked_id: first, next: 'question', next_at: Date.UTC(2030, 0, 1) / 1000 },
        { parked_id: later, next: 'person', next_at: null },
      ],
    });
    const all = (await office.read('staff-listParked')).body['parked'] as Body[];
    expect(all.map((one) => one['parked_id'])).toEqual(expect.arrayContaining([first, later]));
  });

  test('one is due for a question now, and a row that waits for its release', async () => {
    const asked = await office.park({ recheck_at: new Date('2030-01-01T00:00:00Z') });
    const left = await office.park();
    const row = { payment_id: 'stripe_re_1', amount: -500, order_id: null };
    const waits = await office.park({
      row,
      reason: 'conflict',
      release_at: new Date('2030-01-01'),
    });
    const given = await office.park({ row, reason: 'too_early' });
    const answers = [];
    for (const id of [asked, left, waits, given]) {
      answers.push((await office.act('staff-retryParked', { parked_id: id })).body);
    }
    const question = { released: 0, asked: 1, is_more: false };
    const release = { released: 1, asked: 0, is_more: false };
    expect(answers).toEqual([question, question, release, release]);
    const isDue = async (id: string, field: string) =>
      ((await parked(id)).get(field) as FirebaseFirestore.Timestamp).toMillis() <= Date.now();
    expect(await isDue(asked, 'recheck_at')).toBe(true);
    expect(await isDue(left, 'recheck_at')).toBe(true);
    expect(await isDue(waits, 'release_at')).toBe(true);
    expect(await isDue(given, 'release_at')).toBe(true);
    expect(await office.audit(asked)).toMatchObject([
      {
        act: 'retry a parked event',
        state: 'done',
        outcome: 'due now: 0 to release, 1 to ask about',
      },
    ]);
  });

  test('all of one gateway are due at once', async () => {
    const gateway = `till${Date.now()}`;
    await office.park({ gateway });
    await office.park({ gateway, resolved_at: new Date() });
    await office.park({ gateway });
    const { body } = await office.act('staff-retryParked', { parked_id: 'all', gateway });
    expect(body).toEqual({ released: 0, asked: 2, is_more: false });
  });

  test('one is resolved once, with the reason, the line that says who, and an end', async () => {
    const id = await office.park({ recheck_at: new Date(), release_at: new Date() });
    const reason = 'paid back in the dashboard';
    expect((await office.act('staff-resolveParked', { parked_id: id, reason })).status).toBe(200);
    const stored = (await parked(id)).data() ?? {};
    expect(stored).not.toHaveProperty('recheck_at');
    expect(stored).not.toHaveProperty('release_at');
    expect(stored['reason']).toBe('unusable');
    expect(stored['resolution']).toBe(reason);
    const { staff } = stored['resolved_by'] as { staff: string };
    expect((await office.document(`tn_audit/${staff}`).get()).data()).toMatchObject({
      staff_uid: office.support.uid,
      target: id,
      reason,
      state: 'done',
      outcome: 'resolved',
    });
    const life = (stored['expires_at'] as FirebaseFirestore.Timestamp).toMillis() - Date.now();
    expect(Math.abs(life - 180 * 86_400_000)).toBeLessThan(60_000);
    for (const name of ['staff-resolveParked', 'staff-retryParked']) {
      expect(await office.act(name, { parked_id: id, reason })).toMatchObject({
        status: 409,
        body: { errorMessage: 'It is resolved already.' },
      });
    }
  });

  test.each([{}, { reason: '' }, { reason: '  ' }])(
    'one is not resolved with %j',
    async (given) => {
      const id = await office.park();
      expect((await office.act('staff-resolveParked', { parked_id: id, ...given })).status).toBe(
        400,
      );
      expect(await office.audit(id)).toEqual([]);
    },
  );
});

describe('refused rows', () => {
  test('are listed with their fault, and one is due again', async () => {
    const id = await office.refuse(user);
    const { body } = await office.read('staff-listRefused');
    const row = (body['rows'] as Body[]).find((one) => one['payment_id'] === id);
    expect(row).toMatchObject({
      uid: user.uid,
      state: 'refused',
      fault: 'rejected (SomeException, HTTP 400)',
    });
    expect((await office.act('staff-retryRefused', { payment_id: id })).body).toEqual({ armed: 1 });
    const stored = await office.document(`tn_payments/${id}`).get();
    expect(stored.get('sync_error')).toBeUndefined();
    const due = stored.get('next_sync_at') as FirebaseFirestore.Timestamp;
    expect(due.toMillis()).toBeLessThanOrEqual(Date.now());
    await stored.ref.delete();
    expect(await office.audit(id)).toMatchObject([
      { act: 'retry a refused row', state: 'done', outcome: '1 due for the next sweep' },
    ]);
  });

  test.each([
    ['was synced', { is_synced: true, sync_error: null }],
    ['waits', { sync_error: { outcome: 'retryable', status: 503, error_name: null } }],
    ['is of a deleted account', { uid: '(deleted account)' }],
  ])('one that %s is not made due', async (_, fields) => {
    const id = await office.refuse(user, fields);
    expect((await office.act('staff-retryRefused', { payment_id: id })).status).toBe(404);
    expect((await office.document(`tn_payments/${id}`).get()).get('next_sync_at')).toBeUndefined();
  });
});
