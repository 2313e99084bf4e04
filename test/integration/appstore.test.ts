import { randomUUID } from 'node:crypto';
import { AppStoreStage, BUNDLE_ID } from '../harness/appstore.ts';
import { onEmbedded } from '../harness/embedded.ts';
import { signJws } from '../standins/appstore/authority.ts';

/** The App Store from the app's call and Apple's notification to the rows and the balance. */

jest.setTimeout(60_000);

const stage = new AppStoreStage();

/** The answer for a purchase that can never be credited. */
const finish = (reason: string) => ({ status: 200, body: { result: 'finish', reason } });

test('a purchase reaches the balance once, however often the app sends it', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  const proofs = Array.from({ length: 50 }, (_, index) =>
    index % 2 === 0 ? signedTransaction : stage.store.signedTransaction(transactionId),
  );
  const answers = await Promise.all(proofs.map((proof) => stage.send(proof)));
  expect(answers).toEqual(proofs.map(() => ({ status: 200, body: { result: 'success' } })));
  const [row, ...more] = await stage.client.rows(stage.user);
  expect(more).toEqual([]);
  expect(row).toMatchObject({
    payment_id: `appstore_sandbox-${transactionId}`,
    uid: stage.user.uid,
    amount: 499,
    gateway: 'appstore',
    kind: 'payment',
    parent_id: null,
    mode: 'test',
    is_synced: true,
  });
  expect(stage.balance()).toBe(499);
});

test('the purchase of another account is refused, and leaves no row', async () => {
  const { signedTransaction } = stage.buy();
  const thief = await stage.client.signIn();
  const stolen = await stage.send(signedTransaction, thief);
  expect([stolen.status, stolen.body.errorName]).toEqual([409, 'ConflictException']);
  expect((await stage.send(signedTransaction)).status).toBe(200);
  expect((await stage.send(signedTransaction, thief)).status).toBe(409);
  expect(await stage.amounts(thief)).toEqual([]);
});

test('a purchase that names no account is its first claimant’s', async () => {
  const other = await stage.client.signIn();
  const { signedTransaction } = stage.store.buy({ productId: 'credits_499' });
  const claims = await Promise.all([
    stage.send(signedTransaction),
    stage.send(signedTransaction, other),
  ]);
  expect(claims.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect([...(await stage.amounts()), ...(await stage.amounts(other))]).toEqual([499]);
  // And stays theirs once it is credited.
  const later = [await stage.send(signedTransaction), await stage.send(signedTransaction, other)];
  expect(later.map(({ status }) => status)).toEqual(claims.map(({ status }) => status));
  expect([...(await stage.amounts()), ...(await stage.amounts(other))]).toEqual([499]);
});

test('a purchase for an account that nobody here has', async () => {
  const appAccountToken = '5c44ccfe-9ec0-8058-b369-b3d792c2e5a7';
  const { signedTransaction } = stage.store.buy({ productId: 'credits_499', appAccountToken });
  expect((await stage.send(signedTransaction)).status).toBe(409);
  expect(await stage.amounts()).toEqual([]);
});

test('refunds by parts, each told five times at once, add up to the purchase', async () => {
  const { transactionId, signedTransaction } = stage.buy('credits_499', 3);
  await stage.send(signedTransaction);
  stage.store.hold(true);
  stage.store.refund(transactionId, 33_333);
  stage.store.refund(transactionId);
  const deliveries = await stage.store.release({ copies: 5, parallel: true });
  stage.store.hold(false);
  expect(deliveries.map(({ status }) => status)).toEqual(Array(10).fill(200));
  const sum = (await stage.amounts()).reduce((total, amount) => total + amount, 0);
  expect([sum, stage.balance()]).toEqual([0, 0]);
  for (const row of (await stage.client.rows(stage.user)).slice(1)) {
    expect(row['parent_id']).toBe(`appstore_sandbox-${transactionId}`);
  }
});

test('a refund that is taken back, and made again', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  await stage.send(signedTransaction);
  for (const step of ['refund', 'reverseRefund', 'refund'] as const) {
    stage.store[step](transactionId);
    expect(await stage.answered()).not.toContain(500);
  }
  expect(await stage.amounts()).toEqual([499, 499, -499, -499]);
  expect(stage.balance()).toBe(0);
});

