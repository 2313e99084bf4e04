import { documentsWith } from '../harness/documents-with.ts';
import { GooglePlayStage } from '../harness/googleplay.ts';

/** Google Play's purchases of before STORE_PURCHASES_SINCE. The stand-in sells before it. */

jest.setTimeout(60_000);

const stage = new GooglePlayStage();
const SINCE_MS = Date.now() + 3_600_000;
const later = () => new Date(SINCE_MS + 1_000).toISOString();

beforeAll(() => {
  process.env['STORE_PURCHASES_SINCE'] = new Date(SINCE_MS).toISOString();
});

afterAll(() => {
  delete process.env['STORE_PURCHASES_SINCE'];
});

async function left(collection: string): Promise<unknown[]> {
  const all = stage.client.firestore.collection(collection);
  return (await documentsWith(all, 'uid', stage.user.uid)).map((document) => document.id);
}

async function expectNothing(): Promise<void> {
  expect(await stage.rows()).toEqual([]);
  expect(await left('tn_receipts')).toEqual([]);
  expect(await left('tn_open_purchases')).toEqual([]);
}

test.each([
  ['a moment before', {}],
  ['years before', { completedAt: '2023-05-05T00:00:00Z' }],
  ['consumed by that backend', { consumed: true }],
  ['refunded since then', { refundableQuantity: 0, orderState: 'REFUNDED' as const }],
  ['of real money', { test: false }],
  ['of a promotion', { orderId: null }],
])(
  'a purchase of an earlier backend, %s: 409, not credited, not consumed',
  async (_name, patch) => {
    const { token, consumed } = stage.buy();
    const sale = stage.google.edit(token, patch);
    const { status, body } = await stage.send(token);
    expect([status, body]).toEqual([
      409,
      {
        errorName: 'ConflictException',
        errorMessage:
          'This purchase is older than this backend; send it to the backend that was there before.',
      },
    ]);
    await stage.answered();
    await stage.finishPurchases();
    expect(consumed).toBe(false);
    expect(stage.google.sale(token).consumed).toBe(sale.consumed);
    await expectNothing();
  },
);

test('a product that is not sold any more is no matter for a person', async () => {
  const before = (await stage.client.parkedEvents()).length;
  const { token } = stage.buy({ productId: 'credits_of_old' });
  expect((await stage.send(token, stage.user, 'credits_of_old')).status).toBe(409);
  await stage.answered();
  expect(await stage.client.parkedEvents()).toHaveLength(before);
});

test('its notifications and refunds are answered, and change nothing', async () => {
  const { token } = stage.buy({ quantity: 2 });
  stage.google.void(token, 1);
  stage.google.announceVoid(token);
  expect(new Set(await stage.answered())).toEqual(new Set([200]));
  await stage.finishPurchases();
  await stage.readHistory();
  expect(stage.google.sale(token).consumed).toBe(false);
  await expectNothing();
});

test('a purchase from the date on is credited and consumed', async () => {
  const { token } = stage.buy();
  stage.google.edit(token, { completedAt: later() });
  expect(await stage.send(token)).toMatchObject({ status: 200, body: { result: 'success' } });
  expect(await stage.rows()).toEqual(['payment 333']);
  expect(stage.google.sale(token).consumed).toBe(true);
});

test('a purchase that is not paid yet has no date, and waits', async () => {
  const { token } = stage.buy({ pending: true });
  expect(await stage.send(token)).toMatchObject({ status: 200, body: { result: 'pending' } });
});

test('a purchase that was credited here stays ours, with its refunds', async () => {
  const { token } = stage.buy();
  stage.google.edit(token, { completedAt: later() });
  await stage.send(token);
  stage.google.edit(token, { completedAt: new Date().toISOString() });
  expect((await stage.send(token)).status).toBe(200);
  stage.google.void(token);
  await stage.answered();
  expect(await stage.rows()).toEqual(['payment 333', 'refund -333']);
});
