import { randomUUID } from 'node:crypto';
import type { StackClient, User } from '../../scripts/stack/client.ts';
import { writeRows } from './app/rows.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** How a call comes to succeed. */
export interface Case {
  /** What has to happen before; resolves to the fields that the document has no examples of. */
  readonly prepare?: (user: User) => Promise<Fields>;
  /** Fields that the document lets out, and this one call needs. */
  readonly needs?: readonly string[];
  /** What the answer holds besides what the document says of it. */
  readonly answer?: object;
}

/** How the calls of the staff come to succeed. */
export function staffCases(client: StackClient): Readonly<Record<string, Case>> {
  async function parkedEvent(): Promise<{ parked_id: string }> {
    const id = `unusable_stripe_${randomUUID()}`;
    const event = { gateway: 'stripe', reason: 'unusable', parked_at: new Date() };
    await client.firestore.collection('tn_parked_events').doc(id).create(event);
    return { parked_id: id };
  }

  /** A row that the Retail API has refused. */
  async function refusedRow(): Promise<{ payment_id: string }> {
    const id = `stripe_${randomUUID()}`;
    const refused = { outcome: 'rejected', status: 400, error_name: null };
    const row = { id, mode: 'live', is_synced: false, sync_error: refused };
    await writeRows(client.firestore, (await client.signIn()).uid, [row]);
    return { payment_id: id };
  }

  async function waitingAdjustment(): Promise<Fields> {
    const id = randomUUID().replaceAll('-', '');
    const maker = await client.signInAsStaff('finance');
    const { uid } = await client.signIn();
    const at = new Date();
    await client.firestore.collection('tn_adjustments').doc(id).create({
      uid,
      amount: 5001,
      reason: 'lost',
      mode: 'test',
      made_by: maker.uid,
      made_by_email: maker.email,
      made_at: at,
      state: 'waiting',
      waits_since: at,
    });
    return { adjustment_id: id };
  }

  /** A payment of a gateway, which its stand-in does not know. */
  async function paymentOf(gateway: string): Promise<{ payment_id: string }> {
    const id = `${gateway}_${randomUUID().replaceAll('-', '').slice(0, 17).toUpperCase()}`;
    await writeRows(client.firestore, (await client.signIn()).uid, [{ id, gateway }]);
    return { payment_id: id };
  }

  const previewOf = (gateway: string, can: string): Case => ({
    prepare: () => paymentOf(gateway),
    answer: { can, amount: 1500, left: 1500, balance: 0, balance_after: -1500 },
  });

  const refundOf = (gateway: string, more: Fields = {}): Case => ({
    prepare: async () => ({
      ...(await paymentOf(gateway)),
      reason: 'the buyer has asked',
      ...more,
    }),
    answer: { state: 'failed', refund_id: null },
  });

  /** A request for a refund that a call has left. */
  async function leftRequest(): Promise<{ request_id: string }> {
    const at = new Date(0);
    const request = client.firestore.collection('tn_refund_requests').doc();
    await request.create({
      ...(await paymentOf('stripe')),
      gateway: 'stripe',
      amount: 500,
      refunded_before: 0,
      state: 'unknown',
      gateway_refund_id: null,
      fault: null,
      audit_id: 'line',
      created_at: at,
      call_until: at,
      changed_at: at,
      alerted_at: null,
    });
    return { request_id: request.id };
  }

  async function movablePayment(): Promise<Fields> {
    const { uid } = await client.signIn();
    return { ...(await paymentOf('stripe')), uid, reason: 'wrong user' };
  }

  return {
    'staff-adjust': {
      prepare: async () => {
        const { uid } = await client.signIn();
        return { uid, cents: 500, reason: 'lost', key: randomUUID() };
      },
      answer: { rows: [{ kind: 'adjustment', amount: 500 }] },
    },
    'staff-approveAdjustment': {
      prepare: waitingAdjustment,
      answer: { adjustment: { state: 'booked', amount: 5001 } },
    },
    'staff-declineAdjustment': {
      prepare: async () => ({ ...(await waitingAdjustment()), reason: 'not ours' }),
      answer: { adjustment: { state: 'declined' }, rows: [] },
    },
    'staff-movePayment': {
      prepare: movablePayment,
      answer: { adjustment: { state: 'booked', amount: 1500 }, rows: [{ amount: 1500 }, {}] },
    },
    'staff-listMonth': { answer: { next: null } },
    'staff-listAdjustments': { answer: { is_more: false } },
    'anypay-previewRefund': previewOf('anypay', 'none'),
    'appstore-previewRefund': previewOf('appstore', 'none'),
    'cryptomus-previewRefund': previewOf('cryptomus', 'full'),
    'cryptomus-refund': {
      ...refundOf('cryptomus', { address: 'TBuyer0123456789' }),
      needs: ['address'],
    },
    'googleplay-previewRefund': previewOf('googleplay', 'full'),
    'googleplay-refund': refundOf('googleplay'),
    'payeer-previewRefund': previewOf('payeer', 'none'),
    'paypal-previewRefund': previewOf('paypal', 'partial'),
    'paypal-refund': refundOf('paypal'),
    'staff-closeRefund': {
      prepare: async () => ({ ...(await leftRequest()), reason: 'nothing at the gateway' }),
    },
    'staff-listRefunds': {},
    'stripe-previewRefund': previewOf('stripe', 'partial'),
    'stripe-refund': refundOf('stripe'),
    'wayforpay-previewRefund': previewOf('wayforpay', 'partial'),
    'wayforpay-refund': refundOf('wayforpay'),
    'staff-find': { answer: { as: 'amount', uid: null } },
    'staff-listParked': { answer: { is_more: false } },
    'staff-listRefused': { answer: { is_more: false } },
    'staff-resolveParked': {
      prepare: async () => ({ ...(await parkedEvent()), reason: 'paid back by hand' }),
      answer: { result: 'success' },
    },
    'staff-retryParked': { prepare: parkedEvent, answer: { released: 0, asked: 1 } },
    'staff-retryRefused': { prepare: refusedRow, answer: { armed: 1 } },
  };
}
