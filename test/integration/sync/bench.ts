import { documentsWith } from '../../harness/documents-with.ts';
import { emptyCollection } from '../../harness/empty-collection.ts';
import type { DocumentData } from '../../../functions/src/firestore/client/index.ts';
import { openFirestore } from '../../../functions/src/firestore/firestore.ts';
import { DuePayments } from '../../../functions/src/ledger/due-payments.ts';
import { RetailApi } from '../../../functions/src/retail/retail-api.ts';
import type { RetailConfig } from '../../../functions/src/retail/config.ts';
import type { Clock } from '../../../functions/src/retail/budget.ts';
import { fixedClock, retailConfig } from '../../harness/retail.ts';
import { sweep, type SweepResult } from '../../../functions/src/sync/sweep.ts';
import { send } from '../../../functions/src/send.ts';
import type { FirestoreControl } from '../../../scripts/stack/stack.ts';
import { origin, ports } from '../../../scripts/stack/values.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { newUid } from '../../harness/world.ts';
import { remote } from '../../standins/control.ts';
import { startRetailApi, type RetailApi as StandIn } from '../../standins/retail-api.ts';

setEnvironment({ GCLOUD_PROJECT: 'demo-temp-number' });

export const firestore = openFirestore();
export const control = remote<FirestoreControl>(origin(ports.firestoreControl));
export const payments = firestore.collection('tn_payments');
export let retail: StandIn;

beforeAll(async () => {
  retail = await startRetailApi({ apiKey: 'retail-standin' });
});

afterAll(() => retail.stop());

beforeEach(async () => {
  retail.control.reset();
  await emptyCollection(payments);
});

/** What Firestore takes in one commit. */
const MOST_WRITES = 500;

export interface Seed {
  uid?: string;
  amount?: number;
  dueAt?: Date;
  attempts?: number;
}

/** Rows as the ledger writes them, whose inline push did not go through. */
export async function waiting(seeds: readonly Seed[]): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < seeds.length; from += MOST_WRITES) {
    const batch = firestore.batch();
    for (const seed of seeds.slice(from, from + MOST_WRITES)) {
      const { uid = newUid(), amount = 100, dueAt = new Date(0), attempts = 0 } = seed;
      const document = payments.doc(`stripe_pi_${newUid()}`);
      batch.create(document, {
        payment_id: document.id,
        uid,
        amount,
        gateway: 'stripe',
        mode: 'test',
        kind: 'payment',
        is_synced: false,
        sync_attempts: attempts,
        next_sync_at: dueAt,
      });
      ids.push(document.id);
    }
    await batch.commit();
  }
  return ids;
}

export function run({
  now = () => new Date(),
  clock = fixedClock(now),
  random = Math.random,
  until = new Date(clock.now().getTime() + 60_000),
  ...config
}: Partial<RetailConfig> & {
  until?: Date;
  random?: () => number;
  now?: () => Date;
  clock?: Clock;
} = {}): Promise<SweepResult> {
  const deps = {
    payments: new DuePayments(firestore),
    retail: new RetailApi(retailConfig(retail.url, { concurrency: 16, ...config }), send, clock),
    now: clock.now,
    random,
  };
  return sweep(deps, until);
}

export async function unsynced(): Promise<number> {
  return (await documentsWith(payments, 'is_synced', false)).length;
}

/** Calls that tried to move money. */
export function calls(): number {
  return retail.control.requests().filter(({ path }) => path.endsWith('/transaction')).length;
}

export async function row(id: string): Promise<DocumentData> {
  return (await payments.doc(id).get()).data() ?? {};
}

export const times = (count: number): Seed[] => Array.from({ length: count }, () => ({}));

/** Makes every waiting row due, as time would. */
export async function makeDue(): Promise<number> {
  const docs = await documentsWith(payments, 'is_synced', false);
  const batch = firestore.batch();
  for (const { ref } of docs) batch.update(ref, { next_sync_at: new Date(0) });
  await batch.commit();
  return docs.length;
}
