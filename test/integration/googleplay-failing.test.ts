import { isEmbedded, onEmbedded } from '../harness/embedded.ts';
import { GooglePlayStage } from '../harness/googleplay.ts';
import { collected } from '../harness/log.ts';
import { accountTokenOf } from '../standins/account-token.ts';

/** A Firestore that fails once, at every step of Google Play's way in turn. */

jest.setTimeout(120_000);

const stage = new GooglePlayStage();
const firestore = () => stage.client.firestoreControl;

/** More than one report takes. */
const STEPS = 14;

afterEach(() => (isEmbedded ? firestore().refuse(0) : undefined));

onEmbedded(
  'a purchase is refused while it is not stored, and healed by the next call',
  async () => {
    const statuses: number[] = [];
    stage.google.hold(true);
    for (let step = 1; step <= STEPS; step += 1) {
      const { token } = stage.buy();
      await firestore().refuse(step);
      statuses.push((await stage.send(token)).status);
      await firestore().refuse(0);
      const { consumed } = stage.google.sale(token);
      // Consumed is only what is stored.
      expect(consumed).toBe(statuses.at(-1) === 200);
      expect((await stage.send(token)).status).toBe(200);
      expect(stage.google.sale(token).consumed).toBe(true);
    }
    // The receipt is read, what is to be consumed is written down, then the receipt is read again and
    // written, then the row; what fails after those is the schedule's.
    const wanted = [503, 503, 503, 503, 503, ...Array<number>(STEPS - 5).fill(200)];
    expect(statuses).toEqual(wanted);
    expect(await stage.rows()).toEqual(Array(STEPS).fill('payment 333'));
    await stage.finishPurchases();
    expect(await stage.client.makePendingPurchasesDue(stage.user)).toBe(0);
  },
);

onEmbedded('so is a refund, by its next push', async () => {
  for (let step = 1; step <= STEPS; step += 1) {
    const { token } = stage.buy({ quantity: 3 });
    await stage.send(token);
    await stage.answered();
    await firestore().refuse(step);
    stage.google.void(token, 2);
    await stage.answered();
    await firestore().refuse(0);
  }
  expect(new Set(await stage.answered())).toEqual(new Set([200, 503]));
  const refunds = (await stage.rows()).filter((row) => row.startsWith('refund'));
  expect(refunds).toEqual(Array(STEPS).fill('refund -666'));
});

test('no log line of all this holds a purchase token, an ID token or an account token', async () => {
  const { token } = stage.buy();
  await stage.send(token);
  await stage.send(token, await stage.client.signIn());
  await stage.send(`${token}x`);
  stage.google.announceVoid(token);
  await stage.answered();
  const logged = collected().join('\n');
  expect(logged).toContain('googleplay-createTransaction');
  for (const secret of ['standin-token-', stage.user.token, accountTokenOf(stage.user.uid)]) {
    expect(logged).not.toContain(secret);
  }
});
