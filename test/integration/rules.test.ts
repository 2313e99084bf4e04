import { readFileSync } from 'node:fs';
import {
  assertFails,
  assertSucceeds,
  initializeTestEnvironment,
  type RulesTestEnvironment,
} from '@firebase/rules-unit-testing';
import {
  addDoc,
  collection,
  deleteDoc,
  doc,
  getDoc,
  getDocs,
  orderBy,
  query,
  setDoc,
  setLogLevel,
  updateDoc,
  where,
  type Firestore,
} from 'firebase/firestore';
import { isEmbedded } from '../harness/embedded.ts';

const open = ['tn_payments', 'tn_orders'];
/** What only the functions read, and a collection that nobody has thought of. */
const closed = [
  'tn_parked_events',
  'tn_receipts',
  'tn_open_purchases',
  'tn_unclaimed_purchases',
  'tn_customers',
  'tn_reviews',
  'tn_deletions',
  'tn_staff',
  'tn_audit',
  'tn_refund_requests',
  'anything',
];

// The embedded Firestore knows no rules: only Google's own emulator can tell.
const onOfficial = isEmbedded ? describe.skip : describe;

onOfficial('firestore.rules, on the official emulator', () => {
  let environment: RulesTestEnvironment;
  let mine: Firestore;
  let theirs: Firestore;
  let nobodys: Firestore;

  beforeAll(async () => {
    setLogLevel('silent');
    const [host = '', port = ''] = (process.env['FIRESTORE_EMULATOR_HOST'] ?? '').split(':');
    environment = await initializeTestEnvironment({
      projectId: 'demo-rules',
      firestore: { host, port: Number(port), rules: readFileSync('firestore.rules', 'utf8') },
    });
    await environment.withSecurityRulesDisabled(async (context) => {
      const database = context.firestore();
      for (const name of [...open, ...closed]) {
        await database.doc(`${name}/of-ann`).set({ uid: 'ann', created_at: new Date() });
        await database.doc(`${name}/of-bob`).set({ uid: 'bob', created_at: new Date() });
      }
      await database.doc('tn_payments/of-ann/notes/one').set({ uid: 'ann' });
    });
    const of = (uid: string) =>
      environment.authenticatedContext(uid).firestore() as unknown as Firestore;
    mine = of('ann');
    theirs = of('bob');
    nobodys = environment.unauthenticatedContext().firestore() as unknown as Firestore;
  });

  afterAll(() => environment.cleanup());

  const history = (database: Firestore, name: string, uid: string) =>
    getDocs(
      query(collection(database, name), where('uid', '==', uid), orderBy('created_at', 'desc')),
    );

  describe.each(open)('%s', (name) => {
    test('a user reads what is theirs', async () => {
      await assertSucceeds(getDoc(doc(mine, `${name}/of-ann`)));
      await assertSucceeds(history(mine, name, 'ann'));
    });

    test('and nothing of anybody else, one by one or in a list', async () => {
      await assertFails(getDoc(doc(mine, `${name}/of-bob`)));
      await assertFails(getDoc(doc(theirs, `${name}/of-ann`)));
      await assertFails(history(mine, name, 'bob'));
      await assertFails(getDocs(collection(mine, name)));
      await assertFails(getDoc(doc(mine, `${name}/not-there`)));
    });

    test('a guest reads nothing', async () => {
      await assertFails(getDoc(doc(nobodys, `${name}/of-ann`)));
      await assertFails(history(nobodys, name, 'ann'));
    });

    test('nobody writes', async () => {
      for (const database of [mine, theirs, nobodys]) {
        await assertFails(addDoc(collection(database, name), { uid: 'ann', amount: 1 }));
        await assertFails(setDoc(doc(database, `${name}/new`), { uid: 'ann', amount: 1 }));
        await assertFails(updateDoc(doc(database, `${name}/of-ann`), { is_synced: false }));
        await assertFails(deleteDoc(doc(database, `${name}/of-ann`)));
      }
    });
  });

  test.each([...closed.map((name) => `${name}/of-ann`), 'tn_payments/of-ann/notes/one'])(
    '%s is closed to everybody',
    async (path) => {
      for (const database of [mine, theirs, nobodys]) {
        await assertFails(getDoc(doc(database, path)));
        await assertFails(setDoc(doc(database, path), { uid: 'ann' }));
        await assertFails(deleteDoc(doc(database, path)));
      }
    },
  );
});
