import type { AppStoreConfig } from '../../functions/src/gateways/appstore/config.ts';
import { AppStoreStage, BUNDLE_ID } from '../harness/appstore.ts';

/** What the App Store's functions refuse, over HTTP; and who may use the sandbox where money is real. */

jest.setTimeout(60_000);

const stage = new AppStoreStage();

async function parkedFor(receipt: string) {
  return (await stage.client.parkedEvents()).filter(
    (parked) => (parked['event'] as { id?: string }).id === receipt,
  );
}

test.each([
  ['an unknown product', { productId: 'credits_1' }],
  ['a quantity of 0', { quantity: 0 }],
  ['no consumable', { type: 'Non-Consumable' }],
  ['a price below nothing', { price: -4990 }],
  ['an ownership that Apple has not announced', { inAppOwnershipType: 'LENT' }],
  ['a renewal', { transactionReason: 'RENEWAL' }],
])('%s is refused and parked once', async (_, patch) => {
  const { transactionId } = stage.buy();
  const proof = stage.store.signedTransaction(transactionId, patch);
  expect((await stage.send(proof)).status).toBe(409);
  expect((await stage.send(proof)).status).toBe(409);
  expect(await stage.amounts()).toEqual([]);
  const parked = await parkedFor(`sandbox-${transactionId}`);
  expect(parked).toHaveLength(1);
  expect(parked[0]).toMatchObject({ reason: 'unusable', gateway: 'appstore' });
});

test.each([
  ['a purchase that cost nothing', { price: 0 }, 'unpaid'],
  ['a shared purchase', { inAppOwnershipType: 'FAMILY_SHARED' }, 'shared'],
  ['a shared purchase that is free', { inAppOwnershipType: 'FAMILY_SHARED', price: 0 }, 'shared'],
])('%s is answered `finish`, and parked once', async (_, patch, reason) => {
  const { transactionId } = stage.buy();
  const proof = stage.store.signedTransaction(transactionId, patch);
  const finish = { status: 200, body: { result: 'finish', reason } };
  expect(await stage.send(proof)).toEqual(finish);
  expect(await stage.send(proof)).toEqual(finish);
  expect(await stage.amounts()).toEqual([]);
  expect(await parkedFor(`sandbox-${transactionId}`)).toHaveLength(1);
});

test('a refunded purchase of an unknown product is answered `finish`', async () => {
  const { transactionId } = stage.buy('credits_1');
  stage.store.refund(transactionId);
  await stage.answered();
  const finish = { status: 200, body: { result: 'finish', reason: 'refunded' } };
  expect(await stage.send(stage.store.signedTransaction(transactionId))).toEqual(finish);
});

test('a notification is read whatever its content type, and a bare one proves nothing', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  await stage.send(signedTransaction);
  const { body } = stage.store.notify('REFUND_DECLINED', transactionId);
  const webhook = await stage.url('appstore-handleWebhookEvents');
  const post = async (text: string, type: string) =>
    (await fetch(webhook, { method: 'POST', headers: { 'content-type': type }, body: text }))
      .status;
  expect(await post(body, 'text/plain')).toBe(200);
  expect(await post(`[${body}]`, 'application/json')).toBe(401);
  expect(await post(signedTransaction, 'text/plain')).toBe(401);
  expect((await fetch(webhook)).status).toBe(405);
});

test('what Apple has not signed is refused, and signs nobody out', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  const foreign = stage.store.signedTransaction(transactionId, { bundleId: 'com.example.other' });
  const real = stage.store.signedTransaction(transactionId, { environment: 'Production' });
  const tampered = signedTransaction.replace(/\.\w{8}/, '.AAAAAAAA');
  const forged = stage.store.forged({ productId: 'credits_500' });
  for (const proof of [foreign, real, tampered, forged, 'word', '', 1, null, [signedTransaction]]) {
    expect((await stage.send(proof)).status).toBe(400);
  }
  expect((await stage.send('A'.repeat(1_000_001))).status).toBe(413);
  expect((await stage.send(signedTransaction, { token: 'forged' })).status).toBe(401);
  const webhook = await stage.url('appstore-handleWebhookEvents');
  const body = JSON.stringify({ signedPayload: forged });
  expect((await fetch(webhook, { method: 'POST', body })).status).toBe(401);
  expect(await stage.amounts()).toEqual([]);
});

describe('a live deployment', () => {
  const live: AppStoreConfig = {
    mode: 'live',
    bundleId: BUNDLE_ID,
    appAppleId: 6_400_000_001,
    root: stage.authority.root.der,
  };

  async function claim(proof: string) {
    const { openCheckout } = await import('../../functions/src/gateways/appstore/checkout.ts');
    const call = {
      caller: { uid: stage.user.uid, regCountry: null },
      input: { signed_transaction: proof },
      idempotencyKey: undefined,
    };
    return openCheckout({ config: live }).createTransaction(call);
  }

  test('credits no purchase of the sandbox', async () => {
    await expect(claim(stage.buy().signedTransaction)).rejects.toThrow('sandbox');
    expect(await stage.amounts()).toEqual([]);
  });

  test('but those of reviewers, as a test', async () => {
    process.env['STORE_REVIEWER_UIDS'] = `somebody,${stage.user.uid}`;
    expect(await claim(stage.buy().signedTransaction)).toEqual({ result: 'success' });
    const [row] = await stage.client.rows(stage.user);
    expect(row).toMatchObject({ amount: 499, mode: 'live', is_reviewer: true });
  });

  test('and what was really bought', async () => {
    const { transactionId } = stage.buy();
    const proof = stage.store.signedTransaction(transactionId, { environment: 'Production' });
    expect(await claim(proof)).toEqual({ result: 'success' });
    const [row] = await stage.client.rows(stage.user);
    expect(row).toMatchObject({ payment_id: `appstore_${transactionId}`, mode: 'live' });
  });
});
