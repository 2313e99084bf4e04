import { AppStoreStage } from '../harness/appstore.ts';
import { isEmbedded, onEmbedded } from '../harness/embedded.ts';
import { collected } from '../harness/log.ts';

/** A Firestore that fails once, at every step of the App Store's way in turn. */

jest.setTimeout(120_000);

const stage = new AppStoreStage();
const firestore = () => stage.client.firestoreControl;

/** More than one report takes. */
const STEPS = 12;

afterEach(() => (isEmbedded ? firestore().refuse(0) : undefined));

onEmbedded(
  'a purchase is refused while it is not stored, and healed by the next call',
  async () => {
    const statuses: number[] = [];
    for (let step = 1; step <= STEPS; step += 1) {
      const { signedTransaction } = stage.buy();
      await firestore().refuse(step);
      statuses.push((await stage.send(signedTransaction)).status);
      await firestore().refuse(0);
      expect((await stage.send(signedTransaction)).status).toBe(200);
      await stage.client.makeDue(stage.user);
    }
    // The two reads of the receipt; then come its write and the row's. What fails after those is
    // the schedule's.
    const wanted = [503, 503, 503, 503, ...Array<number>(STEPS - 4).fill(200)];
    expect(statuses).toEqual(wanted);
    expect(await stage.amounts()).toEqual(Array(STEPS).fill(499));
  },
);

onEmbedded('so is a refund, by its next delivery', async () => {
  const statuses = new Set<number | null>();
  for (let step = 1; step <= STEPS; step += 1) {
    const { transactionId, signedTransaction } = stage.buy();
    await stage.send(signedTransaction);
    await stage.answered();
    await firestore().refuse(step);
    stage.store.refund(transactionId, 100_000);
    for (const status of await stage.answered()) statuses.add(status);
    await firestore().refuse(0);
    for (const { id } of stage.store.notifications()) await stage.store.redeliver(id);
  }
  expect(statuses).toEqual(new Set([200, 503]));
  const amounts = await stage.amounts();
  expect(amounts).toHaveLength(2 * STEPS);
  expect(amounts.reduce((sum, cents) => sum + cents, 0)).toBe(0);
});

test('no log line of all this holds a proof, an ID token or an account token', async () => {
  const { signedTransaction } = stage.buy();
  await stage.send(signedTransaction);
  await stage.send(`${signedTransaction.slice(0, -4)}AAAA`);
  await stage.send(signedTransaction, await stage.client.signIn());
  const logged = collected().join('\n');
  expect(logged).toContain('appstore-createTransaction');
  const [, , signature = ''] = signedTransaction.split('.');
  for (const secret of [signature.slice(0, 40), stage.user.token, 'eyJ']) {
    expect(logged).not.toContain(secret);
  }
});
