import { randomUUID } from 'node:crypto';
import type { StaffUser, User } from '../../../scripts/stack/client.ts';
import { Office, type Body } from './office.ts';

jest.setTimeout(120_000);

let office: Office;
let user: User;
let maker: StaffUser;
let second: StaffUser;

beforeAll(async () => {
  office = await Office.open();
});

afterAll(() => office.close());

beforeEach(async () => {
  user = await office.app.stack.signIn();
  maker = await office.app.stack.signInAsStaff('finance');
  second = await office.app.stack.signInAsStaff('finance');
});

const reason = 'a top-up was lost';

function adjust(amount: unknown, given: object = {}, caller: User = maker) {
  const body = { uid: user.uid, cents: amount, reason, key: randomUUID(), ...given };
  return office.act('staff-adjust', body, caller);
}

/** Asks for more than one member may give alone. */
async function askForMuch(): Promise<string> {
  const { body } = await adjust(5001);
  return (body['adjustment'] as { adjustment_id: string }).adjustment_id;
}

const approve = (id: string, caller: User = second) =>
  office.act('staff-approveAdjustment', { adjustment_id: id }, caller);

const decline = (id: string, caller: User = second) =>
  office.act('staff-declineAdjustment', { adjustment_id: id, reason: 'not ours' }, caller);

const said = ({ status, body }: { status: number; body: Body }) => [status, body['errorMessage']];

const stored = async (id: string) => (await office.document(`tn_adjustments/${id}`).get()).data();

const balance = () => office.app.retail.control.balance(user.uid);

