import { GooglePlayStage } from '../harness/googleplay.ts';
import { onEmbedded } from '../harness/embedded.ts';
import { accountTokenOf } from '../standins/account-token.ts';

/** Purchases that Google announces before their buyer has ever called. */

jest.setTimeout(60_000);

const stage = new GooglePlayStage();
const success = { status: 200, body: { result: 'success' } };

/** The account tokens of what is kept for the user. */
async function kept(accountToken: string | null = accountTokenOf(stage.user.uid)) {
  const all = stage.client.firestore.collection('tn_unclaimed_purchases');
  return (await all.where('account_token', '==', accountToken).get()).docs;
}

test('one is kept, and credited once when the app sends it', async () => {
  const { token } = stage.buy();
  expect(await stage.answered()).toEqual([200]);
  const [document, ...more] = await kept();
  expect(more).toEqual([]);
  expect(document?.data()).toMatchObject({ gateway: 'googleplay', proof: token });
  expect(document?.id).not.toContain(token);
  expect(stage.google.sale(token).consumed).toBe(false);
  expect(await stage.send(token)).toEqual(success);
  expect(await stage.rows()).toEqual(['payment 333']);
  expect(await kept()).toEqual([]);
});

test('all of an account are credited and consumed when the app sends another one', async () => {
  const [first, second] = [stage.buy(), stage.buy({ quantity: 2 })];
  await stage.answered();
  stage.google.hold(true);
  const third = stage.buy();
  expect(await stage.send(third.token)).toEqual(success);
  expect((await stage.rows()).toSorted()).toEqual(['payment 333', 'payment 333', 'payment 666']);
  expect(stage.balance()).toBe(1332);
  for (const { token } of [first, second, third]) {
    expect(stage.google.sale(token).consumed).toBe(true);
  }
  expect(await kept()).toEqual([]);
  // What was announced is pushed again, and the app sends it at its next start.
  await stage.google.release();
  stage.google.hold(false);
  expect(await stage.send(first.token)).toEqual(success);
  expect(stage.balance()).toBe(1332);
});

test('one of another account stays where it is', async () => {
  const other = await stage.client.signIn();
  const { token } = stage.buy({ accountId: accountTokenOf(other.uid) });
  await stage.answered();
  await stage.send(stage.buy().token);
  expect(await stage.rows()).toEqual(['payment 333']);
  expect(stage.google.sale(token).consumed).toBe(false);
  expect(await kept(accountTokenOf(other.uid))).toHaveLength(1);
  expect(await stage.send(token, other)).toEqual(success);
  expect(await kept(accountTokenOf(other.uid))).toEqual([]);
});

test('one that names no account is kept until somebody sends it', async () => {
  const { token } = stage.google.buy({ productId: 'credits_333' });
  await stage.answered();
  const mine = async () => (await kept(null)).filter((one) => one.get('proof') === token);
  expect(await mine()).toHaveLength(1);
  expect(await stage.send(token)).toEqual(success);
  expect(await mine()).toEqual([]);
});

test('one that was refunded in the meantime credits nothing, and is dropped', async () => {
  const { token } = stage.buy();
  await stage.answered();
  stage.google.void(token);
  await stage.answered();
  await stage.send(stage.buy().token);
  expect(await stage.rows()).toEqual(['payment 333']);
  expect(await kept()).toEqual([]);
});

test('one that cannot be read now is credited by a later call, and the call at hand is answered', async () => {
  const { token } = stage.buy();
  await stage.answered();
  const path = `GET /androidpublisher/v3/applications/com.example.numbers/purchases/productsv2/tokens/${token}`;
  stage.google.fault({ match: path, status: 503 });
  stage.google.hold(true);
  expect(await stage.send(stage.buy().token)).toEqual(success);
  expect(await stage.rows()).toEqual(['payment 333']);
  expect(await stage.send(stage.buy().token)).toEqual(success);
  expect(await stage.rows()).toEqual(Array(3).fill('payment 333'));
  stage.google.hold(false);
});

onEmbedded('an announcement is acknowledged only when the purchase is kept', async () => {
  const STEPS = 5;
  for (let step = 1; step <= STEPS; step += 1) {
    await stage.client.firestoreControl.refuse(step);
    stage.buy();
    await stage.answered();
    await stage.client.firestoreControl.refuse(0);
    expect(await kept()).toHaveLength(step);
  }
  expect(new Set(await stage.answered())).toEqual(new Set([503, 200]));
});

test('one of a user who deletes the account is credited to no user, and names none', async () => {
  const { token, orderId } = stage.buy();
  await stage.answered();
  const response = await fetch(await stage.url('app-deleteCustomer'), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${stage.user.token}` },
  });
  expect(response.status).toBe(200);
  expect(await kept()).toEqual([]);
  const all = await stage.client.firestore.collection('tn_unclaimed_purchases').get();
  expect(all.docs.filter((one) => one.get('proof') === token)).toEqual([]);
  stage.google.notify({
    oneTimeProductNotification: { notificationType: 1, purchaseToken: token },
  });
  await stage.answered();
  expect(stage.google.sale(token).consumed).toBe(false);
  const row = stage.client.firestore.doc(`tn_payments/googleplay_${orderId ?? ''}`);
  expect((await row.get()).exists).toBe(false);
});
