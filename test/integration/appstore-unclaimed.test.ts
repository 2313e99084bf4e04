import { AppStoreStage } from '../harness/appstore.ts';
import { accountTokenOf } from '../standins/account-token.ts';

/** Purchases that Apple reports before their buyer has ever called. */

jest.setTimeout(60_000);

const stage = new AppStoreStage();
const success = { status: 200, body: { result: 'success' } };

async function kept(accountToken = accountTokenOf(stage.user.uid)) {
  const all = stage.client.firestore.collection('tn_unclaimed_purchases');
  return (await all.where('account_token', '==', accountToken).get()).docs;
}

/** Bought, and reported by Apple alone. */
async function report(productId = 'credits_499'): Promise<string> {
  const { transactionId } = stage.buy(productId);
  stage.store.notify('ONE_TIME_CHARGE', transactionId);
  expect(await stage.answered()).not.toContain(503);
  return transactionId;
}

test('one is kept, and credited once when the app sends it', async () => {
  const transactionId = await report();
  const [document, ...more] = await kept();
  expect(more).toEqual([]);
  expect(document?.id).toBe(`appstore_sandbox-${transactionId}`);
  expect(await stage.amounts()).toEqual([]);
  expect(await stage.send(stage.store.signedTransaction(transactionId))).toEqual(success);
  expect(await stage.amounts()).toEqual([499]);
  expect(await kept()).toEqual([]);
});

test('all of an account are credited when the app sends another one', async () => {
  const [first] = [await report(), await report('credits_500')];
  expect(await stage.send(stage.buy().signedTransaction)).toEqual(success);
  expect(await stage.amounts()).toEqual([500, 499, 499]);
  expect(stage.balance()).toBe(1498);
  expect(await kept()).toEqual([]);
  stage.store.notify('ONE_TIME_CHARGE', first);
  await stage.answered();
  expect(await stage.amounts()).toEqual([500, 499, 499]);
});

test('one of another account stays where it is', async () => {
  await report();
  const other = await stage.client.signIn();
  const appAccountToken = accountTokenOf(other.uid);
  const { signedTransaction } = stage.store.buy({ productId: 'credits_500', appAccountToken });
  expect(await stage.send(signedTransaction, other)).toEqual(success);
  expect([await stage.amounts(), await stage.amounts(other)]).toEqual([[], [500]]);
  expect(await kept()).toHaveLength(1);
});

test('one that was refunded in the meantime credits nothing, and is dropped', async () => {
  const transactionId = await report();
  stage.store.refund(transactionId);
  await stage.answered();
  expect(await stage.send(stage.buy('credits_500').signedTransaction)).toEqual(success);
  expect(await stage.amounts()).toEqual([500]);
  expect(await kept()).toEqual([]);
});

test('one of a product that is not in the catalogue waits for the fix', async () => {
  await report('credits_1');
  expect(await stage.send(stage.buy().signedTransaction)).toEqual(success);
  expect(await stage.amounts()).toEqual([499]);
  expect(await kept()).toHaveLength(1);
});

test('one whose refund was reversed is credited to its buyer', async () => {
  const transactionId = await report();
  stage.store.refund(transactionId);
  stage.store.reverseRefund(transactionId);
  await stage.answered();
  expect(await stage.send(stage.buy('credits_500').signedTransaction)).toEqual(success);
  expect(await stage.amounts()).toEqual([500, 499]);
});

test('one of a user who deletes the account keeps neither its account token nor its proof', async () => {
  const transactionId = await report();
  const response = await fetch(await stage.url('app-deleteCustomer'), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${stage.user.token}` },
  });
  expect(response.status).toBe(200);
  const id = `appstore_sandbox-${transactionId}`;
  const document = await stage.client.firestore.doc(`tn_unclaimed_purchases/${id}`).get();
  const erased = '(deleted account)';
  expect(document.data()).toMatchObject({ account_token: erased, proof: erased });
});
