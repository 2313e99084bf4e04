import {
  FirestoreError,
  type DocumentReference,
} from '../../../functions/src/firestore/client/index.ts';
import { Conflict, Forbidden } from '../../../functions/src/errors.ts';
import { Adjustments } from '../../../functions/src/ledger/adjustments.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';

const own = useOwnFirestore();

const now = new Date();
const turn = { now, leaseMs: 3000 };
const asked = {
  id: 'a1',
  uid: 'ann',
  amountCents: 500,
  reason: 'lost',
  mode: 'test',
  madeBy: 'maker',
  madeByEmail: 'maker@example.com',
} as const;
const second = { uid: 'second', mode: 'test' } as const;
const check = () => Promise.resolve();
const open = () => new Adjustments(own().firestore, () => Promise.resolve(false));

test('an adjustment that is declined while it is approved is not booked', async () => {
  const book = open();
  await book.request(asked, 100, turn);
  let asks = 0;
  const approval = book.approve(
    'a1',
    second,
    async () => {
      asks += 1;
      await book.decline('a1', 'third', 'not ours', now);
    },
    turn,
  );
  await expect(approval).rejects.toThrow(new Conflict('It was declined.'));
  expect(asks).toBe(1);
  expect(await own().all('tn_payments')).toEqual([]);
  expect(await own().read('tn_adjustments/a1')).toMatchObject({ state: 'declined' });
});

test('an account that is erased while it is approved gets no row', async () => {
  const book = open();
  await book.request(asked, 100, turn);
  const erase = async () => {
    await own().doc('tn_adjustments/a1').update({ uid: '(deleted account)' });
  };
  const approval = book.approve('a1', second, erase, turn);
  await expect(approval).rejects.toThrow('The account was deleted: decline it.');
  expect(await own().all('tn_payments')).toEqual([]);
});

test('of an approval whose answer was lost the repetition books nothing', async () => {
  const book = open();
  await book.request(asked, 100, turn);
  const approve = () => book.approve('a1', second, check, turn);
  expect((await approve()).fresh).toMatchObject([{ paymentId: 'manual_a1', amountCents: 500 }]);
  expect(await approve()).toMatchObject({ adjustment: { state: 'booked' }, fresh: [] });
  expect(await own().all('tn_payments')).toHaveLength(1);
});

test('a document that a person has edited is not booked', async () => {
  const book = open();
  await book.request(asked, 100, turn);
  await own().doc('tn_adjustments/a1').update({ amount: '500' });
  const approval = book.approve('a1', second, check, turn);
  await expect(approval).rejects.toThrow('edited by hand');
  expect(await book.waiting(9)).toEqual([]);
});

test('a decline whose answer was lost is one, and no other member may repeat it', async () => {
  const book = open();
  await book.request(asked, 100, turn);
  const documents = Object.getPrototypeOf(own().doc('a/b')) as DocumentReference;
  const update = Reflect.get(documents, 'update') as (...given: unknown[]) => Promise<unknown>;
  // The client repeats the write that was made, and finds another version.
  const lost = jest.spyOn(documents, 'update').mockImplementationOnce(async function (
    this: unknown,
    ...given: unknown[]
  ) {
    await update.apply(this, given);
    throw new FirestoreError(9, 'another version');
  });
  const decline = (by: string) => book.decline('a1', by, 'not ours', now);
  expect(await decline('second')).toMatchObject({ state: 'declined', declinedBy: 'second' });
  expect(lost).toHaveBeenCalledTimes(1);
  lost.mockRestore();
  expect(await decline('second')).toMatchObject({ state: 'declined', decidedAt: now });
  await expect(decline('third')).rejects.toThrow(new Conflict('It was declined.'));
});

test("no member changes, or approves a change of, the member's own balance", async () => {
  const book = open();
  const words = /^It changes your own balance/;
  for (const amountCents of [1, -1, 500]) {
    const own = book.request({ ...asked, uid: 'maker', amountCents }, 100, turn);
    await expect(own).rejects.toThrow(words);
    await expect(own).rejects.toBeInstanceOf(Forbidden);
  }
  expect(await own().all('tn_adjustments')).toEqual([]);
  await book.request({ ...asked, uid: 'second' }, 100, turn);
  const approval = book.approve('a1', second, check, turn);
  await expect(approval).rejects.toThrow(words);
  await expect(approval).rejects.toBeInstanceOf(Forbidden);
  expect(await own().all('tn_payments')).toEqual([]);
  const { adjustment } = await book.approve('a1', { ...second, uid: 'third' }, check, turn);
  expect(adjustment.state).toBe('booked');
});

test('one that was asked for in the other mode is not approved', async () => {
  const book = open();
  await book.request(asked, 100, turn);
  const approval = book.approve('a1', { ...second, mode: 'live' }, check, turn);
  await expect(approval).rejects.toThrow(
    new Conflict('It was asked for in the other mode: decline it.'),
  );
  expect(await own().all('tn_payments')).toEqual([]);
});
