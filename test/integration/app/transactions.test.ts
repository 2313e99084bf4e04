import { randomUUID } from 'node:crypto';
import type { User } from '../../../scripts/stack/client.ts';
import { ServedApp } from '../../harness/app.ts';
import { writeRows } from './rows.ts';
import { onEmbedded } from '../../harness/embedded.ts';

interface Listed {
  readonly transactions: readonly Readonly<Record<string, unknown>>[];
  readonly page: number;
  readonly limit: number;
  readonly pages: number;
  readonly total: number;
}

let app: ServedApp;

beforeAll(async () => {
  app = await ServedApp.start({});
});

afterAll(() => app.stop());

const ask = (user: User | undefined, query: Record<string, string> = {}) =>
  app.ask<Listed>('app-getTransactions', query, user);

const idsIn = ({ transactions }: Listed) => transactions.map((one) => one['transaction_id']);

/** Rows of the user, a second apart, named so that the newest has the highest number. */
async function write(user: User, count: number, from = 1) {
  const prefix = `stripe_${user.uid}`;
  const rows = Array.from({ length: count }, (_, index) => ({
    id: `${prefix}_${String(from + index).padStart(3, '0')}`,
    amount: 100 + from + index,
    created_at: new Date(Date.UTC(2026, 0, 1, 0, 0, from + index)),
  }));
  await writeRows(app.stack.firestore, user.uid, rows);
  return rows.map(({ id }) => id).reverse();
}

test('a transaction that the Retail API has refused is told as it is', async () => {
  const user = await app.stack.signIn();
  const refused = { outcome: 'rejected', status: 400, error_name: 'SomeException' };
  const late = { outcome: 'retryable', status: 500, error_name: null };
  await writeRows(app.stack.firestore, user.uid, [
    { id: `stripe_${user.uid}_1`, is_synced: false, sync_error: refused },
    { id: `stripe_${user.uid}_2`, is_synced: false, sync_error: late },
    // A person has written it.
    { id: `stripe_${user.uid}_3`, is_synced: false, sync_error: 'rejected' },
    { id: `stripe_${user.uid}_4` },
  ]);
  const { transactions } = (await ask(user)).body;
  const told = transactions.map((one) => [one['transaction_id'], one['is_refused']]);
  expect(Object.fromEntries(told)).toEqual({
    [`stripe_${user.uid}_1`]: true,
    [`stripe_${user.uid}_2`]: undefined,
    [`stripe_${user.uid}_3`]: undefined,
    [`stripe_${user.uid}_4`]: undefined,
  });
});

test('a transaction is told as the Retail API tells it', async () => {
  const user = await app.stack.signIn();
  await writeRows(app.stack.firestore, user.uid, [
    {
      id: `googleplay_${user.uid}`,
      gateway: 'googleplay',
      amount: -1250,
      kind: 'refund',
      parent_id: `googleplay_${user.uid}_paid`,
      created_at: new Date('2026-01-01T00:00:01.900Z'),
      is_synced: false,
    },
  ]);
  expect(await ask(user)).toMatchObject({ status: 200 });
  expect((await ask(user)).body).toEqual({
    transactions: [
      {
        customer_id: user.uid,
        transaction_id: `googleplay_${user.uid}`,
        gateway: 'gplay',
        kind: 'refund',
        parent_id: `googleplay_${user.uid}_paid`,
        amount: -1250,
        created_at: Date.UTC(2026, 0, 1) / 1000 + 1,
      },
    ],
    page: 1,
    limit: 10,
    pages: 1,
    total: 1,
  });
});

test('nothing, and nothing beyond the end, is told as it is', async () => {
  const user = await app.stack.signIn();
  expect((await ask(user)).body).toEqual({
    transactions: [],
    page: 1,
    limit: 10,
    pages: 0,
    total: 0,
  });
  await write(user, 3);
  expect((await ask(user, { page: '5', limit: '2' })).body).toEqual({
    transactions: [],
    page: 5,
    limit: 2,
    pages: 2,
    total: 3,
  });
});

test('pages follow each other, newest first, and hold nothing of anybody else', async () => {
  const [user, other] = [await app.stack.signIn(), await app.stack.signIn()];
  const written = await write(user, 25);
  await write(other, 3);
  const pages = await Promise.all(['1', '2', '3'].map((page) => ask(user, { page })));
  expect(pages.flatMap(({ body }) => idsIn(body))).toEqual(written);
  expect(pages.map(({ body }) => [body.transactions.length, body.pages, body.total])).toEqual([
    [10, 3, 25],
    [10, 3, 25],
    [5, 3, 25],
  ]);
});

