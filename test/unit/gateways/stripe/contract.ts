import type { WebhookRequest } from '../../../../functions/src/gateway.ts';
import { openGateway } from '../../../../functions/src/gateways/stripe/gateway.ts';
import { contractOf } from '../../../contract/gateway-contract.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { orderBook } from '../../../harness/orders.ts';
import { startStripe, type StripeStandin } from '../../../standins/stripe/server.ts';
import { signatureHeader } from '../../../standins/stripe/signature.ts';
import type { Movement } from '../../../../functions/src/movement.ts';

const SECRET = 'whsec_standin';
const KEY = 'sk_test_standin';
const DEPLOYMENT = 'project1';

const open = () => openGateway({ orders: orderBook(), deployment: DEPLOYMENT });

let stripe: StripeStandin;

beforeEach(async () => {
  stripe = await startStripe({ apiKey: KEY, webhookSecret: SECRET });
  setEnvironment({
    PAYMENTS_MODE: 'test',
    STRIPE_SECRET_KEY: KEY,
    STRIPE_WEBHOOK_SECRET: SECRET,
    STRIPE_API_URL: stripe.origin,
  });
});

afterEach(() => stripe.stop());

/** The payment of 15.00 that the fixtures speak of: pi_000001 by user1. */
function intentOfUser1(amount = 1500): string {
  return stripe.control.createForeignIntent({
    amount,
    captureMethod: 'manual',
    metadata: {
      purpose: 'balance_topup',
      deployment: DEPLOYMENT,
      uid: 'user1',
      order_id: 'order1',
    },
  }).id;
}

function paid(amount?: number): string {
  const id = intentOfUser1(amount);
  stripe.control.confirm(id);
  stripe.control.captureFromDashboard(id);
  return id;
}

type Row = Omit<Movement, 'occurredAt'>;

const common = { uid: 'user1', orderId: 'order1', mode: 'test' } as const;

const held = { orderId: common.orderId, uid: common.uid };

const payment: Row = {
  ...common,
  id: 'pi_000001',
  kind: 'payment',
  amountCents: 1500,
  parentId: null,
};

function correction(kind: Movement['kind'], id: string, amountCents: number): Row {
  return { ...common, id, kind, amountCents, parentId: payment.id };
}

function signed(body: Buffer, secret = SECRET, ageS = 0): WebhookRequest {
  const at = Math.floor(Date.now() / 1000) - ageS;
  const header = signatureHeader(body.toString(), [secret], at);
  return { method: 'POST', headers: { 'stripe-signature': header }, body };
}

