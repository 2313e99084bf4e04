import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getFirestore } from 'firebase-admin/firestore';
import { inShort, intentOf, newUid, rowsOf, startWorld, type World } from '../harness/world.ts';

/** Functions whose documents are in a database of another name than the project's own. */

const app = initializeApp({ projectId: 'demo-temp-number' }, randomUUID());
let world: World;

beforeAll(async () => {
  world = await startWorld({ FIRESTORE_DATABASE: 'payments' });
});

afterAll(async () => {
  await world.stop();
  await deleteApp(app);
});

test('signed events make their rows there and are pushed, and nothing is in (default)', async () => {
  const uid = newUid();
  const { control } = world.stripe;
  const intent = intentOf(world, uid);
  control.confirm(intent);
  await control.idle();
  control.refund(intent, 500);
  await control.idle();
  await world.functions.runSchedule('sync-retryUnsynced');
  const rows = await rowsOf(world, uid);
  expect(inShort(rows)).toEqual(['payment 1500', 'refund -500']);
  expect(rows.every((row) => row['is_synced'] === true)).toBe(true);
  expect(world.retail.control.balance(uid)).toBe(1000);
  expect(await rowsOf({ ...world, firestore: getFirestore(app) }, uid)).toEqual([]);
});
