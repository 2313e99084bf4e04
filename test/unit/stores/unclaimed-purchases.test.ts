import {
  Conflict,
  Malformed,
  NotFound,
  Unavailable,
  Unusable,
} from '../../../functions/src/errors.ts';
import {
  claimReported,
  type UnclaimedPurchaseBook,
} from '../../../functions/src/stores/unclaimed-purchases.ts';
import { logFromNow } from '../../harness/log.ts';
import { memoryUnclaimed } from '../../harness/receipts.ts';

const owner = { uid: 'user1', accountToken: 'token1' };

let book: UnclaimedPurchaseBook;

beforeEach(async () => {
  book = memoryUnclaimed();
  for (const receiptId of ['r1', 'r2', 'r3']) await keep(receiptId);
});

function keep(receiptId: string, accountToken = owner.accountToken): Promise<void> {
  const proof = `proof of ${receiptId}`;
  return book.keep({ receiptId, accountToken, proof, reportedAt: new Date(0) });
}

const left = async (accountToken = owner.accountToken) =>
  (await book.of(accountToken)).map(({ receiptId }) => receiptId);

test('all purchases of the account are credited but the one at hand, and closed with it', async () => {
  await keep('r4', 'token2');
  const credited: string[] = [];
  await claimReported(book, owner, 'r2', async ({ proof }) => {
    credited.push(proof);
  });
  expect(credited).toEqual(['proof of r1', 'proof of r3']);
  expect([await left(), await left('token2')]).toEqual([[], ['r4']]);
});

test.each([
  [new Conflict('no'), ['r3'], []],
  [new Malformed('no'), ['r3'], []],
  [new NotFound('no'), ['r3'], []],
  [new Unavailable('no'), ['r3'], ['r1']],
  [new Unusable('no'), ['r3'], ['r1']],
  [new Error('a bug'), ['r3'], ['r1']],
])('when one fails with %p the others go on', async (error, wanted, kept) => {
  const credited: string[] = [];
  const logged = logFromNow();
  await claimReported(book, owner, 'r2', async ({ receiptId }) => {
    if (receiptId === 'r1') throw error;
    credited.push(receiptId);
  });
  expect([credited, await left()]).toEqual([wanted, kept]);
  expect(logged().join('\n')).toContain('r1');
  expect(logged().join('\n')).not.toContain('proof of');
});

test.each(['of', 'close'] as const)(
  'a failure of `%s` is logged, and thrown to no caller',
  async (name) => {
    const logged = logFromNow();
    const broken = { ...book, [name]: () => Promise.reject(new Unavailable('Firestore is down')) };
    await claimReported(broken, owner, 'r2', () => Promise.resolve());
    expect(logged().join('\n')).toContain('Firestore is down');
  },
);

test('none is begun when the app has waited for ten seconds', async () => {
  const credited: string[] = [];
  const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000);
  await claimReported(book, owner, 'other', async ({ receiptId }) => {
    credited.push(receiptId);
    clock.mockReturnValue(11_001);
  });
  clock.mockRestore();
  expect(credited).toEqual(['r1']);
  expect(await left()).toEqual(['r2', 'r3']);
});
