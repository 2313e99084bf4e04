import { randomUUID } from 'node:crypto';
import { TooEarly } from '../../functions/src/errors.ts';
import type { DocumentReference } from '../../functions/src/firestore/client/index.ts';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import { DuePayments } from '../../functions/src/ledger/due-payments.ts';
import { Ledger } from '../../functions/src/ledger/ledger.ts';
import { ParkedEvents } from '../../functions/src/ledger/parked-events.ts';
import { Reviews } from '../../functions/src/orders/reviews.ts';
import type { PaymentRow } from '../../functions/src/ledger/payment-row.ts';
import { documentsWith } from '../harness/documents-with.ts';
import { fixedClock, retailConfig } from '../harness/retail.ts';
import type { Pipeline } from '../../functions/src/pipeline.ts';
import { releaseParked } from '../../functions/src/sync/release.ts';
import { RetailApi } from '../../functions/src/retail/retail-api.ts';
import { send } from '../../functions/src/send.ts';
import { setEnvironment } from '../harness/environment.ts';
import { logFromNow } from '../harness/log.ts';

// A project of its own: no other suite's parked rows are released here.
setEnvironment({ GCLOUD_PROJECT: `demo-release-${randomUUID()}` });

const firestore = openFirestore();
const DAY_MS = 24 * 60 * 60_000;
const parkedAt = new Date('2026-03-01T10:00:00Z');

const row: PaymentRow = {
  paymentId: 'stripe_re_1',
  uid: 'ann',
  amountCents: -500,
  gateway: 'stripe',
  kind: 'refund',
  parentId: 'stripe_pi_1',
  orderId: 'order1',
  mode: 'test',
  occurredAt: parkedAt,
};

/** The schedule's pipeline, at some time after the row was parked. */
function pipelineAfter(ms: number): Pipeline {
  const now = () => new Date(parkedAt.getTime() + ms);
  const config = { apiKey: 'none', url: 'http://127.0.0.1:9', timeoutMs: 1, sendGateway: true };
  return {
    settings: {
      mode: 'test',
      allowedOrigins: [],
      topUpCents: { min: 500, max: 100_000 },
      refundSupportMaxCents: 0,
      openOrdersPerHour: 20,
      callsPerMinute: 600,
      pushBudgetMs: 3_000,
      trustedProxyHeader: undefined,
    },
    ledger: new Ledger(firestore),
    parked: new ParkedEvents(firestore),
    reviews: new Reviews(firestore),
    payments: new DuePayments(firestore),
    retail: new RetailApi(retailConfig(config.url), send, fixedClock(now)),
    now,
    random: () => 0,
  };
}

/** Parks a refund without its payment, due ever since. Returns the document. */
async function park(paymentId = row.paymentId): Promise<DocumentReference> {
  const report = {
    gateway: 'stripe',
    event: { id: `evt_${randomUUID()}`, type: 'refund.created' },
  };
  await new ParkedEvents(firestore).park(
    report,
    new TooEarly('no'),
    { ...row, paymentId },
    parkedAt,
    parkedAt,
  );
  const { docs } = await firestore.collection('tn_parked_events').get();
  const found = docs.find((one) => one.get('event.id') === report.event.id);
  if (found === undefined) throw new Error('it was not parked');
  return found.ref;
}

/** Runs the release with time enough. */
const released = (pipeline: Pipeline) =>
  releaseParked(pipeline, new Date(pipeline.now().getTime() + 60_000));

const GIVEN_UP = 'a parked row has waited too long for its payment';

test.each([1, 29, 30])('its payment missing for %d days: tried again later', async (days) => {
  const logged = logFromNow();
  const document = await park();
  expect(await released(pipelineAfter(days * DAY_MS))).toBe(0);
  const stored = await document.get();
  expect(stored.get('attempts')).toBe(1);
  const releaseAt = stored.get('release_at') as FirebaseFirestore.Timestamp;
  expect(releaseAt.toMillis()).toBeGreaterThan(parkedAt.getTime() + days * DAY_MS);
  expect(logged().join()).not.toContain(GIVEN_UP);
  await document.delete();
});

test('its payment missing for 31 days: left to a person, once', async () => {
  const logged = logFromNow();
  const document = await park();
  const pipeline = pipelineAfter(31 * DAY_MS);
  expect(await released(pipeline)).toBe(0);
  const stored = (await document.get()).data();
  expect(stored).toMatchObject({ reason: 'too_early', attempts: 1 });
  // What README says to look for.
  expect(stored).not.toHaveProperty('release_at');
  expect(stored).not.toHaveProperty('resolved_at');
  expect(await released(pipeline)).toBe(0);
  const alerts = logged().map((line) => JSON.parse(line) as object);
  expect(alerts).toMatchObject([{ severity: 'ERROR', message: GIVEN_UP, parked_id: document.id }]);
  expect((await firestore.collection('tn_payments').get()).docs).toEqual([]);
});

describe('two rows are due, and Firestore fails for the first', () => {
  test('the second is released all the same', async () => {
    const [first, second] = [await park('stripe_re_2'), await park('stripe_re_3')];
    const pipeline = pipelineAfter(DAY_MS);
    const parked = pipeline.parked;
    let calls = 0;
    const postpone = parked.postpone.bind(parked);
    jest.spyOn(parked, 'postpone').mockImplementation(async (id, at) => {
      calls += 1;
      if (calls === 1) throw new Error('Firestore fails');
      await postpone(id, at);
    });
    const logged = logFromNow();
    expect(await released(pipeline)).toBe(0);
    const attempts = [await first.get(), await second.get()].map((one) =>
      Number(one.get('attempts')),
    );
    expect(attempts.toSorted()).toEqual([0, 1]);
    expect(logged().join()).toContain('unexpected error');
    await Promise.all([first.delete(), second.delete()]);
  });
});

test('a row in conflict on its release is parked again, for a person', async () => {
  const document = await park('stripe_re_4');
  const now = new Date();
  const payment = { ...row, paymentId: 'stripe_pi_1', kind: 'payment', parentId: null } as const;
  await new Ledger(firestore).record({ ...payment, uid: 'bob', amountCents: 1500 }, now, 0);
  const logged = logFromNow();
  expect(await released(pipelineAfter(DAY_MS))).toBe(0);
  expect((await document.get()).data()).not.toHaveProperty('release_at');
  const parked = firestore.collection('tn_parked_events');
  const conflicts = await documentsWith(parked, 'reason', 'conflict');
  expect(conflicts.map((one) => one.get('row.payment_id'))).toEqual(['stripe_re_4']);
  const severities = logged().map((line) => (JSON.parse(line) as { severity: string }).severity);
  expect(severities).toEqual(['ERROR', 'ERROR']);
});
