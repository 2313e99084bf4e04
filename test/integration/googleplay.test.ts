import { documentsWith } from '../harness/documents-with.ts';
import { GooglePlayStage } from '../harness/googleplay.ts';
import { logFromNow } from '../harness/log.ts';
import type { ApiFault } from '../standins/faults.ts';

/** Google Play from the app's call and Google's notification to the rows and the balance. */

jest.setTimeout(60_000);

const stage = new GooglePlayStage();

const success = { status: 200, body: { result: 'success' } };

test('a purchase reaches the balance once, however often the app sends it', async () => {
  const { token, orderId } = stage.buy({ quantity: 2 });
  const answers = await Promise.all(Array.from({ length: 50 }, () => stage.send(token)));
  expect(answers).toEqual(Array(50).fill(success));
  expect(await stage.answered()).toEqual([200]);
  const [row, ...more] = await stage.client.rows(stage.user);
  expect(more).toEqual([]);
  expect(row).toMatchObject({
    payment_id: `googleplay_${orderId ?? ''}`,
    uid: stage.user.uid,
    amount: 666,
    gateway: 'googleplay',
    kind: 'payment',
    parent_id: null,
    mode: 'test',
    is_synced: true,
  });
  expect(stage.balance()).toBe(666);
  expect(stage.google.sale(token).consumed).toBe(true);
});

test('the Retail API is told its own name of the gateway', async () => {
  await stage.send(stage.buy().token);
  const told = stage.retail.control.transactions(stage.user.uid);
  expect(told.map(({ gateway }) => gateway)).toEqual(['gplay']);
});

