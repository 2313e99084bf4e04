import { randomUUID } from 'node:crypto';
import type {
  DocumentData,
  Timestamp,
} from '../../functions/node_modules/firebase-admin/lib/firestore/index.js';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import { readSettings } from '../../functions/src/config/settings.ts';
import { Ledger } from '../../functions/src/ledger/ledger.ts';
import { OrderExpiry } from '../../functions/src/orders/expiry.ts';
import { Orders } from '../../functions/src/orders/orders.ts';
import { setEnvironment } from '../harness/environment.ts';
import { paymentRow } from '../harness/payment-row.ts';

// A project of its own: its orders were placed here.
setEnvironment({ GCLOUD_PROJECT: `demo-expiry-${randomUUID()}` });

const DAY_MS = 86_400_000;
const firestore = openFirestore();
const orders = new Orders(
  firestore,
  readSettings({ PAYMENTS_MODE: 'test', OPEN_ORDERS_PER_HOUR: '100' }),
  () => new Date(),
);

/** Days after now; pages of two. */
function expiryIn(days: number): OrderExpiry {
  const now = new Date(Date.now() + days * DAY_MS);
  return new OrderExpiry(firestore, () => now, 2);
}

const run = (days: number) => expiryIn(days).run(new Date(Date.now() + 2 * days * DAY_MS));

async function place(uid: string, key?: string) {
  const request = { uid, amountCents: 1250, gateway: 'acme', idempotencyKey: key };
  return orders.place(request);
}

async function pay(orderId: string, kind: 'payment' | 'refund' = 'payment'): Promise<void> {
  const row = paymentRow({ paymentId: `acme_${randomUUID()}`, orderId, gateway: 'acme' });
  await new Ledger(firestore).record(row, new Date(), 0);
  if (kind === 'payment') return;
  const refund = { kind, paymentId: `acme_${randomUUID()}`, parentId: row.paymentId } as const;
  await new Ledger(firestore).record({ ...row, ...refund, amountCents: -1 }, new Date(), 0);
}

async function stored(orderId: string) {
  return (await firestore.collection('tn_orders').doc(orderId).get()).data();
}

function expiryMs(order: DocumentData | undefined): number {
  return (order?.['expires_at'] as Timestamp).toMillis();
}

test('an order expires when it was not paid in three years, and a paid one never', async () => {
  const unpaid = await Promise.all(['u1', 'u2', 'u3'].map((uid) => place(uid)));
  const paid = await Promise.all(['u4', 'u5'].map((uid) => place(uid)));
  for (const { orderId } of paid) await pay(orderId, 'refund');

  await run(1_095);
  for (const { orderId } of unpaid) expect(await stored(orderId)).not.toHaveProperty('expires_at');

  await run(1_097);
  for (const { orderId } of unpaid) {
    const order = await stored(orderId);
    expect(order).not.toHaveProperty('is_open');
    expect(expiryMs(order)).toBeGreaterThan(Date.now() + 1_096 * DAY_MS);
  }
  for (const { orderId } of paid) {
    const order = await stored(orderId);
    expect([order?.['is_open'], order?.['expires_at']]).toEqual([undefined, undefined]);
  }
});

test('two runs at once decide the same', async () => {
  const { orderId } = await place('u6');
  await Promise.all([run(1_097), run(1_097), run(1_097)]);
  expect(await stored(orderId)).toHaveProperty('expires_at');
});

test('no page is begun after the end of the run', async () => {
  const { orderId } = await place('u7');
  await expiryIn(1_097).run(new Date());
  expect(await stored(orderId)).toHaveProperty('is_open', true);
});

describe('an order that failed at its gateway', () => {
  const down = async () => {
    throw new Error('the gateway is down');
  };

  test('expires after the same time', async () => {
    const order = await place('u8', 'key');
    await expect(orders.handOver(order, down, String)).rejects.toThrow('down');
    expect(await stored(order.orderId)).toHaveProperty('is_open', false);
    await run(1_095);
    expect(await stored(order.orderId)).not.toHaveProperty('expires_at');
    await run(1_097);
    expect(await stored(order.orderId)).toHaveProperty('expires_at');
  });

  test('never expires when it was paid all the same: its gateway had heard of it', async () => {
    const order = await place('u10', 'key');
    await expect(orders.handOver(order, down, String)).rejects.toThrow('down');
    await pay(order.orderId);
    await run(1_097);
    const kept = await stored(order.orderId);
    expect([kept?.['is_open'], kept?.['expires_at']]).toEqual([undefined, undefined]);
  });

  test('is kept when it turns out to be at the gateway', async () => {
    const order = await place('u9', 'key');
    await expect(orders.handOver(order, down, String)).rejects.toThrow('down');
    await orders.bind(order, 'object1');
    expect(await stored(order.orderId)).toMatchObject({ is_open: true, gateway_ref: 'object1' });
    expect(await stored(order.orderId)).not.toHaveProperty('expires_at');
  });
});
