import { randomUUID } from 'node:crypto';
import { BeyondBounds, Unusable } from '../../functions/src/errors.ts';
import type { DocumentReference } from '../../functions/src/firestore/client/index.ts';
import { openFirestore } from '../../functions/src/firestore/firestore.ts';
import { Ledger } from '../../functions/src/ledger/ledger.ts';
import type { PaymentRow } from '../../functions/src/ledger/payment-row.ts';
import { setEnvironment } from '../harness/environment.ts';

setEnvironment({ GCLOUD_PROJECT: 'demo-temp-number' });

const firestore = openFirestore();

const common = {
  gateway: 'somegateway',
  uid: 'user1',
  orderId: null,
  mode: 'test',
  occurredAt: new Date(),
} as const;

function totalOf(parentId: string, cents: number): PaymentRow {
  return {
    ...common,
    paymentId: `${parentId}_refund_${cents}`,
    parentId,
    kind: 'refund',
    amountCents: -cents,
    isTotal: true,
  };
}

/** The payment that the totals are of. */
async function pay(ledger: Ledger, paymentId: string): Promise<void> {
  const payment = {
    ...common,
    paymentId,
    kind: 'payment',
    parentId: null,
    amountCents: 1250,
  } as const;
  await ledger.record(payment, new Date(), 1000);
}

async function amounts(parentId: string): Promise<number[]> {
  const rows = firestore.collection('tn_payments').where('parent_id', '==', parentId);
  const cents = (await rows.get()).docs.map((row) => Number(row.get('amount')));
  return cents.toSorted((a, b) => a - b);
}

test('a total becomes what it adds; one that adds nothing becomes no row', async () => {
  const parentId = `somegateway_${randomUUID()}`;
  const ledger = new Ledger(firestore);
  const record = async (cents: number) =>
    (await ledger.record(totalOf(parentId, cents), new Date(), 1000)).due;
  await pay(ledger, parentId);
  expect(await record(500)).toMatchObject({ amountCents: -500 });
  expect(await record(500)).toBeUndefined();
  expect(await record(800)).toMatchObject({ amountCents: -300 });
  expect(await record(500)).toBeUndefined();
  expect(await amounts(parentId)).toEqual([-500, -300]);
});

test('totals recorded at once never count the same money twice', async () => {
  const ledger = new Ledger(firestore);
  for (let round = 0; round < 10; round += 1) {
    const parentId = `somegateway_${randomUUID()}`;
    const totals = [500, 800, 800, 1250, 300];
    await pay(ledger, parentId);
    await Promise.all(
      totals.map((cents) => ledger.record(totalOf(parentId, cents), new Date(), 1000)),
    );
    const sum = (await amounts(parentId)).reduce((a, b) => a + b, 0);
    expect(sum).toBe(-1250);
  }
});

describe('a correction that is booked while another one is being decided', () => {
  const correction = (parentId: string, kind: 'refund' | 'dispute', name: string): PaymentRow => ({
    ...common,
    paymentId: `${parentId}_${name}`,
    parentId,
    kind,
    amountCents: -1250,
  });

  /** Records `first` after the other one has read whether it is there, and before it reads the rest. */
  function recordBetween(ledger: Ledger, first: PaymentRow, other: PaymentRow) {
    const getAll = firestore.getAll.bind(firestore);
    jest
      .spyOn(firestore, 'getAll')
      .mockImplementationOnce(async (...documents: readonly DocumentReference[]) => {
        const read = await getAll(...documents);
        await ledger.record(first, new Date(), 1000);
        return read;
      });
    return ledger.record(other, new Date(), 1000);
  }

  test('and is the same one: it was there, and is not refused for want of room', async () => {
    const parentId = `somegateway_${randomUUID()}`;
    const ledger = new Ledger(firestore);
    await pay(ledger, parentId);
    const refund = correction(parentId, 'refund', 'refund');
    expect(await recordBetween(ledger, refund, refund)).toMatchObject({ isNew: false });
    const failed: PaymentRow = {
      ...refund,
      paymentId: `${refund.paymentId}-failed`,
      kind: 'refund_failed',
      parentId: refund.paymentId,
      amountCents: 1250,
    };
    expect(await recordBetween(ledger, failed, failed)).toMatchObject({ isNew: false });
    expect(await amounts(parentId)).toEqual([-1250]);
  });

  test('and takes all that is left: there is no room', async () => {
    const parentId = `somegateway_${randomUUID()}`;
    const ledger = new Ledger(firestore);
    await pay(ledger, parentId);
    const [refund, dispute] = (['refund', 'dispute'] as const).map((kind) =>
      correction(parentId, kind, kind),
    );
    if (!refund || !dispute) throw new Error('there are two');
    await expect(recordBetween(ledger, refund, dispute)).rejects.toThrow(BeyondBounds);
    expect(await amounts(parentId)).toEqual([-1250]);
  });
});

describe('a payment with a row that a person has written', () => {
  /** What a person may write: few fields, and a kind of their own. */
  async function writeByHand(parentId: string, fields: object): Promise<void> {
    const paymentId = `${parentId}-by-hand`;
    const row = { payment_id: paymentId, uid: 'user1', parent_id: parentId, ...fields };
    await firestore.collection('tn_payments').doc(paymentId).create(row);
  }

  test('has its corrections booked, and the row counts', async () => {
    const parentId = `somegateway_${randomUUID()}`;
    const ledger = new Ledger(firestore);
    await pay(ledger, parentId);
    await writeByHand(parentId, { amount: -1000, kind: 'goodwill' });
    const dispute = (cents: number) => ({ ...totalOf(parentId, cents), kind: 'dispute' }) as const;
    await expect(ledger.record(dispute(251), new Date(), 1000)).rejects.toThrow(BeyondBounds);
    expect(await ledger.record(dispute(250), new Date(), 1000)).toMatchObject({ isNew: true });
    expect(await ledger.paidCents(parentId)).toBe(1250);
  });

  test('has its corrections left to a person while the row has no amount', async () => {
    const parentId = `somegateway_${randomUUID()}`;
    const ledger = new Ledger(firestore);
    await pay(ledger, parentId);
    await writeByHand(parentId, { amount: '-10.00', kind: 'refund' });
    await expect(ledger.record(totalOf(parentId, 250), new Date(), 1000)).rejects.toThrow(Unusable);
    await expect(ledger.paidCents(parentId)).rejects.toThrow(Unusable);
  });
});
