import { Conflict, NotFound, Unavailable, Unusable } from '../../../functions/src/errors.ts';
import type { Movement } from '../../../functions/src/movement.ts';
import { openPipeline } from '../../../functions/src/pipeline.ts';
import { ingestClaim } from '../../../functions/src/stores/claim.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { logFromNow } from '../../harness/log.ts';
import { told, useOwnFirestore } from '../../harness/own-firestore.ts';
import { startRetailApi, type RetailApi } from '../../standins/retail-api.ts';

const own = useOwnFirestore();
let retail: RetailApi;

beforeAll(async () => {
  retail = await startRetailApi({ apiKey: 'retail-standin' });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    PLATFONE_API_KEY: 'retail-standin',
    PLATFONE_API_URL: retail.url,
    PLATFONE_CALLS_PER_SECOND: '1000',
  });
});

beforeEach(() => {
  own().server.refuse(0);
});

afterAll(() => retail.stop());

const sale: Movement = {
  id: 'sale1',
  kind: 'payment',
  uid: 'ann',
  amountCents: 499,
  parentId: null,
  orderId: null,
  mode: 'test',
  occurredAt: new Date(0),
};

const event = { gateway: 'somestore', event: { id: 'app_1', type: 'app' } };

const claim = async (...movements: Movement[]) =>
  ingestClaim(await openPipeline(), event, async () => ({ movements, more: 7 }));

const failing = async (error: Error) =>
  ingestClaim(await openPipeline(), event, async () => {
    throw error;
  });

test('the app hears of a purchase once its row is written', async () => {
  expect(await claim(sale)).toEqual({ movements: [sale], more: 7 });
  expect(await own().all('tn_payments')).toMatchObject([{ amount: 499, uid: 'ann' }]);
});

test('the app hears nothing while the row is not written', async () => {
  own().server.refuse(1);
  await expect(claim(sale)).rejects.toThrow(Unavailable);
  expect(await own().all('tn_payments')).toEqual([]);
});

test('a proven purchase that yields no row is parked, told a person, and refused', async () => {
  const logged = logFromNow();
  const error = new Unusable('The price is odd.');
  await expect(failing(error)).rejects.toBe(error);
  expect(await own().all('tn_parked_events')).toMatchObject([{ reason: 'unusable', row: null }]);
  expect(told(logged())).toEqual(['ERROR The price is odd.']);
});

test('it is not refused while it is not parked: the app must send it again', async () => {
  own().server.refuse(1);
  await expect(failing(new Unusable('The price is odd.'))).rejects.toThrow(Unavailable);
  expect(await own().all('tn_parked_events')).toEqual([]);
});

test.each([
  new NotFound('There is none.'),
  new Conflict('Another user has it.'),
  new Unavailable('?'),
])('%s is refused, and not parked', async (error) => {
  await expect(failing(error)).rejects.toBe(error);
  expect(await own().all('tn_parked_events')).toEqual([]);
});

test('a row that is taken is refused, with its reason, and parked', async () => {
  await claim(sale);
  await expect(claim({ ...sale, amountCents: 999 })).rejects.toThrow(Conflict);
  expect(await own().all('tn_parked_events')).toMatchObject([{ reason: 'conflict' }]);
});
