import { openDeletions } from '../../../functions/src/deletion/deletions.ts';
import { Conflict, Forbidden, NotFound } from '../../../functions/src/errors.ts';
import { Adjustments } from '../../../functions/src/ledger/adjustments.ts';
import { adjustmentIdOf } from '../../../functions/src/ledger/adjustment-id.ts';
import type { AskedMove } from '../../../functions/src/ledger/adjustment-document.ts';
import { openBookedRows } from '../../../functions/src/ledger/booked-rows.ts';
import { Ledger } from '../../../functions/src/ledger/ledger.ts';
import type { PaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { openUnresolvedEvents } from '../../../functions/src/ledger/unresolved-events.ts';
import { reportOn } from '../../../functions/src/reconcile/report.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { paymentRow } from '../../harness/payment-row.ts';
import { DAY_MS, HOUR_MS, movement, NAME, Till } from '../../harness/second-look.ts';

const own = useOwnFirestore();

const start = Date.parse('2026-11-20T10:00:00Z');
const now = new Date(start);
const PAYMENT = 'till_pi';

const payment = (given: Partial<PaymentRow> = {}) =>
  paymentRow({ gateway: NAME, paymentId: PAYMENT, occurredAt: now, ...given });
const correction = (id: string, amountCents: number, given: Partial<PaymentRow> = {}) =>
  payment({ paymentId: `till_${id}`, kind: 'refund', amountCents, parentId: PAYMENT, ...given });

const turn = { now, leaseMs: 3000 };
const open = () => new Adjustments(own().firestore, (uid) => openDeletions().has(uid));

const record = (row: PaymentRow) => new Ledger(own().firestore).record(row, now, 0);

const move = (uid: string, given: Partial<AskedMove> = {}, at = now, limitCents = 10_000) =>
  open().move(
    {
      paymentId: PAYMENT,
      uid,
      reason: 'wrong user',
      mode: 'test',
      madeBy: 'maker',
      madeByEmail: 'maker@example.com',
      ...given,
    },
    limitCents,
    { now: at, leaseMs: 3000 },
  );

const approve = (id: string) =>
  open().approve(id, { uid: 'second', mode: 'test' }, () => Promise.resolve(), turn);

/** What the rows of each user come to. */
async function sums(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const row of await own().all('tn_payments')) {
    const uid = String(row['uid']);
    found[uid] = (found[uid] ?? 0) + Number(row['amount']);
  }
  return found;
}

test('what is left goes to the other user: two rows, one reason, under the lock of the payment', async () => {
  await record(payment({ isReviewer: true }));
  await record(correction('re_1', -500));
  const { adjustment, fresh } = await move('bob');
  expect(adjustment).toMatchObject({ uid: 'bob', amountCents: 1000, state: 'booked' });
  expect(fresh.map(({ uid, amountCents }) => [uid, amountCents])).toEqual([
    ['bob', 1000],
    ['ann', -1000],
  ]);
  const id = `manual_${adjustment.id}`;
  const row = { kind: 'move', gateway: 'manual', parent_id: PAYMENT, order_id: 'order1' };
  const booked = { ...row, mode: 'test', is_reviewer: true, is_synced: false };
  expect(await own().read(`tn_payments/${id}`)).toMatchObject({ ...booked, amount: 1000 });
  expect(await own().read(`tn_payments/${id}-from`)).toMatchObject({ ...booked, amount: -1000 });
  expect(await own().read(`tn_payment_locks/${PAYMENT}`)).toEqual({ gateway: NAME, last_row: id });
  expect(await own().read(`tn_adjustments/${adjustment.id}`)).toMatchObject({
    payment_id: PAYMENT,
    reason: 'wrong user',
  });
  expect(await sums()).toEqual({ ann: 0, bob: 1000 });
});

