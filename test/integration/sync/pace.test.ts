import { documentsWith } from '../../harness/documents-with.ts';
import { emptyCollection } from '../../harness/empty-collection.ts';
import { openFirestore } from '../../../functions/src/firestore/firestore.ts';
import { DuePayments } from '../../../functions/src/ledger/due-payments.ts';
import { RetailApi } from '../../../functions/src/retail/retail-api.ts';
import { sweep } from '../../../functions/src/sync/sweep.ts';
import { send } from '../../../functions/src/send.ts';
import type { FirestoreControl } from '../../../scripts/stack/stack.ts';
import { origin, ports } from '../../../scripts/stack/values.ts';
import { onEmbedded } from '../../harness/embedded.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { fastClock, retailConfig } from '../../harness/retail.ts';
import { newUid } from '../../harness/world.ts';
import { remote } from '../../standins/control.ts';
import { startRetailApi, type RetailApi as StandIn } from '../../standins/retail-api.ts';

jest.setTimeout(180_000);
setEnvironment({ GCLOUD_PROJECT: 'demo-temp-number' });

const firestore = openFirestore();
const control = remote<FirestoreControl>(origin(ports.firestoreControl));
const rows = firestore.collection('tn_payments');

/** Our clock and the stand-in's are the same, and a little fast. */
const SPEED = 1.5;
const clock = fastClock(SPEED);
let retail: StandIn;

beforeAll(async () => {
  retail = await startRetailApi({
    apiKey: 'retail-standin',
    now: () => clock.now().getTime(),
  });
});

afterAll(() => retail.stop());

beforeEach(async () => {
  retail.control.reset();
  await emptyCollection(rows);
});

async function waiting(count: number): Promise<void> {
  const batch = firestore.batch();
  for (let index = 0; index < count; index += 1) {
    const uid = newUid();
    retail.control.addCustomer(uid);
    batch.create(rows.doc(`stripe_pi_${uid}`), {
      uid,
      amount: 100,
      gateway: 'stripe',
      mode: 'test',
      is_synced: false,
      sync_attempts: 0,
      next_sync_at: new Date(0),
    });
  }
  await batch.commit();
}

const api = (callsPerSecond: number) =>
  new RetailApi(retailConfig(retail.url, { callsPerSecond, concurrency: 32 }), send, clock);

const run = (client: RetailApi) =>
  sweep(
    { payments: new DuePayments(firestore), retail: client, now: clock.now, random: Math.random },
    new Date(clock.now().getTime() + 480_000),
  );

test('600 rows at five calls a second are through in 130 s, beside a user who polls a balance', async () => {
  await waiting(600);
  const user = newUid();
  retail.control.addCustomer(user);
  retail.control.configure({ callsPerSecond: 5 });
  const client = api(5);
  const startedAt = clock.now().getTime();
  let isOver = false;
  const poll = async () => {
    while (!isOver) {
      void client.balance(user).catch(() => undefined);
      await clock.sleep(200);
    }
  };
  const polling = poll();
  const result = await run(client);
  const tookS = (clock.now().getTime() - startedAt) / 1000;
  isOver = true;
  await polling;
  expect(result).toMatchObject({ synced: 600, stoppedBy: undefined });
  expect(tookS).toBeLessThanOrEqual(130);
});

test('an API slower than our pace slows us, and ends nothing', async () => {
  await waiting(60);
  retail.control.configure({ callsPerSecond: 3 });
  const result = await run(api(12));
  expect(result).toMatchObject({ synced: 60, stoppedBy: undefined });
  const refused = retail.control.requests().filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(30);
});

onEmbedded.each([1, 2, 3, 4, 5, 6])(
  'Firestore refuses the %d. call of a sweep: the sweep goes on',
  async (call) => {
    await waiting(40);
    await control.refuse(call);
    await run(api(10_000));
    await control.refuse(0);
    const docs = await documentsWith(rows, 'is_synced', false);
    for (const { ref } of docs) await ref.update({ next_sync_at: new Date(0) });
    // At most the rows of one lost claim are left to the next sweep: a page without its first five.
    expect(docs.length).toBeLessThanOrEqual(35);
    await run(api(10_000));
    expect(retail.control.transactions()).toHaveLength(40);
  },
);
