import { openPayments } from '../../../functions/src/app/payment.ts';
import { Adjustments } from '../../../functions/src/ledger/adjustments.ts';
import { Ledger } from '../../../functions/src/ledger/ledger.ts';
import type { PaymentRow } from '../../../functions/src/ledger/payment-row.ts';
import { toDocument } from '../../../functions/src/orders/order.ts';
import { setEnvironment } from '../../harness/environment.ts';
import { orderOf } from '../../harness/orders.ts';
import { useOwnFirestore } from '../../harness/own-firestore.ts';
import { paymentRow } from '../../harness/payment-row.ts';

const own = useOwnFirestore();
const now = new Date('2026-11-20T10:00:00Z');

beforeEach(async () => {
  setEnvironment({ PAYMENTS_MODE: 'test' });
  const order = orderOf({ orderId: 'order1', gateway: 'stripe', uid: 'ann' });
  await own().doc('tn_orders/order1').create(toDocument(order));
  await record({ parentId: null });
});

const record = (given: Partial<PaymentRow>) =>
  new Ledger(own().firestore).record(
    paymentRow({ parentId: 'stripe_pi_1', occurredAt: now, ...given }),
    now,
    0,
  );
const dispute = (id: string, amountCents: number) =>
  record({ paymentId: `stripe_${id}`, kind: 'dispute', amountCents });

const move = (uid: string) =>
  new Adjustments(own().firestore, () => Promise.resolve(false)).move(
    {
      paymentId: 'stripe_pi_1',
      uid,
      reason: 'wrong user',
      mode: 'test',
      madeBy: 'maker',
      madeByEmail: 'maker@example.com',
    },
    10_000,
    { now, leaseMs: 0 },
  );

async function status(): Promise<string> {
  const input = { order_id: 'order1' };
  const caller = { uid: 'ann', regCountry: null };
  return (await (await openPayments()).read({ input, caller, idempotencyKey: undefined })).status;
}

test('an order whose payment was moved away is refunded, also after a dispute of a part', async () => {
  await dispute('du_1', -500);
  expect(await status()).toBe('paid');
  await move('bob');
  expect(await status()).toBe('refunded');
  await move('ann');
  expect(await status()).toBe('paid');
  // A dispute of one who has the money leaves the order paid.
  await dispute('du_2', -1000);
  expect(await status()).toBe('paid');
});

test('a second payment of the order, which was not moved, leaves it paid', async () => {
  await record({ paymentId: 'stripe_pi_2', parentId: null });
  await record({
    paymentId: 'stripe_du_2',
    kind: 'dispute',
    amountCents: -1500,
    parentId: 'stripe_pi_2',
  });
  await move('bob');
  expect(await status()).toBe('paid');
});
