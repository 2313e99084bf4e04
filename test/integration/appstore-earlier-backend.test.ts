import { AppStoreStage } from '../harness/appstore.ts';

/** The App Store's purchases of before STORE_PURCHASES_SINCE. The stand-in sells before it. */

jest.setTimeout(60_000);

const stage = new AppStoreStage();
const SINCE_MS = Date.now() + 3_600_000;

beforeAll(() => {
  process.env['STORE_PURCHASES_SINCE'] = new Date(SINCE_MS).toISOString();
});

afterAll(() => {
  delete process.env['STORE_PURCHASES_SINCE'];
});

async function traces(transactionId: string): Promise<object[]> {
  const id = `sandbox-${transactionId}`;
  const receipt = await stage.client.firestore.doc(`tn_receipts/appstore_${id}`).get();
  const parked = JSON.stringify(await stage.client.parkedEvents()).includes(transactionId);
  return [...(receipt.exists ? [{ receipt: id }] : []), ...(parked ? [{ parked: id }] : [])];
}

test.each([
  ['a moment before', {}],
  ['three years before', { purchaseDate: Date.now() - 3 * 365 * 86_400_000 }],
  ['of a product that is not sold any more', { productId: 'credits_of_old' }],
  ['refunded since then', { revocationDate: Date.now(), revocationPercentage: 100_000 }],
  ['refunded in part', { revocationDate: Date.now(), revocationPercentage: 50_000 }],
])('a purchase of an earlier backend, %s: 409, and nothing is left', async (_name, patch) => {
  const { transactionId } = stage.buy();
  const proof = stage.store.signedTransaction(transactionId, patch);
  const { status, body } = await stage.send(proof);
  expect([status, body]).toEqual([
    409,
    {
      errorName: 'ConflictException',
      errorMessage:
        'This purchase is older than this backend; send it to the backend that was there before.',
    },
  ]);
  expect(await stage.amounts()).toEqual([]);
  expect(await traces(transactionId)).toEqual([]);
});

test('its notifications are answered 200, and change nothing', async () => {
  // The buyer is known here from a later purchase.
  const later = stage.buy();
  const purchaseDate = SINCE_MS + 1;
  await stage.send(stage.store.signedTransaction(later.transactionId, { purchaseDate }));
  expect(await stage.amounts()).toEqual([499]);
  const { transactionId } = stage.buy();
  const types = ['ONE_TIME_CHARGE', 'CONSUMPTION_REQUEST', 'REFUND_REVERSED'];
  for (const type of types) stage.store.notify(type, transactionId);
  stage.store.refund(transactionId, 50_000);
  expect(new Set((await stage.answered()).slice(-4))).toEqual(new Set([200]));
  expect(await stage.amounts()).toEqual([499]);
  expect(await traces(transactionId)).toEqual([]);
});

test('a purchase from the date on is credited', async () => {
  const { transactionId } = stage.buy();
  const proof = stage.store.signedTransaction(transactionId, { purchaseDate: SINCE_MS });
  expect(await stage.send(proof)).toMatchObject({ status: 200, body: { result: 'success' } });
  expect(await stage.amounts()).toEqual([499]);
});

test('a purchase that was credited here stays ours, with its refunds', async () => {
  const { transactionId } = stage.buy();
  const proof = stage.store.signedTransaction(transactionId, { purchaseDate: SINCE_MS });
  await stage.send(proof);
  const again = stage.store.signedTransaction(transactionId);
  expect((await stage.send(again)).status).toBe(200);
  stage.store.refund(transactionId, 100_000);
  await stage.answered();
  expect(await stage.amounts()).toEqual([499, -499]);
});