test('the same once more, later and with another reason, moves nothing; two at once are one', async () => {
  await record(payment());
  const both = await Promise.all([move('bob'), move('bob')]);
  const again = await move('bob', { reason: 'said otherwise' });
  const ids = [...both, again].map(({ adjustment }) => adjustment.id);
  expect(new Set(ids).size).toBe(1);
  expect([...both, again].flatMap(({ fresh }) => fresh)).toHaveLength(2);
  expect(await sums()).toEqual({ ann: 0, bob: 1500 });
});

test('of two users at once one gets it after the other', async () => {
  await record(payment());
  await Promise.all([move('bob'), move('cid')]);
  const { ann, ...others } = await sums();
  expect([ann, Object.values(others).toSorted()]).toEqual([0, [0, 1500]]);
});

test("what comes later is the new user's, within the bounds of the payment", async () => {
  await record(payment());
  await record(correction('re_0', -300));
  await move('bob');
  expect((await record(correction('re_1', -500))).due).toMatchObject({ uid: 'bob' });
  expect(await own().read('tn_payments/till_re_1')).toMatchObject({ uid: 'bob', is_moved: true });
  // The gateway tells all of it again.
  expect((await record(correction('re_1', -500))).isNew).toBe(false);
  expect((await record(payment())).isNew).toBe(false);
  await expect(record(correction('re_2', -701))).rejects.toThrow('of which 7.00 USD are left');
  const failed = { kind: 'refund_failed', parentId: 'till_re_1' } as const;
  expect((await record(correction('re_1-failed', 500, failed))).uid).toBe('bob');
  expect((await record(correction('du_1', -1200, { kind: 'dispute' }))).uid).toBe('bob');
  // The failure of a refund that was still of the first user.
  await record(correction('re_0-failed', 300, { ...failed, parentId: 'till_re_0' }));
  expect(await sums()).toEqual({ ann: 0, bob: 300 });
  await expect(record(correction('re_3', -1, { uid: 'eve' }))).rejects.toThrow("another user's");
});

test('a total and a payment that grows count what both users have', async () => {
  await record(payment({ isTotal: true }));
  await record(correction('refunded-500', -500, { isTotal: true }));
  await move('bob');
  await record(correction('refunded-800', -800, { isTotal: true }));
  await record(payment({ amountCents: 1800, isTotal: true }));
  expect(await sums()).toEqual({ ann: 0, bob: 1000 });
  expect(await own().read('tn_payments/till_pi-1800')).toMatchObject({ uid: 'bob', amount: 300 });
});

test('to a third user, and back: the last one has it, whatever the clocks say', async () => {
  await record(payment());
  await move('bob');
  await record(correction('re_1', -500));
  await move('cid', {}, new Date(start - HOUR_MS));
  expect((await record(correction('re_2', -100))).uid).toBe('cid');
  await move('ann', {}, new Date(start - DAY_MS));
  expect((await record(correction('re_3', -100))).uid).toBe('ann');
  expect(await own().read('tn_payments/till_re_3')).not.toHaveProperty('is_moved');
  // The very words of the first move.
  await move('bob');
  expect(await sums()).toEqual({ ann: 0, bob: 800, cid: 0 });
});

test('a row that takes, and was refused, stops no later move: the user has had the money', async () => {
  await record(payment());
  const { adjustment } = await move('bob');
  const taken = own().doc(`tn_payments/manual_${adjustment.id}-from`);
  await taken.update({ sync_error: { outcome: 'refused_funds' } });
  await move('ann');
  await move('cid');
  expect(await sums()).toEqual({ ann: 0, bob: 0, cid: 1500 });
});

test('an adjustment whose key is the text of a move is not told as the move', async () => {
  await record(payment());
  const key = JSON.stringify(['move', PAYMENT, 'bob', 'wrong-user', null]);
  const words = { uid: 'bob', reason: 'wrong-user', mode: 'test' } as const;
  const member = { madeBy: 'maker', madeByEmail: 'maker@example.com' };
  const asked = { ...words, ...member, id: adjustmentIdOf(key), amountCents: 1 };
  await open().request(asked, 10_000, turn);
  const { adjustment } = await move('bob', words);
  expect(adjustment).toMatchObject({ state: 'booked', paymentId: PAYMENT, amountCents: 1500 });
  // Not even where the document with the id of the move is another one.
  await own().doc(`tn_adjustments/${adjustment.id}`).update({ payment_id: 'till_other' });
  await expect(move('bob', words)).rejects.toThrow('has the money of this payment already');
});

