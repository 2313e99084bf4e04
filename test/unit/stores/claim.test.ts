import { Forbidden } from '../../../functions/src/errors.ts';
import { openCheckout as openAppStore } from '../../../functions/src/gateways/appstore/checkout.ts';
import { openCheckout as openGooglePlay } from '../../../functions/src/gateways/googleplay/checkout.ts';
import { accountToken } from '../../../functions/src/stores/account-token.ts';
import { claimantOf } from '../../../functions/src/stores/claim.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { memoryReceipts } from '../../harness/receipts.ts';
import { keyFile, newKey } from '../../standins/googleplay/keys.ts';
import { testConfig, variables } from '../gateways/appstore/bench.ts';

test('a claimant is who calls, and goes by their token', () => {
  expect(claimantOf('user1')).toEqual({ uid: 'user1', accountToken: accountToken('user1') });
});

test.each(['', 'user-1', 'user/1', 'ü', 'x'.repeat(129)])('%p can hold no balance', (uid) => {
  expect(() => claimantOf(uid)).toThrow(Forbidden);
});

test('neither store takes a purchase for an account that can hold no balance', async () => {
  setEnvironment({
    GCLOUD_PROJECT: 'demo-claim',
    ...variables,
    GOOGLE_PLAY_PACKAGE_NAME: 'com.example.numbers',
    GOOGLE_PLAY_SECRET_FILE: keyFile('play@standin.iam.gserviceaccount.com', newKey().privateKey),
  });
  const call = { caller: { uid: 'user-1', regCountry: null }, idempotencyKey: undefined };
  const proof = { signed_transaction: 'word' };
  await expect(
    openAppStore({ config: testConfig, receipts: memoryReceipts() }).createTransaction({
      ...call,
      input: proof,
    }),
  ).rejects.toThrow(Forbidden);
  const bought = { product_id: 'credits_500', purchase_token: 'standin-token-00001' };
  await expect(openGooglePlay().createTransaction({ ...call, input: bought })).rejects.toThrow(
    Forbidden,
  );
});
