import { StackClient, type User } from '../../scripts/stack/client.ts';
import { isEmbedded } from '../harness/embedded.ts';
import { emptyFirestore } from '../harness/empty-firestore.ts';

/**
 * `stripe-reconcile` as it is deployed, called over HTTP: Stripe's events are lost, and the look into
 * its lists books what they would have told.
 */
const client = new StackClient(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
let user: User;

// A look goes through all that Stripe has, and asks about rows of ten minutes ago and older. The first
// look has 30 days to go through; the next ones have hours.
beforeAll(async () => {
  await emptyFirestore();
  await client.stripe.reset();
  await lookAgain();
});

beforeEach(async () => {
  await client.stripe.reset();
  user = await client.signIn();
  await client.makeLookDue('stripe');
});

afterAll(async () => {
  await client.stripe.reset();
  await client.close();
});

const lookAgain = () => client.runSchedule('stripe-reconcile');

/** Pays 15.00, which is captured; resolves to the id of the intent. No event of it gets through. */
async function payUnheard(act: (intentId: string) => Promise<void> = () => Promise.resolve()) {
  const { body } = await client.call<{ id: string }>(
    'stripe-getPaymentIntent',
    { amount: 1500 },
    user,
  );
  await client.stripe.hold(true);
  await client.stripe.confirm(body.id);
  await client.stripe.captureFromDashboard(body.id);
  await act(body.id);
  await client.stripe.discard();
  await client.stripe.hold(false);
  return body.id;
}

async function inShort(): Promise<string[]> {
  const rows = await client.rows(user);
  return rows.map((row) => `${String(row['kind'])} ${String(row['amount'])}`).toSorted();
}

/** What an act asks of Stripe, and calls of Firestore. */
async function counted(act: () => Promise<void>) {
  const asked = (await client.stripe.requests()).length;
  if (isEmbedded) await client.firestoreControl.resetRpcs();
  await act();
  const rpcs: Record<string, number> = isEmbedded ? await client.firestoreControl.rpcs() : {};
  return { rpcs, asked: (await client.stripe.requests()).length - asked };
}

test('one call books the payment, the refund and the dispute, and delivers them', async () => {
  const intentId = await payUnheard(async (id) => {
    await client.stripe.refund(id, 400);
    const dispute = await client.stripe.dispute(id, { amount: 1000 });
    await client.stripe.withdrawDispute(dispute.id);
  });
  expect(await client.rows(user)).toEqual([]);

  const first = await counted(lookAgain);

  expect(await inShort()).toEqual(['dispute -1000', 'payment 1500', 'refund -400']);
  const rows = await client.rows(user);
  for (const row of rows) expect(row).toMatchObject({ is_synced: true, gateway: 'stripe' });
  const delivered = await client.retail.transactions(user.uid);
  expect(delivered.map(({ transactionId }) => transactionId).toSorted()).toEqual(
    rows.map((row) => String(row['payment_id'])).toSorted(),
  );
  expect(rows.map((row) => String(row['payment_id']))).toContain(`stripe_${intentId}`);
  expect(await client.retail.balance(user.uid)).toBe(100);
  // Three rows and the mark of the list are written one by one, and pushed rows in one batch.
  const booking = { Commit: 4, BatchWrite: 1, BatchGetDocuments: 4, RunQuery: 7 };
  expect(first.rpcs).toEqual(isEmbedded ? booking : {});

  const second = await counted(lookAgain);

  expect(second.asked).toBe(0);
  // Orders and parked events that are due, refunds that are asked for, and the mark of the list.
  expect(second.rpcs).toEqual(isEmbedded ? { RunQuery: 3, BatchGetDocuments: 1 } : {});
});

test('a look that finds a payment booked costs one read and its mark', async () => {
  await payUnheard();
  await lookAgain();
  const before = await client.rows(user);
  await client.makeLookDue('stripe');
  const { rpcs, asked } = await counted(lookAgain);
  expect(await client.rows(user)).toEqual(before);
  expect(asked).toBeGreaterThan(0);
  // The queries are those of a look that is not due, and one for rows that were not listed.
  const lookingOn = { Commit: 1, BatchGetDocuments: 2, RunQuery: 4 };
  expect(rpcs).toEqual(isEmbedded ? lookingOn : {});
});

test('a payment that nobody captured is captured, as its event would have done', async () => {
  const { body } = await client.call<{ id: string }>(
    'stripe-getPaymentIntent',
    { amount: 900 },
    user,
  );
  await client.stripe.hold(true);
  await client.stripe.confirm(body.id);
  await client.stripe.discard();
  await client.stripe.hold(false);
  await lookAgain();
  expect(await inShort()).toEqual(['payment 900']);
  expect(await client.stripe.object(body.id)).toMatchObject({ status: 'succeeded' });
});

test('while Stripe does not answer nothing is lost: the run fails, and the next one books it', async () => {
  await payUnheard();
  await client.stripe.fault({ match: 'GET /v1/refunds', status: 503, times: 2 });
  await expect(lookAgain()).rejects.toThrow('stripe-reconcile answered 500');
  expect(await inShort()).toEqual([]);
  await lookAgain();
  expect(await inShort()).toEqual(['payment 1500']);
});

test('while the Retail API is down the row is stored, and the sweep delivers it once', async () => {
  await payUnheard();
  await client.retail.down(true);
  await lookAgain();
  await client.retail.down(false);
  expect(await client.rows(user)).toMatchObject([{ amount: 1500, is_synced: false }]);
  await client.makeDue(user);
  await client.sweep();
  expect(await client.rows(user)).toMatchObject([{ amount: 1500, is_synced: true }]);
  expect(await client.retail.balance(user.uid)).toBe(1500);
});

test('an event that comes after all is a duplicate', async () => {
  await payUnheard();
  await lookAgain();
  const event = (await client.stripe.events()).findLast(
    ({ type }) => type === 'payment_intent.succeeded',
  );
  const [sent] = await client.stripe.redeliver(event?.id ?? '');
  expect(sent?.status).toBe(200);
  expect(await inShort()).toEqual(['payment 1500']);
  expect(await client.retail.balance(user.uid)).toBe(1500);
});
