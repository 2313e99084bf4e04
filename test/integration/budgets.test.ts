import { isEmbedded } from '../harness/embedded.ts';
import { intentOf, newUid, rowsOf, startWorld, type World } from '../harness/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld({ PUSH_BUDGET_MS: '400' });
});

afterAll(() => world.stop());

const acts = () => world.stripe.control;

/** One payment, captured already, whose events are held back. Returns its last event. */
function paid(uid: string): { intentId: string; eventId: string } {
  acts().hold(true);
  const intentId = intentOf(world, uid);
  acts().confirm(intentId);
  acts().captureFromDashboard(intentId);
  acts().discard();
  acts().hold(false);
  const event = acts()
    .events()
    .findLast(({ type }) => type === 'payment_intent.succeeded');
  return { intentId, eventId: event?.id ?? '' };
}

const onEmbedded = isEmbedded ? describe : describe.skip;

onEmbedded('calls of Firestore and of the Retail API, counted by the embedded Firestore', () => {
  async function counted(act: () => Promise<unknown>) {
    await world.firestoreControl.resetRpcs();
    const before = world.retail.control.requests().length;
    await act();
    const { ...rpcs } = await world.firestoreControl.rpcs();
    return { rpcs, retail: world.retail.control.requests().length - before };
  }

  test('a new row: one create, one Retail call, one update, no read', async () => {
    const uid = newUid();
    world.retail.control.addCustomer(uid);
    const { eventId } = paid(uid);
    expect(await counted(() => acts().redeliver(eventId))).toEqual({
      rpcs: { Commit: 1, BatchWrite: 1 },
      retail: 1,
    });
    expect(await rowsOf(world, uid)).toMatchObject([{ is_synced: true }]);
  });

  test('a duplicate: one failed create and the comparison with what is there, no Retail call', async () => {
    const { eventId } = paid(newUid());
    await acts().redeliver(eventId);
    expect(await counted(() => acts().redeliver(eventId))).toEqual({
      rpcs: { Commit: 1, BatchGetDocuments: 1 },
      retail: 0,
    });
  });

  test('a refund, told with its payment: one create more, and what its payment has left', async () => {
    const uid = newUid();
    world.retail.control.addCustomer(uid);
    const { intentId, eventId } = paid(uid);
    await acts().redeliver(eventId);
    acts().hold(true);
    acts().refund(intentId, 500);
    acts().discard();
    acts().hold(false);
    const told = acts().events().at(-1)?.id ?? '';
    expect(await counted(() => acts().redeliver(told))).toEqual({
      rpcs: { Commit: 2, BatchGetDocuments: 2, RunQuery: 1, BatchWrite: 1 },
      retail: 1,
    });
  });

  test('a rejected request: nothing', async () => {
    const post = () => fetch(world.webhookUrl, { method: 'POST', body: '{}' });
    expect(await counted(post)).toEqual({ rpcs: {}, retail: 0 });
  });

  test('an event that is not for us: nothing', async () => {
    const { header, body } = acts().signed({
      id: 'evt_other',
      object: 'event',
      type: 'customer.created',
      livemode: false,
      data: { object: { id: 'cus_1' } },
    });
    const post = () =>
      fetch(world.webhookUrl, { method: 'POST', headers: { 'stripe-signature': header }, body });
    expect(await counted(post)).toEqual({ rpcs: {}, retail: 0 });
  });

  test('a Firestore that does not answer: 503 after its deadline, and nothing pushed', async () => {
    const uid = newUid();
    const { eventId } = paid(uid);
    await world.firestoreControl.hang(true);
    const started = performance.now();
    const [delivery] = await acts().redeliver(eventId);
    const tookMs = performance.now() - started;
    await world.firestoreControl.hang(false);
    expect(delivery?.status).toBe(503);
    expect(tookMs).toBeGreaterThan(3_900);
    // Stripe waits longer than this, and the SDK would try for minutes.
    expect(tookMs).toBeLessThan(15_000);
    expect(world.retail.control.transactions(uid)).toEqual([]);
    // What the SDK still did afterwards is the row's own, and the repeated event finds it.
    const [again] = await acts().redeliver(eventId);
    expect(again?.status).toBe(200);
    expect(await rowsOf(world, uid)).toHaveLength(1);
  });
});

test('a Retail API that does not answer: 200 within the budget, the row stays due', async () => {
  const uid = newUid();
  const { eventId } = paid(uid);
  world.retail.control.hang(true);
  const started = performance.now();
  const [delivery] = await acts().redeliver(eventId);
  const tookMs = performance.now() - started;
  world.retail.control.hang(false);
  expect(delivery?.status).toBe(200);
  // Its own patience, 10 s a call, is not what the webhook waits for.
  expect(tookMs).toBeLessThan(8_000);
  const [row] = await rowsOf(world, uid);
  expect(row).toMatchObject({ is_synced: false, sync_attempts: 0 });
  expect(row).toHaveProperty('next_sync_at');
});