test('a purchase that names no account is its first claimant’s', async () => {
  const other = await stage.client.signIn();
  const { token } = stage.google.buy({ productId: 'credits_333' });
  const claims = await Promise.all([stage.send(token), stage.send(token, other)]);
  expect(claims.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect([...(await stage.rows()), ...(await stage.rows(other))]).toEqual(['payment 333']);
  // And stays theirs once it is credited.
  const later = [await stage.send(token), await stage.send(token, other)];
  expect(later.map(({ status }) => status)).toEqual(claims.map(({ status }) => status));
  expect([...(await stage.rows()), ...(await stage.rows(other))]).toEqual(['payment 333']);
});

test('the purchase of another account is refused, and leaves no row', async () => {
  const { token } = stage.buy();
  const thief = await stage.client.signIn();
  expect((await stage.send(token, thief)).status).toBe(409);
  expect(await stage.send(token)).toEqual(success);
  expect((await stage.send(token, thief)).status).toBe(409);
  expect(await stage.rows(thief)).toEqual([]);
});

test('twenty pushes at once credit a purchase that the app has sent as pending', async () => {
  const { token } = stage.buy({ pending: true, accountId: 'to-be-replaced' });
  stage.google.edit(token, { accountId: null });
  expect(await stage.send(token)).toEqual({ status: 200, body: { result: 'pending' } });
  expect(await stage.rows()).toEqual([]);
  stage.google.hold(true);
  stage.google.pay(token);
  const pushes = await stage.google.release({ copies: 20, parallel: true });
  expect(pushes.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(await stage.rows()).toEqual(['payment 333']);
  expect(stage.balance()).toBe(333);
});

test('a pending purchase of which no push came is credited by the schedule', async () => {
  const { token } = stage.buy({ pending: true });
  await stage.send(token);
  stage.google.hold(true);
  stage.google.pay(token);
  await stage.finishPurchases();
  expect(await stage.rows()).toEqual(['payment 333']);
  expect(stage.google.sale(token).consumed).toBe(true);
  expect(await stage.client.makePendingPurchasesDue(stage.user)).toBe(0);
});

test('the schedule credits whose purchase it is, not who was first to open it', async () => {
  const { token } = stage.google.buy({ productId: 'credits_333', pending: true });
  await stage.send(token);
  const other = await stage.client.signIn();
  const open = stage.client.firestore.collection('tn_open_purchases');
  const [document] = (await open.where('uid', '==', stage.user.uid).get()).docs;
  await document?.ref.update({ uid: other.uid, due_at: new Date(0) });
  stage.google.hold(true);
  stage.google.pay(token);
  await stage.finishPurchases();
  expect([await stage.rows(), await stage.rows(other)]).toEqual([['payment 333'], []]);
  expect((await document?.ref.get())?.exists).toBe(false);
});

test('a purchase that was opened by a call which got no further is its caller’s', async () => {
  const { token } = stage.google.buy({ productId: 'credits_333', pending: true });
  await stage.send(token);
  const receipts = stage.client.firestore.collection('tn_receipts');
  const [receipt] = await documentsWith(receipts, 'uid', stage.user.uid);
  await receipt?.ref.delete();
  stage.google.hold(true);
  stage.google.pay(token);
  await stage.finishPurchases();
  expect(await stage.rows()).toEqual(['payment 333']);
});

test('a pending purchase that is given up leaves nothing', async () => {
  const { token } = stage.buy({ pending: true });
  await stage.send(token);
  stage.google.cancel(token);
  expect(await stage.answered()).toEqual([200]);
  expect((await stage.send(token)).status).toBe(409);
  await stage.finishPurchases();
  expect(await stage.rows()).toEqual([]);
  expect(await stage.client.makePendingPurchasesDue(stage.user)).toBe(0);
});

test('parts, and then the rest, told twenty times and in the wrong order', async () => {
  const { token, orderId } = stage.buy({ quantity: 3 });
  await stage.send(token);
  stage.google.hold(true);
  stage.google.void(token, 1);
  await stage.google.release({ copies: 20, parallel: true });
  expect(await stage.rows()).toEqual(['payment 999', 'refund -333']);
  stage.google.void(token, 1);
  stage.google.void(token);
  await stage.google.release({ order: 'reverse', copies: 20, parallel: true });
  expect(await stage.rows()).toEqual(['payment 999', 'refund -333', 'refund -666']);
  expect(stage.balance()).toBe(0);
  const [payment, ...refunds] = await stage.client.rows(stage.user);
  expect(payment?.['payment_id']).toBe(`googleplay_${orderId ?? ''}`);
  for (const row of refunds) expect(row['parent_id']).toBe(payment?.['payment_id']);
});

test('a void that comes before the app bars the credit', async () => {
  stage.google.hold(true);
  const { token } = stage.buy();
  stage.google.void(token);
  await stage.google.release({ order: 'reverse' });
  expect((await stage.send(token)).status).toBe(409);
  expect(await stage.rows()).toEqual([]);
});

const READ = 'GET /androidpublisher';
const CONSUME = 'POST /androidpublisher';

test.each<[string, ApiFault, number]>([
  ['is down', { match: READ, status: 503 }, 503],
  ['throttles', { match: READ, status: 429 }, 503],
  ['breaks off', { match: READ, cutOff: true }, 503],
  ['does not let us in yet', { match: READ, status: 401 }, 500],
])('while the Play API %s nothing is lost', async (_, fault, status) => {
  const { token } = stage.buy();
  await stage.answered();
  stage.google.reset();
  stage.google.fault({ ...fault, times: 2 });
  expect((await stage.send(token)).status).toBe(status);
  stage.google.notify({
    oneTimeProductNotification: { notificationType: 1, purchaseToken: token },
  });
  expect(await stage.answered()).toEqual([status, 200]);
  expect(await stage.send(token)).toEqual(success);
  expect(await stage.rows()).toEqual(['payment 333']);
});

describe('a purchase that could not be consumed', () => {
  test('is credited, and consumed by the schedule as soon as that goes', async () => {
    const { token } = stage.buy();
    stage.google.fault({ match: CONSUME, status: 503, times: 2 });
    expect(await stage.send(token)).toEqual(success);
    expect(stage.google.sale(token).consumed).toBe(false);
    await stage.finishPurchases();
    expect(stage.google.sale(token).consumed).toBe(false);
    await stage.finishPurchases();
    expect(stage.google.sale(token).consumed).toBe(true);
    expect(await stage.client.makePendingPurchasesDue(stage.user)).toBe(0);
    expect(await stage.rows()).toEqual(['payment 333']);
  });

  test('is consumed when the app sends it again', async () => {
    const { token } = stage.buy();
    stage.google.fault({ match: CONSUME, cutOff: true, status: 500 });
    await stage.send(token);
    stage.google.fault({ match: CONSUME, status: 503 });
    expect(await stage.send(token)).toEqual(success);
    expect(await stage.send(token)).toEqual(success);
    expect(stage.google.sale(token).consumed).toBe(true);
  });

  test('and that Google has refunded for it, is refunded with us', async () => {
    const { token } = stage.buy();
    stage.google.fault({ match: CONSUME, status: 503 });
    await stage.send(token);
    stage.google.void(token);
    expect(new Set(await stage.answered())).toEqual(new Set([200]));
    await stage.finishPurchases();
    expect(await stage.rows()).toEqual(['payment 333', 'refund -333']);
    expect(stage.google.sale(token).consumed).toBe(false);
    expect(await stage.client.makePendingPurchasesDue(stage.user)).toBe(0);
  });
});

describe('a person is called', () => {
  const DAY_MS = 24 * 60 * 60_000;
  const since = (days: number) => new Date(Date.now() - days * DAY_MS);
  const alerts = (logged: readonly string[]) =>
    logged.filter((line) => (JSON.parse(line) as { severity: string }).severity === 'ERROR');

  test.each([
    [0.9, []],
    [1.1, [expect.stringContaining('is not consumed; Google refunds it after three days')]],
  ])('for what is credited and not consumed, %d days after it was paid', async (days, wanted) => {
    const { token, orderId } = stage.buy();
    stage.google.edit(token, { completedAt: since(days).toISOString() });
    stage.google.fault({ match: CONSUME, status: 503, times: 2 });
    await stage.send(token);
    const logged = logFromNow();
    await stage.finishPurchases();
    expect(alerts(logged())).toEqual(wanted);
    expect(alerts(logged()).join()).toContain(wanted.length > 0 ? `googleplay_${orderId}` : '');
  });

  test.each([
    [29, 1, []],
    [31, 0, [expect.stringContaining('was never finished')]],
  ])('for what is still pending after %d days', async (days, left, wanted) => {
    const { token } = stage.buy({ pending: true });
    await stage.send(token);
    await age(days);
    const logged = logFromNow();
    await stage.finishPurchases();
    expect(alerts(logged())).toEqual(wanted);
    expect(await stage.client.makePendingPurchasesDue(stage.user)).toBe(left);
  });

  test('not for what a crash has left open though it was consumed', async () => {
    const { token } = stage.buy();
    stage.google.fault({ match: CONSUME, status: 503 });
    await stage.send(token);
    // As a buyer's next purchase of the product makes Google forget this one.
    stage.google.edit(token, { consumed: true, forgotten: true });
    const logged = logFromNow();
    await stage.finishPurchases();
    expect(await stage.client.makePendingPurchasesDue(stage.user)).toBe(1);
    await age(3.1);
    await stage.finishPurchases();
    expect(await stage.client.makePendingPurchasesDue(stage.user)).toBe(0);
    expect(alerts(logged())).toEqual([]);
  });
});

/** What the user has open was opened that many days ago. */
async function age(days: number): Promise<void> {
  const open = stage.client.firestore.collection('tn_open_purchases');
  const { docs } = await open.where('uid', '==', stage.user.uid).get();
  for (const { ref } of docs) {
    await ref.update({ opened_at: new Date(Date.now() - days * 24 * 60 * 60_000) });
  }
}

test('a row that a crash has left out is written by the next report', async () => {
  const { token, orderId } = stage.buy();
  await stage.send(token);
  await stage.client.firestore.doc(`tn_payments/googleplay_${orderId ?? ''}`).delete();
  expect(await stage.send(token)).toEqual(success);
  expect(await stage.rows()).toEqual(['payment 333']);
  expect(stage.balance()).toBe(333);
});

test('a payment id that stands for another movement is no success, and is not consumed', async () => {
  const { token, orderId } = stage.buy();
  stage.google.hold(true);
  const row = stage.client.firestore.doc(`tn_payments/googleplay_${orderId ?? ''}`);
  await row.set({ uid: 'somebody', amount: 1, gateway: 'googleplay' });
  expect((await stage.send(token)).status).toBe(409);
  expect(stage.google.sale(token).consumed).toBe(false);
  await stage.finishPurchases();
  expect(stage.google.sale(token).consumed).toBe(false);
  expect(await stage.rows()).toEqual([]);
});

describe('the schedule', () => {
  test('one that is closed while it is looked at holds up no other', async () => {
    const other = await stage.client.signIn();
    const first = stage.google.buy({ productId: 'credits_333', pending: true });
    await stage.send(first.token, other);
    const all = stage.client.firestore.collection('tn_open_purchases');
    const [document] = (await all.where('uid', '==', other.uid).get()).docs;
    await document?.ref.update({ due_at: new Date(-60_000) });
    const second = stage.buy({ pending: true });
    await stage.send(second.token);
    stage.google.hold(true);
    stage.google.pay(second.token);
    // As a call of the app does that finishes the purchase while Google answers the schedule.
    const genuine = globalThis.fetch;
    globalThis.fetch = async (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      if (!address.includes(first.token)) return genuine(input, init);
      await document?.ref.delete();
      return new Response('', { status: 503 });
    };
    try {
      await stage.finishPurchases();
    } finally {
      globalThis.fetch = genuine;
    }
    expect(await stage.rows()).toEqual(['payment 333']);
  });

  test('takes up page after page; one that a person has broken is told of once', async () => {
    const all = stage.client.firestore.collection('tn_open_purchases');
    const { token } = stage.buy({ pending: true });
    await stage.send(token);
    const [document] = (await all.where('uid', '==', stage.user.uid).get()).docs;
    const batch = stage.client.firestore.batch();
    const mark = `broken-${stage.user.uid}`;
    for (let number = 0; number < 101; number += 1) {
      const fields = { ...document?.data(), uid: mark, opened_at: null, due_at: new Date(-1) };
      batch.create(all.doc(`googleplay_${mark}_${number}`), fields);
    }
    await batch.commit();
    stage.google.hold(true);
    stage.google.pay(token);
    const logged = logFromNow();
    await stage.finishPurchases();
    await stage.finishPurchases();
    expect(await stage.rows()).toEqual(['payment 333']);
    const told = logged().filter((line) => line.includes('cannot be read'));
    expect(told).toHaveLength(101);
  });

  test('logs its own failures in our words', async () => {
    const logged = logFromNow();
    const mode = process.env['PAYMENTS_MODE'];
    process.env['PAYMENTS_MODE'] = '';
    const thrown: unknown = await stage.finishPurchases().catch((error: unknown) => error);
    process.env['PAYMENTS_MODE'] = mode;
    expect(thrown).toEqual(new Error('the run has failed'));
    expect(logged().join('')).toContain('googleplay-finishPurchases');
    expect(logged().filter((line) => line.includes('Misconfigured'))).toHaveLength(1);
  });
});