test('a refund that is booked in the meantime leaves nothing to be taken twice', async () => {
  await record(payment());
  await Promise.all([move('bob'), record(correction('re_1', -500))]);
  expect(Object.values(await sums()).toSorted()).toEqual([0, 1000]);
});

describe('it is refused', () => {
  test.each<[string, Partial<AskedMove> & { uid?: string }, string]>([
    ['to the same user', { uid: 'ann' }, 'The user has the money of this payment already.'],
    ['in the other mode', { mode: 'live' }, 'The payment is of the other mode'],
    ['for a correction', { paymentId: 'till_re_1' }, 'This row is no payment'],
    ['for a row of the staff', { paymentId: 'manual_a' }, 'This row is no payment'],
  ])('%s', async (_what, { uid = 'bob', ...given }, words) => {
    await record(payment());
    await record(correction('re_1', -500));
    await record(
      payment({ paymentId: 'manual_a', gateway: 'manual', kind: 'adjustment' } as never),
    );
    const refusal = move(uid, given);
    await expect(refusal).rejects.toBeInstanceOf(Conflict);
    await expect(refusal).rejects.toThrow(words);
    expect(await own().all('tn_adjustments')).toEqual([]);
  });

  test('where nothing is left, and where no row is', async () => {
    await expect(move('bob')).rejects.toBeInstanceOf(NotFound);
    await record(payment());
    await record(correction('re_1', -1500));
    await expect(move('bob')).rejects.toThrow('Nothing is left of the payment.');
  });

  test('where the account that has the money is deleted, whoever paid', async () => {
    await record(payment());
    const { adjustment } = await move('bob');
    const plus = `tn_payments/manual_${adjustment.id}`;
    await own().doc(plus).update({ uid: '(deleted account)' });
    await expect(move('cid')).rejects.toThrow('is deleted, and no balance is left');
    const result = await record(correction('re_1', -500));
    expect(result).toMatchObject({ isOwnerless: true, due: undefined });
  });

  test('where the account that has the money is being deleted, also when it waits', async () => {
    await record(payment());
    const { adjustment } = await move('bob', {}, now, 1499);
    await openDeletions().request('ann', now, now);
    const words = 'is deleted, and no balance is left';
    await expect(move('cid')).rejects.toThrow(words);
    await expect(approve(adjustment.id)).rejects.toThrow(words);
    expect(await sums()).toEqual({ ann: 1500 });
  });

  test("to the member's own account", async () => {
    await record(payment());
    const refusal = move('maker');
    await expect(refusal).rejects.toBeInstanceOf(Forbidden);
    await expect(refusal).rejects.toThrow('It changes your own balance');
  });

  test.each(['rejected', 'malformed', 'ambiguous'])(
    'while the Retail API has not given the money to the first user: %s',
    async (outcome) => {
      await record(payment({ isTotal: true }));
      await record(payment({ amountCents: 1800, isTotal: true }));
      const { adjustment } = await move('bob', {}, now, 1499);
      const grown = own().doc(`tn_payments/${PAYMENT}-1800`);
      await grown.update({ sync_error: { outcome }, next_sync_at: null });
      for (const refusal of [move('bob', { reason: 'again' }), approve(adjustment.id)]) {
        await expect(refusal).rejects.toBeInstanceOf(Conflict);
        await expect(refusal).rejects.toThrow(`refused --retry ${PAYMENT}-1800`);
      }
      expect(await sums()).toEqual({ ann: 1800 });
      await grown.update({ is_synced: true });
      await approve(adjustment.id);
      expect(await sums()).toEqual({ ann: 0, bob: 1800 });
    },
  );

  test.each(['shorter', 'manual_', 'manual___x__', 'manual_..'])(
    'to the user whom a row that a person has written names already: %s',
    async (id) => {
      await record(payment());
      const row = { kind: 'move', uid: 'bob', amount: 1500, parent_id: PAYMENT };
      await own().doc(`tn_payments/${id}`).create(row);
      const refusal = move('bob');
      await expect(refusal).rejects.toBeInstanceOf(Conflict);
      await expect(refusal).rejects.toThrow('has the money of this payment already');
    },
  );

  test('where a person has broken a row', async () => {
    await record(payment());
    await own().doc(`tn_payments/${PAYMENT}`).update({ uid: 7 });
    await expect(move('bob')).rejects.toThrow('no user: mend it first');
    await own().doc(`tn_payments/${PAYMENT}`).update({ uid: 'a/b' });
    await expect(move('bob')).rejects.toThrow('no user: mend it first');
    await own().doc(`tn_payments/${PAYMENT}`).update({ uid: 'ann', amount: '15' });
    await expect(move('bob')).rejects.toThrow('no amount in whole cents');
  });

  test('a correction, where the row that moved the payment has no user', async () => {
    await record(payment());
    const { adjustment } = await move('bob');
    await own().doc(`tn_payments/manual_${adjustment.id}`).update({ uid: 7 });
    await expect(record(correction('re_1', -500))).rejects.toThrow('has no user');
  });
});