describe('within the limit', () => {
  test.each([5000, -500])('%d is booked and pushed at once, with its line', async (amount) => {
    if (amount < 0) await adjust(1000);
    const { status, body } = await adjust(amount);
    const { adjustment_id: id } = body['adjustment'] as { adjustment_id: string };
    expect(status).toBe(200);
    expect(body).toMatchObject({
      adjustment: { uid: user.uid, amount, reason, state: 'booked', made_by: maker.email },
      rows: [{ payment_id: `manual_${id}`, state: 'synced', kind: 'adjustment' }],
    });
    expect(balance()).toBe(amount < 0 ? 500 : 5000);
    const row = (await office.document(`tn_payments/manual_${id}`).get()).data();
    expect(row).toMatchObject({ gateway: 'manual', amount, mode: 'test', uid: user.uid });
    expect(await office.audit(`manual_${id}`)).toEqual([
      expect.objectContaining({
        act: 'adjust a balance',
        staff_uid: maker.uid,
        reason,
        state: 'done',
        outcome: 'booked',
      }),
    ]);
    const { body: story } = await office.read('staff-getStory', { id: `manual_${id}` });
    expect(story['summary']).toMatch(/^The staff moved .* USD; all of it is in the balance\.$/);
    expect(JSON.stringify(story['lines'])).toContain(reason);
    const told = await office.app.ask<Body>('app-getTransactions', {}, user);
    expect(told.body['transactions']).toContainEqual(
      expect.objectContaining({ transaction_id: `manual_${id}`, gateway: 'manual', amount }),
    );
  });

  test('the same request twice, and twice at once, is one row', async () => {
    const key = randomUUID();
    const answers = await Promise.all([adjust(700, { key }), adjust(700, { key })]);
    answers.push(await adjust(700, { key }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(balance()).toBe(700);
    expect(await office.app.rows(user)).toHaveLength(1);
    expect(said(await adjust(800, { key }))).toEqual([
      409,
      'The key was used for something else: use another one.',
    ]);
    expect(said(await adjust(700, { key, reason: 'another' }))[0]).toBe(409);
    expect(balance()).toBe(700);
  });

  test('a row that the Retail API does not take at once stays due', async () => {
    office.app.retail.control.down(true);
    const { body } = await adjust(500);
    expect(body).toMatchObject({ adjustment: { state: 'booked' }, rows: [{ state: 'waiting' }] });
    office.app.retail.control.down(false);
    const rows = body['rows'] as { payment_id: string }[];
    const row = await office.document(`tn_payments/${rows[0]?.payment_id ?? ''}`).get();
    expect(row.data()).toMatchObject({ is_synced: false });
    expect(row.data()).toHaveProperty('next_sync_at');
  });
});

test.each([0, 1.5, '500', 10_000_001, -10_000_001, null])(
  '%p cents are refused',
  async (amount) => {
    expect(said(await adjust(amount))).toEqual([400, 'Missing or malformed: cents.']);
    expect(await office.app.rows(user)).toEqual([]);
  },
);

test.each([{ reason: ' ' }, { reason: undefined }, { key: 'short' }])(
  '%j is refused',
  async (given) => {
    expect((await adjust(500, given)).status).toBe(400);
  },
);

describe('an account', () => {
  test('that the Retail API cannot hold is refused', async () => {
    expect(said(await adjust(500, { uid: 'ann@example.com' }))).toEqual([
      400,
      'The Retail API can hold no balance for this uid: letters and digits only.',
    ]);
  });

  test('that does not exist is 404, and no line keeps the uid', async () => {
    const uid = `none${randomUUID().replaceAll('-', '')}`;
    expect((await adjust(500, { uid })).status).toBe(404);
    expect(
      (await office.app.stack.firestore.collection('tn_adjustments').where('uid', '==', uid).get())
        .size,
    ).toBe(0);
  });

  test('that is deleted is 409, also when it is deleted while it waits', async () => {
    const id = await askForMuch();
    await office.app.stack.firestore
      .doc(`tn_deletions/${user.uid}`)
      .create({ next_run_at: new Date(Date.now() + 9e8) });
    expect(said(await adjust(500))).toEqual([409, 'The account is deleted.']);
    expect(said(await approve(id))).toEqual([409, 'The account is deleted.']);
    await office.document(`tn_adjustments/${id}`).update({ uid: '(deleted account)' });
    expect(said(await approve(id))).toEqual([409, 'The account was deleted: decline it.']);
    expect(await office.app.rows(user)).toEqual([]);
    expect((await decline(id)).status).toBe(200);
  });
});

describe('beyond the limit', () => {
  test('it waits, is listed, and is booked by another member alone', async () => {
    const id = await askForMuch();
    expect(await office.app.rows(user)).toEqual([]);
    expect(await stored(id)).toMatchObject({ state: 'waiting', made_by: maker.uid });
    const { body: listed } = await office.read('staff-listAdjustments');
    expect(listed['adjustments']).toContainEqual(expect.objectContaining({ adjustment_id: id }));
    expect(said(await approve(id, maker))).toEqual([
      403,
      'You have asked for it yourself: another member must approve it.',
    ]);
    expect(await office.app.rows(user)).toEqual([]);
    expect((await approve(id)).body).toMatchObject({
      adjustment: { state: 'booked' },
      rows: [{ payment_id: `manual_${id}`, state: 'synced' }],
    });
    expect(balance()).toBe(5001);
    expect(await stored(id)).toMatchObject({ state: 'booked', approved_by: second.uid });
    expect(await stored(id)).not.toHaveProperty('waits_since');
    expect((await office.audit(`manual_${id}`)).map((line) => line['outcome'])).toEqual(
      expect.arrayContaining(['waits for a second person', 'booked']),
    );
    // A person who repeats it after a time-out.
    expect((await approve(id)).status).toBe(200);
    const third = await office.app.stack.signInAsStaff('admin');
    expect(said(await approve(id, third))).toEqual([409, 'It is booked already.']);
    expect(said(await decline(id))).toEqual([409, 'It is booked already.']);
    expect(balance()).toBe(5001);
  });

  test('taking so much needs a second person, too', async () => {
    expect((await adjust(-5001)).body).toMatchObject({ adjustment: { state: 'waiting' } });
  });

  test('two approvals at once are one row', async () => {
    const third = await office.app.stack.signInAsStaff('finance');
    const id = await askForMuch();
    const answers = await Promise.all([approve(id), approve(id, third)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect(await office.app.rows(user)).toHaveLength(1);
    expect(balance()).toBe(5001);
  });

  test('the approval and its row are there together, or neither is', async () => {
    const id = await askForMuch();
    await office.document(`tn_payments/manual_${id}`).create({ uid: 'other' });
    expect((await approve(id)).status).toBe(503);
    expect(await stored(id)).toMatchObject({ state: 'waiting' });
    await office.document(`tn_payments/manual_${id}`).delete();
    expect((await approve(id)).status).toBe(200);
    expect(balance()).toBe(5001);
  });

  test('one whose maker has lost the role is not approved', async () => {
    const id = await askForMuch();
    for (const role of ['support', undefined]) {
      const document = office.document(`tn_staff/${maker.uid}`);
      if (role === undefined) await document.delete();
      else await document.update({ role });
      expect(said(await approve(id))).toEqual([
        409,
        'The member who asked for it has no role for it any more: decline it.',
      ]);
    }
    expect(await office.app.rows(user)).toEqual([]);
  });

  test('one that was declined is never booked', async () => {
    const id = await askForMuch();
    expect((await decline(id)).body).toMatchObject({ adjustment: { state: 'declined' }, rows: [] });
    expect(await stored(id)).toMatchObject({
      declined_by: second.uid,
      declined_for: 'not ours',
    });
    expect(said(await approve(id))).toEqual([409, 'It was declined.']);
    const { body: listed } = await office.read('staff-listAdjustments');
    expect(JSON.stringify(listed)).not.toContain(id);
  });

  test('an id that nothing has is 404', async () => {
    expect((await approve('0'.repeat(32))).status).toBe(404);
    expect((await decline('0'.repeat(32))).status).toBe(404);
  });
});

test.each(['viewer', 'support'] as const)('a %s may neither ask nor approve', async (role) => {
  const member = await office.app.stack.signInAsStaff(role);
  const id = await askForMuch();
  for (const answer of [await adjust(500, {}, member), await approve(id, member)]) {
    expect(said(answer)).toEqual([
      403,
      `Your role is ${role}; this needs finance. Ask an admin for it.`,
    ]);
  }
});
