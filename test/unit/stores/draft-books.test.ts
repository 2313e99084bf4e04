import { Conflict } from '../../../functions/src/errors.ts';
import {
  DraftReceipts,
  draftPending,
  draftUnclaimed,
} from '../../../functions/src/stores/draft-books.ts';
import type { Sale } from '../../../functions/src/stores/receipt.ts';
import { memoryReceipts } from '../../harness/receipts.ts';

const owner = { uid: 'user1', accountToken: 'token1' };
const stranger = { uid: 'user2', accountToken: 'token2' };

const sale: Sale = {
  owner,
  productId: 'credits_500',
  quantity: 1,
  movementId: 'm1',
  amountCents: 500,
  mode: 'test',
  occurredAt: new Date(0),
};

const refund = { part: 1, whole: 1, asOf: new Date(1), occurredAt: new Date(1) };

test('changes follow one another, and the book keeps what it has', async () => {
  const book = memoryReceipts();
  await book.claim('r1', owner);
  const before = await book.find('r1');
  const draft = new DraftReceipts(book);
  await draft.credit('r1', sale);
  const { movements } = await draft.revoke('r1', refund);
  expect(movements.map(({ amountCents }) => amountCents)).toEqual([500, -500]);
  expect((await draft.find('r1'))?.movements).toEqual(movements);
  expect(await book.find('r1')).toEqual(before);
});

test('the rules are those of the book', async () => {
  const book = memoryReceipts();
  await book.credit('r1', sale);
  const draft = new DraftReceipts(book);
  await expect(draft.claim('r1', stranger)).rejects.toThrow(Conflict);
  await expect(draft.revoke('r1', refund, stranger)).rejects.toThrow(Conflict);
  expect((await draft.find('r1'))?.revocation).toBeNull();
  expect(await draft.find('r2')).toBeUndefined();
});

test('a user is found by a receipt of the book, and by one that was claimed meanwhile', async () => {
  const book = memoryReceipts();
  await book.claim('r1', owner);
  const draft = new DraftReceipts(book);
  await draft.claim('r2', stranger);
  expect([await draft.uidOf('token1'), await draft.uidOf('token2')]).toEqual(['user1', 'user2']);
  expect(await book.uidOf('token2')).toBeUndefined();
  expect(await draft.uidOf('token3')).toBeUndefined();
});

test('nothing is left to the schedule, and nothing is kept', async () => {
  const purchase = { receiptId: 'r1', accountToken: null, proof: 'p', reportedAt: new Date(0) };
  const pending = { receiptId: 'r1', uid: null, token: 't', orderId: null, openedAt: new Date(0) };
  await draftUnclaimed.keep(purchase);
  await draftPending.open({ awaits: 'finish', ...pending }, new Date(0));
  await draftPending.close({ awaits: 'finish', receiptId: 'r1' });
});