describe('beyond the limit', () => {
  test('it waits, and is booked by a second member', async () => {
    await record(payment());
    const { adjustment, fresh } = await move('bob', {}, now, 1499);
    expect([adjustment.state, fresh]).toEqual(['waiting', []]);
    expect(await sums()).toEqual({ ann: 1500 });
    expect((await move('bob', {}, now, 1499)).adjustment).toMatchObject({ id: adjustment.id });
    expect((await approve(adjustment.id)).fresh).toHaveLength(2);
    expect(await sums()).toEqual({ ann: 0, bob: 1500 });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a refund', () => record(correction('re_1', -1))],
    ['a move to a third user', () => move('cid')],
    ['a move there and back', async () => [await move('cid'), await move('ann')]],
  ])('it is not booked after %s', async (_what, happen) => {
    await record(payment());
    const { adjustment } = await move('bob', {}, now, 1499);
    await happen();
    await expect(approve(adjustment.id)).rejects.toThrow('has changed since: decline it');
    await open().decline(adjustment.id, 'second', 'changed', now);
    expect((await sums())['bob']).toBeUndefined();
    // Declined, and asked for again in other words.
    expect((await move('bob', { reason: 'now' })).adjustment.state).toBe('booked');
  });
});

test('a look at the gateway finds no difference, before and after a refund', async () => {
  const till = new Till();
  const at = { orderId: 'order1', occurredAt: new Date(start - HOUR_MS) };
  till.hold(
    movement({ id: 'pi', ...at }),
    movement({ id: 're', kind: 'refund', amountCents: -400, parentId: 'pi', ...at }),
  );
  await record(payment({ occurredAt: at.occurredAt }));
  await move('bob');
  await record(correction('re', -400, { occurredAt: at.occurredAt }));
  for (const { ref } of (await own().firestore.collection('tn_payments').get()).docs) {
    await ref.update({ is_synced: true });
  }
  const books = {
    name: NAME,
    gateway: till.gateway,
    rows: openBookedRows(),
    unresolved: openUnresolvedEvents(),
  };
  const span = { since: new Date(start - DAY_MS), until: new Date(start + DAY_MS) };
  const { lines, sums: told } = await reportOn(books, span);
  expect(lines).toEqual([]);
  expect(told.map(({ kind, bookedCents }) => [kind, bookedCents])).toEqual([
    ['payment', 1500],
    ['refund', -400],
  ]);
  // One that lists nothing is asked about each payment.
  const { inquire } = till.gateway;
  const asked = { ...books, gateway: inquire === undefined ? {} : { inquire } };
  expect((await reportOn(asked, span)).lines).toEqual([]);
});
