import { RefundRequests } from '../../../functions/src/ledger/refund-requests.ts';
import { toPaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { reconcile } from '../../../functions/src/reconcile/reconcile.ts';
import { logFromNow } from '../../harness/log.ts';
import { told, useOwnFirestore } from '../../harness/own-firestore.ts';
import { HOUR_MS, movement, NAME, openLook, pipelineOf, Till } from '../../harness/second-look.ts';

const own = useOwnFirestore();
let clock: number;
const now = () => new Date(clock);
const pipeline = () => pipelineOf(own().firestore, now);

beforeEach(() => {
  clock = Date.parse('2026-03-31T10:00:00Z');
});

async function book(given: Parameters<typeof movement>[0]): Promise<void> {
  const row = toPaymentRow(NAME, movement({ occurredAt: now(), ...given }));
  await pipeline().ledger.record(row, now(), 0);
}

/** A request that the gateway has taken, of a payment of 15.00. */
async function send(): Promise<void> {
  await book({ id: 'a' });
  const requests = new RefundRequests(own().firestore);
  const asked = { paymentId: `${NAME}_a`, gateway: NAME, amountCents: 500, refundedCents: 0 };
  const begun = { ...asked, line: 'line', callUntil: now() };
  const request = await requests.begin(asked.paymentId, () => begun, now());
  await requests.note(request, { state: 'sent', refundId: 'r' }, now());
}

const states = async () =>
  (await own().all('tn_refund_requests')).map((one) => one['state'] as string);

/** What is told of refunds in the next hours. */
async function alerts(hours: number): Promise<string[]> {
  const logged = logFromNow();
  for (let hour = 0; hour < hours; hour += 1) {
    clock += HOUR_MS;
    await reconcile(await openLook(new Till(), pipeline()));
  }
  return told(logged()).filter((line) => line.includes('a refund has no row'));
}

test('a refund without a row after a day is told once', async () => {
  await send();
  expect(await alerts(24)).toEqual([]);
  expect(await alerts(30)).toHaveLength(1);
  expect(await states()).toEqual(['sent']);
});

test('its row ends a request, and nothing is told', async () => {
  await send();
  await book({ id: 'r', kind: 'refund', amountCents: -500, parentId: 'a' });
  expect(await alerts(30)).toEqual([]);
  expect(await states()).toEqual(['done']);
});