test('a refund told before the purchase was sent bars its credit', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  stage.store.refund(transactionId);
  await stage.answered();
  expect(await stage.send(signedTransaction)).toEqual(finish('refunded'));
  expect(await stage.amounts()).toEqual([]);
});

test('a proof that shows the refund bars the credit, also by an older proof', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  stage.store.hold(true);
  stage.store.refund(transactionId);
  const refunded = stage.store.signedTransaction(transactionId);
  expect(await stage.send(refunded)).toEqual(finish('refunded'));
  expect(await stage.send(signedTransaction)).toEqual(finish('refunded'));
  expect(await stage.amounts()).toEqual([]);
  await stage.store.release();
  stage.store.hold(false);
});

describe('a refund that was reversed, of which no notification came', () => {
  /** Refunds and reverses; the first notifications of it are lost. */
  async function reverse(transactionId: string, lost: 'all' | 'the reversal'): Promise<void> {
    if (lost === 'all') stage.store.hold(true);
    stage.store.refund(transactionId);
    await stage.answered();
    stage.store.hold(true);
    stage.store.reverseRefund(transactionId);
  }

  afterEach(async () => {
    await stage.store.release();
    stage.store.hold(false);
  });

  test('is credited back when the app sends a proof that Apple signed afterwards', async () => {
    const { transactionId, signedTransaction } = stage.buy();
    await stage.send(signedTransaction);
    await reverse(transactionId, 'the reversal');
    expect(await stage.amounts()).toEqual([499, -499]);
    const proof = stage.store.signedTransaction(transactionId);
    for (const one of [proof, proof, signedTransaction]) {
      expect(await stage.send(one)).toEqual({ status: 200, body: { result: 'success' } });
    }
    expect([await stage.amounts(), stage.balance()]).toEqual([[499, 499, -499], 499]);
    // The reversal is told late.
    await stage.store.release();
    expect([await stage.amounts(), stage.balance()]).toEqual([[499, 499, -499], 499]);
  });

  test.each(['all', 'the reversal'] as const)(
    'lets a purchase be credited that had not been, when the notifications lost are %s',
    async (lost) => {
      const { transactionId } = stage.buy();
      await reverse(transactionId, lost);
      const proof = stage.store.signedTransaction(transactionId);
      expect(await stage.send(proof)).toEqual({ status: 200, body: { result: 'success' } });
      expect(await stage.amounts()).toEqual([499]);
    },
  );

  test('is not taken from the proof of a stranger', async () => {
    const { transactionId, signedTransaction } = stage.store.buy({ productId: 'credits_499' });
    await stage.send(signedTransaction);
    await reverse(transactionId, 'the reversal');
    const proof = stage.store.signedTransaction(transactionId);
    expect((await stage.send(proof, await stage.client.signIn())).status).toBe(409);
    expect(await stage.amounts()).toEqual([499, -499]);
  });
});

test('a purchase that the app has finished as refunded is credited when Apple reverses it', async () => {
  const { transactionId } = stage.buy();
  stage.store.refund(transactionId);
  const proof = stage.store.signedTransaction(transactionId);
  expect(await stage.send(proof)).toEqual(finish('refunded'));
  stage.store.reverseRefund(transactionId);
  await stage.answered();
  expect([await stage.amounts(), stage.balance()]).toEqual([[499], 499]);
});

test('a proof that shows the refund of a credited purchase books it', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  await stage.send(signedTransaction);
  stage.store.hold(true);
  stage.store.refund(transactionId, 50_000);
  expect((await stage.send(stage.store.signedTransaction(transactionId))).status).toBe(200);
  expect(await stage.amounts()).toEqual([499, -250]);
  await stage.store.release();
  stage.store.hold(false);
  expect(await stage.amounts()).toEqual([499, -250]);
});

test('ONE_TIME_CHARGE and the app’s call make one row, whichever comes first', async () => {
  await stage.send(stage.buy().signedTransaction);
  const { transactionId, signedTransaction } = stage.buy();
  stage.store.notify('ONE_TIME_CHARGE', transactionId);
  await stage.answered();
  expect(await stage.amounts()).toEqual([499, 499]);
  expect((await stage.send(signedTransaction)).status).toBe(200);
  stage.store.notify('ONE_TIME_CHARGE', transactionId);
  await stage.answered();
  expect(await stage.amounts()).toEqual([499, 499]);
});

