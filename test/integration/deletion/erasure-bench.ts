import { randomUUID } from 'node:crypto';
import { deleteApp, initializeApp } from 'firebase-admin/app';
import { getFirestore } from 'firebase-admin/firestore';
import type { DocumentData, Firestore } from '../../../functions/src/firestore/client/index.ts';
import { CustomerDeletion, type DeletionDeps } from '../../../functions/src/deletion/deletion.ts';
import { openFirestore } from '../../../functions/src/firestore/firestore.ts';
import { Deletions } from '../../../functions/src/deletion/deletions.ts';
import { Erasure } from '../../../functions/src/deletion/erasure.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { newUid } from '../../harness/world.ts';

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;
export const KEPT_DAYS = 100;
/** Documents that the erasure reads at a time. */
export const PAGE = 3;
export const ONLY_TOMBSTONE = { tn_deletions: 1 };

/** Deletions without HTTP and without a clock, in a Firestore project of the test file's own. */
export class ErasureBench {
  readonly firestore: Firestore;
  /** Google's client, which can list all collections. */
  readonly #whole: ReturnType<typeof getFirestore>;
  readonly payments: ReturnType<Firestore['collection']>;
  readonly tombstones: ReturnType<Firestore['collection']>;
  /** The users deleted in this test, in the order of the calls. */
  deletedUsers: string[] = [];
  /** How far the clock of the deletions is ahead of the real one, in milliseconds. */
  passedMs = 0;
  readonly now = () => new Date(Date.now() + this.passedMs);

  constructor() {
    // No other suite's deletions are due here.
    const projectId = `demo-erasure-${randomUUID()}`;
    setEnvironment({ GCLOUD_PROJECT: projectId });
    const app = initializeApp({ projectId }, projectId);
    this.#whole = getFirestore(app);
    this.firestore = openFirestore();
    this.payments = this.firestore.collection('tn_payments');
    this.tombstones = this.firestore.collection('tn_deletions');
    beforeEach(async () => {
      this.deletedUsers = [];
      this.passedMs = 0;
      for (const { ref } of (await this.tombstones.get()).docs) await ref.delete();
    });
    afterAll(() => deleteApp(app));
  }

  deletionWith(parts: Partial<DeletionDeps> = {}): CustomerDeletion {
    return new CustomerDeletion({
      deletions: new Deletions(this.firestore),
      erasure: new Erasure(this.firestore, this.now, PAGE),
      deleteUser: async (uid) => void this.deletedUsers.push(uid),
      config: { keptDays: KEPT_DAYS },
      now: this.now,
      ...parts,
    });
  }

  /** Runs the schedule with time enough. */
  resume(deletion = this.deletionWith()): Promise<void> {
    return deletion.resume(new Date(this.now().getTime() + HOUR_MS));
  }

  async rowsOf(uid: string, count: number, fields: object = {}): Promise<string[]> {
    const ids = Array.from({ length: count }, () => `stripe_pi_${newUid()}`);
    for (const id of ids) {
      const row = { payment_id: id, uid, amount: 100, gateway: 'stripe', kind: 'payment' };
      const rest = { is_synced: true, created_at: new Date(), ...fields };
      await this.payments.doc(id).create({ ...row, ...rest });
    }
    return ids;
  }

  async ordersOf(uid: string, count: number): Promise<void> {
    for (let number = 0; number < count; number += 1) {
      const order = { uid, amount: 100, created_at: new Date() };
      await this.firestore.collection('tn_orders').doc(newUid()).create(order);
    }
  }

  async parkedOf(uid: string, count: number): Promise<void> {
    for (let number = 0; number < count; number += 1) {
      const row = { uid, amount: -100 };
      await this.firestore.collection('tn_parked_events').doc(newUid()).create({ row });
    }
  }

  /** A user with two documents of each kind and a customer's document. */
  async someone(): Promise<string> {
    const uid = newUid();
    await this.rowsOf(uid, 2);
    await this.ordersOf(uid, 2);
    await this.parkedOf(uid, 2);
    await this.firestore.collection('tn_customers').doc(uid).set({ at: 1 });
    return uid;
  }

  /** How many documents of each collection hold the uid. */
  async holding(uid: string): Promise<Record<string, number>> {
    const count: Record<string, number> = {};
    for (const collection of await this.#whole.listCollections()) {
      const docs = (await collection.get()).docs.filter((one) =>
        JSON.stringify([one.id, one.data()]).includes(uid),
      );
      if (docs.length > 0) count[collection.id] = docs.length;
    }
    return count;
  }

  async tombstoneOf(uid: string): Promise<DocumentData | undefined> {
    return (await this.tombstones.doc(uid).get()).data();
  }
}