export const contract = contractOf({
  name: 'stripe',
  open,
  openWithoutSecret: () => {
    setEnvironment({ STRIPE_WEBHOOK_SECRET: '' });
    return open();
  },
  signer: {
    genuine: signed,
    missing: (body) => ({ method: 'POST', headers: {}, body }),
    truncated: (body) => {
      const header = String(signed(body).headers['stripe-signature']).slice(0, -1);
      return { method: 'POST', headers: { 'stripe-signature': header }, body };
    },
    foreign: (body) => signed(body, 'whsec_somebody_else'),
    stale: (body) => signed(body, SECRET, 301),
  },
  api: {
    variable: 'STRIPE_API_URL',
    notOurs: ['metadata', 'metadata.purpose', 'metadata.deployment'],
  },
  early: {
    fixture: 'payment_intent.succeeded',
    arrange: () => {
      const id = paid();
      stripe.control.edit(id, { status: 'processing' });
    },
    catchUp: () => {
      stripe.control.edit('pi_000001', { status: 'succeeded' });
    },
    movements: [payment],
  },
  secrets: [SECRET, KEY],
  unknown: 'customer.created',
  cases: [
    {
      fixture: 'payment_intent.amount_capturable_updated',
      arrange: () => {
        stripe.control.confirm(intentOfUser1());
      },
      movements: [payment],
    },
    {
      fixture: 'payment_intent.amount_capturable_updated',
      when: 'held for review',
      arrange: () => {
        stripe.control.confirm(intentOfUser1(), { review: true });
      },
      movements: [{ ...held, review: 'opened' }],
    },
    {
      fixture: 'payment_intent.amount_capturable_updated',
      when: 'expired in the meantime',
      arrange: () => {
        const id = intentOfUser1();
        stripe.control.confirm(id);
        stripe.control.expireHold(id);
      },
      movements: [],
    },
    {
      fixture: 'payment_intent.succeeded',
      when: 'captured in the dashboard in part',
      arrange: () => {
        const id = intentOfUser1();
        stripe.control.confirm(id);
        stripe.control.captureFromDashboard(id, 1200);
      },
      movements: [{ ...payment, amountCents: 1200 }],
    },
    {
      fixture: 'payment_intent.succeeded',
      when: 'of a payment that is not ours',
      arrange: () => {
        const { id } = stripe.control.createForeignIntent();
        stripe.control.confirm(id);
      },
      movements: [],
    },
    { fixture: 'payment_intent.canceled', movements: [] },
    {
      fixture: 'review.closed',
      when: 'approved',
      arrange: () => {
        const id = intentOfUser1();
        stripe.control.confirm(id, { review: true });
        stripe.control.approveReview(id);
      },
      movements: [payment],
    },
    {
      fixture: 'review.closed',
      when: 'approved and captured already',
      arrange: () => {
        const id = intentOfUser1();
        stripe.control.confirm(id, { review: true });
        stripe.control.approveReview(id);
        stripe.control.captureFromDashboard(id);
      },
      movements: [payment],
    },
    {
      fixture: 'review.closed',
      when: 'refused',
      arrange: () => {
        const id = intentOfUser1();
        stripe.control.confirm(id, { review: true });
        stripe.control.closeReview(id, 'refunded_as_fraud');
      },
      movements: [{ ...held, review: 'closed' }],
    },
    {
      fixture: 'charge.refunded',
      when: 'two partial refunds',
      arrange: () => {
        const id = paid();
        stripe.control.refund(id, 500);
        stripe.control.refund(id, 400, { status: 'pending' });
      },
      movements: [
        payment,
        correction('refund', 're_000002', -400),
        correction('refund', 're_000001', -500),
      ],
    },
    {
      fixture: 'charge.refunded',
      when: 'of a hold that was released',
      arrange: () => {
        const id = intentOfUser1();
        stripe.control.confirm(id);
        stripe.control.cancelFromDashboard(id);
      },
      movements: [],
    },
    {
      fixture: 'charge.refunded',
      when: 'more than a hundred refunds',
      arrange: () => {
        const id = paid();
        for (let refund = 0; refund < 120; refund += 1) stripe.control.refund(id, 10);
      },
      movements: [
        payment,
        ...Array.from({ length: 120 }, (_, index) =>
          correction('refund', `re_${String(120 - index).padStart(6, '0')}`, -10),
        ),
      ],
    },
    {
      fixture: 'refund.failed',
      arrange: () => {
        const refund = stripe.control.refund(paid(), 500);
        stripe.control.failRefund(refund.id);
      },
      movements: [
        payment,
        { ...correction('refund_failed', 're_000001-failed', 500), parentId: 're_000001' },
      ],
    },
    {
      fixture: 'charge.dispute.created',
      arrange: () => {
        stripe.control.dispute(paid());
      },
      movements: [],
    },
    {
      fixture: 'charge.dispute.funds_withdrawn',
      arrange: () => {
        const { id } = stripe.control.dispute(paid());
        stripe.control.withdrawDispute(id);
      },
      movements: [payment, correction('dispute', 'txn_000002', -1500)],
    },
    {
      fixture: 'charge.dispute.funds_reinstated',
      when: 'before the withdrawal was told',
      arrange: () => {
        const { id } = stripe.control.dispute(paid());
        stripe.control.withdrawDispute(id);
        stripe.control.reinstateDispute(id, 900);
      },
      movements: [
        payment,
        correction('dispute', 'txn_000002', -1500),
        correction('dispute_reversed', 'txn_000003', 900),
      ],
    },
  ],
});
