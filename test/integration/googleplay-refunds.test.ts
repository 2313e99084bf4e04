import { onEmbedded } from '../harness/embedded.ts';
import { GooglePlayStage } from '../harness/googleplay.ts';
import { logFromNow } from '../harness/log.ts';

/** Refunds that Google shows late, or announces to nobody. */

jest.setTimeout(60_000);

const stage = new GooglePlayStage();

/** Credited, with everything that was pushed for it forgotten. */
async function credited(quantity = 1): Promise<string> {
  const { token } = stage.buy({ quantity });
  await stage.send(token);
  await stage.answered();
  stage.google.reset();
  return token;
}

async function open() {
  const all = stage.client.firestore.collection('tn_open_purchases');
  return (await all.where('uid', '==', stage.user.uid).get()).docs;
}

/** What is open was opened that many days ago. */
async function age(days: number): Promise<void> {
  for (const { ref } of await open()) {
    await ref.update({ opened_at: new Date(Date.now() - days * 24 * 60 * 60_000) });
  }
}

async function parked() {
  const events = await stage.client.parkedEvents();
  return events.filter(({ message }) => String(message).includes('does not show it'));
}

describe('a refund that Google announces and does not show', () => {
  test('is acknowledged at once, and booked when the schedule sees it', async () => {
    const token = await credited();
    stage.google.announceVoid(token);
    expect(await stage.answered()).toEqual([200]);
    await stage.finishPurchases();
    expect(await stage.rows()).toEqual(['payment 333']);
    stage.google.edit(token, { state: 'CANCELLED', refundableQuantity: 0 });
    await stage.finishPurchases();
    expect(await stage.rows()).toEqual(['payment 333', 'refund -333']);
    expect(stage.balance()).toBe(0);
    expect(await open()).toEqual([]);
  });

  test('is looked for with growing pauses', async () => {
    const token = await credited();
    stage.google.announceVoid(token);
    await stage.answered();
    for (const attempts of [0, 1, 2]) {
      const [document] = await open();
      expect([document?.get('awaits'), document?.get('attempts')]).toEqual(['refund', attempts]);
      await stage.finishPurchases();
    }
  });

  test('is left to a person after three days, and found by the list even then', async () => {
    const before = (await parked()).length;
    const token = await credited();
    stage.google.announceVoid(token);
    await stage.answered();
    await age(2.9);
    await stage.finishPurchases();
    expect([(await open()).length, (await parked()).length]).toEqual([1, before]);
    await age(3.1);
    await stage.finishPurchases();
    expect([(await open()).length, (await parked()).length]).toEqual([0, before + 1]);
    expect(JSON.stringify(await parked())).not.toContain(token);
    stage.google.hold(true);
    stage.google.void(token);
    await stage.readHistory();
    expect(await stage.rows()).toEqual(['payment 333', 'refund -333']);
  });

  test('of a second part, which comes after a look of the schedule, is not lost', async () => {
    const token = await credited(3);
    stage.google.void(token, 1);
    await stage.answered();
    stage.google.announceVoid(token);
    expect(new Set(await stage.answered())).toEqual(new Set([200]));
    await stage.finishPurchases();
    stage.google.edit(token, { refundableQuantity: 1 });
    await stage.finishPurchases();
    expect(await stage.rows()).toEqual(['payment 999', 'refund -333', 'refund -333']);
  });

  test('of a part is looked for no more after three days, and no person is called', async () => {
    const before = (await parked()).length;
    const token = await credited(3);
    stage.google.void(token, 1);
    await stage.answered();
    await age(3.1);
    await stage.finishPurchases();
    expect([(await open()).length, (await parked()).length]).toEqual([0, before]);
  });

  test('of another part, announced meanwhile, is waited for anew', async () => {
    const token = await credited(3);
    stage.google.void(token, 1);
    await stage.answered();
    await age(3.1);
    stage.google.announceVoid(token);
    await stage.answered();
    await stage.finishPurchases();
    expect(await open()).toHaveLength(1);
  });

  test('while the Play API does not let us in, is looked for until it does', async () => {
    const token = await credited();
    stage.google.configureSubscription({ maxAttempts: 2 });
    stage.google.fault({ match: 'GET /androidpublisher', status: 401, times: 3 });
    stage.google.void(token);
    expect(await stage.answered()).toEqual([500, 500]);
    expect(stage.google.deadLetters()).toHaveLength(1);
    await stage.finishPurchases();
    await stage.finishPurchases();
    stage.google.configureSubscription({ maxAttempts: 20 });
    expect(await stage.rows()).toEqual(['payment 333', 'refund -333']);
  });
});

