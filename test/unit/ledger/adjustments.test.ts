import { Conflict } from '../../../functions/src/errors.ts';
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

test('an adjustment that is declined while it is approved is not booked', async () => {
  const book = new Adjustments(own().firestore);
  await book.request(asked, 100, turn);
  let asks = 0;
  const approval = book.approve(
    'a1',
    'second',
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
  const book = new Adjustments(own().firestore);
  await book.request(asked, 100, turn);
  const erase = async () => {
    await own().firestore.doc('tn_adjustments/a1').update({ uid: '(deleted account)' });
  };
  const approval = book.approve('a1', 'second', erase, turn);
  await expect(approval).rejects.toThrow('The account was deleted: decline it.');
  expect(await own().all('tn_payments')).toEqual([]);
});

test('of an approval whose answer was lost the repetition books nothing', async () => {
  const book = new Adjustments(own().firestore);
  await book.request(asked, 100, turn);
  const approve = () => book.approve('a1', 'second', () => Promise.resolve(), turn);
  expect((await approve()).fresh).toMatchObject([{ paymentId: 'manual_a1', amountCents: 500 }]);
  expect(await approve()).toMatchObject({ adjustment: { state: 'booked' }, fresh: [] });
  expect(await own().all('tn_payments')).toHaveLength(1);
});

test('a document that a person has edited is not booked', async () => {
  const book = new Adjustments(own().firestore);
  await book.request(asked, 100, turn);
  await own().firestore.doc('tn_adjustments/a1').update({ amount: '500' });
  const approval = book.approve('a1', 'second', () => Promise.resolve(), turn);
  await expect(approval).rejects.toThrow('edited by hand');
  expect(await book.waiting(9)).toEqual([]);
});
