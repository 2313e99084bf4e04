import type { QueryDocumentSnapshot } from 'firebase-admin/firestore';
import { personalFields } from '../../../functions/src/deletion/personal-data.ts';

const rows = personalFields.find(({ collection }) => collection === 'tn_payments');

// A person is told to pay it back when it comes after the account is deleted.
test.each([
  ['payment', 1500, true],
  ['move', 1500, true],
  ['move', -1500, false],
  ['refund', -1500, false],
  ['adjustment', 1500, false],
])('a row of the kind %s of %i cents is money without an owner: %s', (kind, amount, isMoney) => {
  const row = { get: (field: string) => ({ kind, amount })[field] } as QueryDocumentSnapshot;
  expect(rows?.isMoney?.(row)).toBe(isMoney);
});