describe('the list', () => {
  test('books what nobody has announced, in pages, once', async () => {
    const tokens = [await credited(), await credited(3)];
    stage.google.hold(true);
    stage.google.void(tokens[0] ?? '');
    stage.google.void(tokens[1] ?? '', 1);
    stage.google.setPageSize(1);
    await stage.readHistory();
    await stage.readHistory();
    const rows = ['payment 333', 'payment 999', 'refund -333', 'refund -333'];
    expect((await stage.rows()).toSorted()).toEqual(rows);
    stage.google.setPageSize(1_000);
  });

  test('and twenty announcements at once make one row', async () => {
    const token = await credited(3);
    stage.google.hold(true);
    stage.google.void(token, 2);
    const announced = stage.google.release({ copies: 20, parallel: true });
    await Promise.all([stage.readHistory(), announced, stage.readHistory()]);
    stage.google.hold(true);
    stage.google.void(token);
    const rest = stage.google.release({ copies: 20, parallel: true });
    await Promise.all([stage.readHistory(), rest]);
    expect(await stage.rows()).toEqual(['payment 999', 'refund -666', 'refund -333']);
    expect(stage.balance()).toBe(0);
  });

  test('makes up for two days in which nothing was heard', async () => {
    const token = await credited();
    stage.google.configureSubscription({ maxAttempts: 1 });
    stage.google.fault({ match: 'GET /androidpublisher', timeout: true, times: 2 });
    stage.google.fault({ match: 'GET /androidpublisher', status: 503, times: 9 });
    stage.google.void(token);
    await stage.google.idle();
    expect(await stage.rows()).toEqual(['payment 333']);
    stage.google.reset();
    stage.google.configureSubscription({ maxAttempts: 20 });
    await stage.readHistory();
    expect(await stage.rows()).toEqual(['payment 333', 'refund -333']);
  });

  test('bars the credit of what the app has not sent yet', async () => {
    stage.google.hold(true);
    const { token } = stage.buy();
    stage.google.void(token);
    await stage.readHistory();
    expect((await stage.send(token)).status).toBe(409);
    expect(await stage.rows()).toEqual([]);
  });

  test('a refund that fails does not keep the others from their turn', async () => {
    const [first, second] = [await credited(2), await credited()];
    stage.google.hold(true);
    stage.google.void(first, 1);
    stage.google.void(second);
    stage.google.fault({
      match: 'GET /androidpublisher/v3/applications/:id/purchases/productsv2',
      status: 503,
      times: 9,
    });
    const logged = logFromNow();
    await expect(stage.readHistory()).rejects.toThrow('Google did not answer.');
    expect((await stage.rows()).at(-1)).toBe('refund -333');
    stage.google.reset();
    await stage.readHistory();
    expect((await stage.rows()).filter((row) => row.startsWith('refund'))).toHaveLength(2);
    expect(logged().join('')).not.toContain(first);
  });

  onEmbedded('costs three reads and one refused write a booked refund', async () => {
    async function readCounted() {
      await stage.client.firestoreControl.resetRpcs();
      await stage.readHistory();
      const { Commit = 0, BatchGetDocuments = 0 } = await stage.client.firestoreControl.rpcs();
      return { Commit, BatchGetDocuments };
    }
    const before = await readCounted();
    const token = await credited();
    stage.google.void(token);
    await stage.answered();
    stage.google.reset();
    const after = await readCounted();
    // The receipt; the payment's create, which fails, and its row; the refund, read with its payment.
    expect([
      after.BatchGetDocuments - before.BatchGetDocuments,
      after.Commit - before.Commit,
    ]).toEqual([3, 1]);
    // Google is asked for the list, and for nothing about this purchase.
    const paths = stage.google.requests().map(({ path }) => path);
    expect(paths.filter((path) => path.includes('voidedpurchases'))).toHaveLength(1);
    expect(paths.join(' ')).not.toContain(token);
  });
});
