import { setTimeout as delay } from 'node:timers/promises';
import type { App } from 'firebase-admin/app';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import type { Firestore } from 'firebase-admin/firestore';
import { getFirestore } from 'firebase-admin/firestore';
import type { FirestoreServer } from '../../scripts/stack/firestore/embedded.ts';
import { startEmbeddedFirestore } from '../../scripts/stack/firestore/embedded.ts';
import { eventually } from '../harness/scratch.ts';

/** What the local Firestore does beyond the protocol. */

const INVALID_ARGUMENT = 3;

const apps: App[] = [];
let server: FirestoreServer;
let db: Firestore;

function connect(projectId: string, databaseId = '(default)'): Firestore {
  const app = initializeApp({ projectId }, `embedded-${apps.length}`);
  apps.push(app);
  return getFirestore(app, databaseId);
}

beforeAll(async () => {
  server = await startEmbeddedFirestore({ port: 0 });
  process.env['FIRESTORE_EMULATOR_HOST'] = server.host;
  db = connect('demo-embedded');
});

beforeEach(() => {
  server.clear();
});

afterAll(async () => {
  await Promise.all(apps.map((app) => deleteApp(app)));
  await server.stop();
});

test('calls are counted by RPC until reset', async () => {
  await db.doc('c/a').get();
  server.resetRpcs();
  await db.doc('c/a').set({ n: 1 });
  await db.doc('c/a').update({ n: 2 });
  await db.collection('c').where('n', '==', 2).get();
  expect(server.rpcs()).toEqual({ Commit: 2, RunQuery: 1 });
});

test('one write is refused when it is ordered, and has no effect', async () => {
  server.refuse(2);
  await db.doc('c/a').set({ n: 1 });
  await expect(db.doc('c/a').set({ n: 2 })).rejects.toMatchObject({ code: 15 });
  expect((await db.doc('c/a').get()).get('n')).toBe(1);
});

test('clearing deletes all documents of all databases', async () => {
  const other = connect('demo-other', 'second');
  await Promise.all([db.doc('c/a').set({}), other.doc('c/a').set({})]);
  server.clear();
  expect((await db.doc('c/a').get()).exists).toBe(false);
  expect(await other.listCollections()).toEqual([]);
});

test('clearing is seen by listeners', async () => {
  const seen: boolean[] = [];
  const stop = db.doc('c/a').onSnapshot((doc) => seen.push(doc.exists));
  await eventually(() => seen.length === 1);
  await db.doc('c/a').set({});
  await eventually(() => seen.length === 2);
  server.clear();
  await eventually(() => seen.length === 3);
  await db.doc('c/a').set({});
  await eventually(() => seen.length === 4);
  stop();
  expect(seen).toEqual([false, true, false, true]);
});

test('a transaction open while all is cleared cannot commit', async () => {
  const transaction = db.runTransaction(
    async (tx) => {
      await tx.get(db.doc('c/a'));
      server.clear();
      tx.set(db.doc('c/a'), {});
    },
    { maxAttempts: 1 },
  );
  await expect(transaction).rejects.toMatchObject({ code: INVALID_ARGUMENT });
});

test('while it hangs nothing is answered; afterwards what waited is', async () => {
  server.hang(true);
  let answered = false;
  const write = db
    .doc('c/a')
    .set({})
    .then(() => {
      answered = true;
    });
  await delay(200);
  expect(answered).toBe(false);
  server.hang(false);
  await write;
  expect((await db.doc('c/a').get()).exists).toBe(true);
});

test('a query without its index is refused, and a listener; the index file is at hand', async () => {
  const rows = db.collection('tn_payments');
  const FAILED_PRECONDITION = 9;
  const cure = /The query requires an index\. Add it to .*firestore\.indexes\.json: \{/;
  const exempted = rows.where('uid', '==', 'u');
  await expect(exempted.get()).rejects.toMatchObject({ code: FAILED_PRECONDITION });
  await expect(exempted.get()).rejects.toThrow(cure);
  await expect(exempted.count().get()).rejects.toThrow(cure);
  await expect(db.runTransaction((tx) => tx.get(exempted))).rejects.toThrow(cure);
  const heard = new Promise((resolve, reject) => exempted.onSnapshot(resolve, reject));
  await expect(heard).rejects.toThrow(cure);
  // What docs/client-protocol.md lets an app ask for.
  const own = exempted.orderBy('created_at', 'desc');
  expect((await own.get()).empty).toBe(true);
  expect(
    (await db.collection('tn_orders').where('uid', '==', 'u').orderBy('created_at', 'desc').get())
      .empty,
  ).toBe(true);
});

test('databases are apart, under any project id', async () => {
  const all = [connect('p'), connect('a--b'), connect('demo-embedded', 'second'), db];
  await Promise.all(all.map((one, n) => one.doc('c/a').set({ n, self: one.doc('c/a') })));
  const read = await Promise.all(all.map((one) => one.doc('c/a').get()));
  expect(read.map((doc) => doc.get('n') as number)).toEqual([0, 1, 2, 3]);
  for (const doc of read) expect(doc.ref.isEqual(doc.get('self') as typeof doc.ref)).toBe(true);
});

test('a taken port is named', async () => {
  const port = Number(server.host.split(':')[1]);
  await expect(startEmbeddedFirestore({ port })).rejects.toThrow(`port ${port} is taken`);
});

test('a stopped server frees its port', async () => {
  const first = await startEmbeddedFirestore({ port: 0 });
  await first.stop();
  const second = await startEmbeddedFirestore({ port: Number(first.host.split(':')[1]) });
  expect(second.host).toBe(first.host);
  await second.stop();
});
