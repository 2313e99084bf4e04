import { randomUUID } from 'node:crypto';
import type { User } from '../../../scripts/stack/client.ts';
import { writeRows } from '../app/rows.ts';
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

describe('find', () => {
  const find = async (q: string) => (await office.act('staff-find', { q })).body;
  const ids = (list: unknown, field: string) => (list as Body[]).map((one) => one[field] as string);
  let order: string;
  let intent: string;

  beforeEach(async () => {
    const { body } = await office.app.call<{ id: string; order_id: string }>(
      'stripe-getPaymentIntent',
      { amount: 1777 },
      user,
    );
    ({ id: intent, order_id: order } = body);
    office.stripe.control.confirm(intent);
    await office.stripe.control.idle();
  });

  test.each(['uid', 'order id', 'payment id', "gateway's id"])('by the %s', async (by) => {
    const asked = { uid: user.uid, 'order id': order, 'payment id': `stripe_${intent}` }[by];
    const found = await find(asked ?? intent);
    expect(found).toMatchObject({ as: 'id', is_more: false });
    expect(ids(found['rows'], 'payment_id')).toEqual([`stripe_${intent}`]);
    if (by !== 'payment id') expect(ids(found['orders'], 'order_id')).toEqual([order]);
    expect((found['rows'] as Body[])[0]).toMatchObject({
      state: 'synced',
      amount: 1777,
      fault: null,
    });
  });

  test('by an e-mail address, and by one that no account has', async () => {
    const { email, uid } = await office.app.stack.signInWithClaim(undefined);
    const id = `stripe_${randomUUID()}`;
    await writeRows(office.app.stack.firestore, uid, [{ id }]);
    const found = await find(email);
    expect([found['uid'], ids(found['rows'], 'payment_id')]).toEqual([uid, [id]]);
    expect(await find('nobody@example.com')).toEqual({
      as: 'email',
      uid: null,
      orders: [],
      rows: [],
      parked: [],
      is_more: false,
    });
  });

  test('by an amount and a day, in both directions, newest first', async () => {
    // A day and an amount that no other suite has used.
    const cents = 100_000 + Math.floor(Math.random() * 800_000);
    const given = (id: string, hour: string, amount: number) => ({
      id: `stripe_${cents}-${id}`,
      amount,
      occurred_at: new Date(`2031-05-${hour}:00:00Z`),
      created_at: new Date(`2031-05-${hour}:00:00Z`),
    });
    await writeRows(office.app.stack.firestore, user.uid, [
      given('early', '01T09', cents),
      given('paid', '01T11', cents),
      given('back', '03T11', -cents),
      given('late', '03T13', cents),
      given('other', '02T12', cents + 1),
    ]);
    const found = await find(`${(cents / 100).toFixed(2)} 2031-05-02`);
    expect(found['as']).toBe('amount');
    expect(ids(found['rows'], 'payment_id')).toEqual([
      `stripe_${cents}-back`,
      `stripe_${cents}-paid`,
    ]);
  });

  test('an order by its amount and its day', async () => {
    const today = new Date().toISOString().slice(0, 10);
    expect(ids((await find(`17.77 ${today}`))['orders'], 'order_id')).toContain(order);
  });

  test('a parked event by what it is about', async () => {
    const id = await office.park({ subjects: [`stripe_${intent}`] });
    expect(ids((await find(intent))['parked'], 'parked_id')).toEqual([id]);
  });

  test('an order that a person has made unreadable hides nothing else', async () => {
    await office.document(`tn_orders/${order}`).update({ amount: 'much' });
    const found = await find(user.uid);
    expect([found['orders'], ids(found['rows'], 'payment_id')]).toEqual([[], [`stripe_${intent}`]]);
    const story = await office.read('staff-getStory', { id: order });
    expect(story.body).toMatchObject({ order_id: null, payment_id: `stripe_${intent}` });
  });

  test('a row whose parent a person has made unreadable has its story', async () => {
    for (const parent of ['', 'a/b', '__x__', '..']) {
      await office.document(`tn_payments/stripe_${intent}`).update({ parent_id: parent });
      expect((await office.read('staff-getStory', { id: order })).status).toBe(200);
      expect((await office.read('staff-getStory', { id: intent })).status).toBe(200);
    }
  });

  test('the story of a parked event by its own id is that of its payment', async () => {
    const id = await office.park({ subjects: [`stripe_${intent}`] });
    const lone = await office.park();
    const story = async (one: string) => (await office.read('staff-getStory', { id: one })).body;
    expect(await story(id)).toMatchObject({
      order_id: order,
      summary: '17.77 USD was paid; all of it is in the balance. One parked event is open.',
    });
    expect(await story(lone)).toMatchObject({
      order_id: null,
      summary: 'Nothing was booked. One parked event is open.',
    });
  });

  test.each(['12.50 0001-01-01', '12.50 9999-12-31', '0 2026-11-29', '-1 2026-11-29'])(
    '%j finds nothing, and is no fault',
    async (q) => {
      expect(await find(q)).toMatchObject({ orders: [], parked: [] });
    },
  );

  test('tells no more than 20 of each, and says that there are more', async () => {
    const rows = Array.from({ length: 25 }, (_, index) => ({
      id: `stripe_${user.uid}-${index}`,
      created_at: new Date(Date.UTC(2030, 0, 1, 0, index)),
    }));
    await writeRows(office.app.stack.firestore, user.uid, rows);
    const found = await find(user.uid);
    expect(found['is_more']).toBe(true);
    expect(ids(found['rows'], 'payment_id')).toEqual(
      rows
        .slice(5)
        .map(({ id }) => id)
        .reverse(),
    );
  });

  test.each(['../..', '__x__', 'a/b/c', '%00%', 'a b c', '…'.repeat(100)])(
    '%j finds nothing',
    async (q) => {
      expect(await find(q)).toMatchObject({ orders: [], rows: [], parked: [] });
    },
  );
});
