import { personalFields } from '../../../functions/src/deletion/personal-data.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';

const own = useOwnFirestore();
const rows = personalFields.find(({ collection }) => collection === 'tn_payments');

// A person is told to pay it back when it comes after the account is deleted.
test.each([
  ['payment', 1500, true],
  ['move', 1500, true],
  ['move', -1500, false],
  ['refund', -1500, false],
  ['adjustment', 1500, false],
])('a row of the kind %s of %i cents is money without an owner: %s', async (kind, amount, is) => {
  const payments = own().firestore.collection('tn_payments');
  await payments.doc('row').create({ kind, amount });
  const { docs } = await payments.get();
  expect(docs.map((row) => rows?.isMoney?.(row))).toEqual([is]);
});
