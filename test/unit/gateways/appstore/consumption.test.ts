import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { Unavailable } from '../../../../functions/src/errors.ts';
import { AppStoreApi } from '../../../../functions/src/gateways/appstore/api.ts';
import { openGateway } from '../../../../functions/src/gateways/appstore/gateway.ts';
import type { ReceiptBook } from '../../../../functions/src/stores/receipts.ts';
import { accountToken } from '../../../../functions/src/stores/account-token.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { logFromNow } from '../../../harness/log.ts';
import { memoryReceipts } from '../../../harness/receipts.ts';
import { startAppStore, type AppStoreStandin } from '../../../standins/appstore/server.ts';
import { authority, readerOf, requestOf, testConfig, variables } from './bench.ts';

/** What Apple is told about a purchase while it decides on a refund. */

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

let store: AppStoreStandin;
let receipts: ReceiptBook;

beforeEach(async () => {
  const { bundleId } = testConfig;
  receipts = memoryReceipts();
  store = await startAppStore({
    app: { bundleId, environment: 'Sandbox' },
    authority,
    apiKey: { publicKey: createPublicKey(KEY), keyId: 'KEYID', issuerId: 'issuer', bundleId },
  });
  setEnvironment({
    GCLOUD_PROJECT: 'demo-consumption',
    ...variables,
    APPSTORE_PRIVATE_KEY: KEY,
    APPSTORE_KEY_ID: 'KEYID',
    APPSTORE_ISSUER_ID: 'issuer',
    APPSTORE_CONSUMPTION_CONSENT: 'true',
    APPSTORE_API_URL: store.origin,
  });
});

afterEach(() => store.stop());

async function ask(transactionId: string): Promise<number> {
  const gateway = openGateway({ receipts });
  const { body } = store.control.notify('CONSUMPTION_REQUEST', transactionId);
  return (await gateway.movements(await gateway.verify(requestOf(body)))).length;
}

function bought(): string {
  return store.control.buy({ productId: 'credits_500' }).transactionId;
}

test('a purchase that was credited was delivered', async () => {
  const id = bought();
  await receipts.credit(`sandbox-${id}`, {
    owner: { uid: 'user1', accountToken: accountToken('user1') },
    productId: 'credits_500',
    quantity: 1,
    movementId: `sandbox-${id}`,
    amountCents: 500,
    mode: 'test',
    occurredAt: new Date(),
  });
  expect(await ask(id)).toBe(1);
  expect(store.control.requests()).toEqual([
    {
      method: 'PUT',
      path: `/inApps/v2/transactions/consumption/${id}`,
      body: { customerConsented: true, deliveryStatus: 'DELIVERED', sampleContentProvided: false },
      status: 202,
    },
  ]);
});

test('one that was not credited was not', async () => {
  await ask(bought());
  expect(store.control.requests()[0]?.body).toMatchObject({ deliveryStatus: 'UNDELIVERED_OTHER' });
});

test('of a purchase of the other environment the API is told nothing', async () => {
  const { signedTransaction } = store.control.buy({ productId: 'credits_500' });
  const transaction = await readerOf(testConfig).transaction(signedTransaction);
  const config = { bundleId: testConfig.bundleId, privateKey: KEY, keyId: 'KEYID' };
  const reviewed = new AppStoreApi({
    ...config,
    issuerId: 'issuer',
    hasConsent: true,
    mode: 'live',
    url: store.origin,
  });
  await reviewed.sendConsumption(transaction, true);
  expect(store.control.requests()).toEqual([]);
});

test.each<[string, Record<string, string>]>([
  ['consent', { APPSTORE_CONSUMPTION_CONSENT: 'false' }],
  ['a key', { APPSTORE_PRIVATE_KEY: 'none' }],
])('without %s Apple is told nothing', async (_, environment) => {
  setEnvironment(environment);
  expect(await ask(bought())).toBe(0);
  expect(store.control.requests()).toEqual([]);
});

test.each([
  { status: 500 },
  { status: 503 },
  { status: 429 },
  { sends: 'nothing' as const },
  { status: 500, sends: 'half' as const },
])('when the API fails with %p, Apple must ask again', async (fault) => {
  store.control.fault(fault);
  await expect(ask(bought())).rejects.toThrow(Unavailable);
});

test('an answer cut off after the request was taken is no failure', async () => {
  store.control.fault({ status: 202, sends: 'half' });
  expect(await ask(bought())).toBe(0);
});

test('what Apple refuses is a matter for a person, and not repeated', async () => {
  const logged = logFromNow();
  setEnvironment({ APPSTORE_KEY_ID: 'ANOTHER' });
  expect(await ask(bought())).toBe(0);
  expect(store.control.requests()[0]?.status).toBe(401);
  expect(logged().join('\n')).toMatch(/"severity":"ERROR".*no consumption information/);
  expect(logged().join('\n')).not.toContain('Bearer');
});