test('a row that a crash has left out is written by the next report', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  await stage.send(signedTransaction);
  const document = stage.client.firestore.doc(`tn_payments/appstore_sandbox-${transactionId}`);
  await document.delete();
  expect((await stage.send(signedTransaction)).status).toBe(200);
  expect(await stage.amounts()).toEqual([499]);
  expect(stage.balance()).toBe(499);
});

onEmbedded('while Firestore is silent Apple hears 503', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  await stage.send(signedTransaction);
  stage.store.hold(true);
  stage.store.refund(transactionId);
  await stage.client.firestoreControl.hang(true);
  const [failed] = await stage.store.release();
  await stage.client.firestoreControl.hang(false);
  stage.store.hold(false);
  expect(failed?.status).toBe(503);
  const [again] = await stage.store.redeliver(failed?.id ?? '');
  expect(again?.status).toBe(200);
  expect(await stage.amounts()).toEqual([499, -499]);
});

test('what a stranger’s proof shows as refunded is no word of the store: nothing is remembered', async () => {
  const { transactionId, signedTransaction } = stage.store.buy({ productId: 'credits_499' });
  await stage.send(signedTransaction);
  stage.store.hold(true);
  stage.store.refund(transactionId, 100_000);
  const stranger = await stage.client.signIn();
  const proof = stage.store.signedTransaction(transactionId);
  expect((await stage.send(proof, stranger)).status).toBe(409);
  const receipt = stage.client.firestore.doc(`tn_receipts/appstore_sandbox-${transactionId}`);
  const moved = (await receipt.get()).get('movements') as { amount: number }[];
  expect(moved.map(({ amount }) => amount)).toEqual([499]);
  expect(await stage.amounts()).toEqual([499]);
  // Its owner's is.
  expect((await stage.send(proof)).status).toBe(200);
  expect(await stage.amounts()).toEqual([499, -499]);
  stage.store.hold(false);
});

test('an authentic refund that cannot be read is kept for a person, without its buyer', async () => {
  const before = (await stage.client.parkedEvents()).length;
  const { transactionId, signedTransaction } = stage.buy();
  await stage.send(signedTransaction);
  await stage.answered();
  const notify = async (change: object, notificationUUID: string) => {
    const purchase = { revocationDate: Date.now(), ...change };
    const info = stage.store.signedTransaction(transactionId, purchase);
    const notification = {
      notificationType: 'REFUND',
      notificationUUID,
      version: '2.0',
      signedDate: Date.now(),
      data: { bundleId: BUNDLE_ID, environment: 'Sandbox', signedTransactionInfo: info },
    };
    const body = JSON.stringify({ signedPayload: signJws(notification, stage.authority) });
    const url = await stage.url('appstore-handleWebhookEvents');
    return (await fetch(url, { method: 'POST', body })).status;
  };
  const [first, second] = [randomUUID(), randomUUID()];
  expect(await notify({ purchaseDate: undefined }, first)).toBe(200);
  expect(await notify({ revocationDate: undefined }, second)).toBe(200);
  const parked = await stage.client.parkedEvents();
  expect(parked).toHaveLength(before + 2);
  const of = (id: string) => parked.find(({ event }) => (event as { id: string }).id === id);
  expect(of(first)?.['event']).toEqual({ id: first, type: 'REFUND' });
  expect(of(second)?.['event']).toEqual({
    id: second,
    type: 'REFUND',
    receiptId: `sandbox-${transactionId}`,
    productId: 'credits_499',
    quantity: 1,
  });
  expect(await stage.amounts()).toEqual([499]);
});

test('a payment id that stands for another movement is no success', async () => {
  const { transactionId, signedTransaction } = stage.buy();
  const id = `appstore_sandbox-${transactionId}`;
  const other = { uid: 'somebody', amount: 1, gateway: 'appstore' };
  await stage.client.firestore.doc(`tn_payments/${id}`).create(other);
  expect((await stage.send(signedTransaction)).status).toBe(409);
  expect(await stage.amounts()).toEqual([]);
});