test('rows of one time have one order', async () => {
  const user = await app.stack.signIn();
  const rows = Array.from({ length: 7 }, () => ({ id: `stripe_${randomUUID()}` }));
  await writeRows(app.stack.firestore, user.uid, rows);
  const pages = await Promise.all(
    ['1', '2', '3', '4'].map((page) => ask(user, { page, limit: '2' })),
  );
  const sorted = rows.map(({ id }) => id).toSorted();
  expect(pages.flatMap(({ body }) => idsIn(body))).toEqual(sorted.toReversed());
});

test('who pages through 25 rows while new ones arrive misses none', async () => {
  const user = await app.stack.signIn();
  const written = await write(user, 25);
  const seen: unknown[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    if (page === 2 || page === 4) await write(user, 3, page === 2 ? 26 : 29);
    const { body } = await ask(user, { page: String(page), limit: '5' });
    expect(body.total).toBe(page < 2 ? 25 : page < 4 ? 28 : 31);
    seen.push(...idsIn(body));
    pages = body.pages;
  }
  for (const id of written) expect(seen).toContain(id);
  // What moved back over the border of a page was seen on both sides of it.
  expect(seen.length).toBeGreaterThan(new Set(seen).size);
});

test.each([
  { page: '' },
  { page: '0' },
  { page: '-1' },
  { page: '1.5' },
  { page: '1e1' },
  { page: ' 1' },
  { page: '01' },
  { page: 'two' },
  { page: '9999999' },
  { limit: '' },
  { limit: '0' },
  { limit: '101' },
  { limit: '1e1' },
  { limit: '0x10' },
])('%j: 400, by name', async (query) => {
  const user = await app.stack.signIn();
  expect(await ask(user, query)).toMatchObject({
    status: 400,
    body: {
      errorName: 'InvalidRequestParamsException',
      errorMessage: `Missing or malformed: ${Object.keys(query).join()}.`,
    },
  });
});

test('a page that reaches too far back: 400, and it says why', async () => {
  const user = await app.stack.signIn();
  expect((await ask(user, { page: '100', limit: '10' })).status).toBe(200);
  const told = { errorMessage: 'Pages reach back 1000 transactions, not further.' };
  expect(await ask(user, { page: '101', limit: '10' })).toMatchObject({ status: 400, body: told });
  expect(await ask(user, { page: '11', limit: '100' })).toMatchObject({ status: 400, body: told });
});

test('every page that is counted can be asked for, and the total is true', async () => {
  const user = await app.stack.signIn();
  for (let from = 1; from <= 1_100; from += 100) await write(user, 100, from);
  const last = { page: '10', limit: '100' };
  expect((await ask(user, last)).body).toMatchObject({ pages: 10, total: 1_100 });
  // Of a limit that does not divide what pages reach back to.
  const uneven = await ask(user, { page: '34', limit: '30' });
  expect(uneven.body).toMatchObject({ pages: 34, total: 1_100 });
  expect((await ask(user, { page: '35', limit: '30' })).status).toBe(400);
});

test('a row that a person has written takes nothing away', async () => {
  const user = await app.stack.signIn();
  const [newest] = await write(user, 1);
  const goodwill = { id: `support_${user.uid}`, gateway: 'support', kind: 'goodwill' };
  await writeRows(app.stack.firestore, user.uid, [{ ...goodwill, created_at: new Date(0) }]);
  expect(idsIn((await ask(user)).body)).toEqual([newest, goodwill.id]);
});

test('without a token: 401; with another method: 405', async () => {
  expect((await ask(undefined)).status).toBe(401);
  const posted = await app.call('app-getTransactions', {}, await app.stack.signIn());
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
});

onEmbedded('costs one query and one count', async () => {
  const user = await app.stack.signIn();
  await write(user, 3);
  await ask(user);
  await app.stack.firestoreControl.resetRpcs();
  await ask(user);
  expect({ ...(await app.stack.firestoreControl.rpcs()) }).toEqual({
    RunQuery: 1,
    RunAggregationQuery: 1,
  });
});
