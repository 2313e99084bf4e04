import { clientOf, held, startStandin } from './stripe-bench.ts';
import type { StripeStandin } from '../../standins/stripe/server.ts';

let standin: StripeStandin;
let stripe: ReturnType<typeof clientOf>;

beforeAll(async () => {
  standin = await startStandin();
  stripe = clientOf(standin);
});

beforeEach(() => {
  standin.control.reset();
});

afterAll(() => standin.stop());

async function captured(amount = 1500): Promise<{ id: string; charge: string }> {
  const { id, latest_charge } = await held(stripe, standin.control, { amount });
  await stripe.paymentIntents.capture(id);
  return { id, charge: latest_charge ?? '' };
}

describe('refunds', () => {
  test('need a captured charge and enough left of it', async () => {
    const uncaptured = await held(stripe, standin.control);
    expect(() => standin.control.refund(uncaptured.id)).toThrow('has not been captured');

    const { id } = await captured();
    standin.control.refund(id, 1000);
    expect(() => standin.control.refund(id, 501)).toThrow('has 500 left');
  });

  test('add up on the charge, and the event tells what it was before', async () => {
    const { id, charge } = await captured();
    standin.control.refund(id, 500);
    standin.control.refund(id);

    const found = await stripe.charges.retrieve(charge);
    expect(found).toMatchObject({ amount_refunded: 1500, refunded: true });
    expect('refunds' in found).toBe(false);
    const events = standin.control.events().filter(({ type }) => type === 'charge.refunded');
    expect(events.map(({ data }) => data)).toMatchObject([
      { object: { amount_refunded: 500 }, previous_attributes: { amount_refunded: 0 } },
      {
        object: { amount_refunded: 1500 },
        previous_attributes: { amount_refunded: 500, refunded: false },
      },
    ]);
  });

  test('more than a page of them are listed to the last, once each', async () => {
    const { id, charge } = await captured(20_000);
    const other = await captured();
    standin.control.refund(other.id);
    for (let index = 0; index < 130; index += 1) standin.control.refund(id, 10 + index);

    const amounts = [];
    for await (const refund of stripe.refunds.list({ charge, limit: 100 })) {
      expect(refund).toMatchObject({ charge, payment_intent: id, metadata: {} });
      amounts.push(refund.amount);
    }
    expect(amounts).toHaveLength(130);
    expect(new Set(amounts).size).toBe(130);
    const first = await stripe.refunds.list({ payment_intent: id, limit: 100 });
    expect(first).toMatchObject({ has_more: true, data: { length: 100 } });
  });

  test('fail after they had succeeded, with the money returned', async () => {
    const { id, charge } = await captured();
    const refund = standin.control.refund(id, 600);
    standin.control.failRefund(refund.id, 'lost_or_stolen_card');

    const { data } = await stripe.refunds.list({
      charge,
      expand: ['data.failure_balance_transaction', 'data.balance_transaction'],
    });
    expect(data).toMatchObject([
      {
        status: 'failed',
        failure_reason: 'lost_or_stolen_card',
        balance_transaction: { amount: -600, type: 'refund' },
        failure_balance_transaction: { amount: 600, type: 'refund_failure' },
      },
    ]);
    const types = standin.control.events().map(({ type }) => type);
    expect(types.slice(-3)).toEqual(['refund.updated', 'charge.refund.updated', 'refund.failed']);
  });

  test('wait, and then succeed or are called off', async () => {
    const { id } = await captured();
    const first = standin.control.refund(id, 100, { status: 'pending' });
    const second = standin.control.refund(id, 200, { status: 'requires_action' });
    expect(first.balance_transaction).toBeNull();

    standin.control.settleRefund(first.id);
    standin.control.cancelRefund(second.id);

    await expect(stripe.refunds.retrieve(first.id)).resolves.toMatchObject({ status: 'succeeded' });
    await expect(stripe.refunds.retrieve(second.id)).resolves.toMatchObject({ status: 'canceled' });
    expect(() => standin.control.cancelRefund(first.id)).toThrow('is succeeded');
  });
});

describe('disputes', () => {
  test('move money by balance transactions, with the fee apart', async () => {
    const { id, charge } = await captured();
    const dispute = standin.control.dispute(id);
    expect(dispute).toMatchObject({ charge, payment_intent: id, balance_transactions: [] });

    standin.control.withdrawDispute(dispute.id);
    standin.control.winDispute(dispute.id);

    const found = await stripe.disputes.retrieve(dispute.id);
    expect(found).toMatchObject({ status: 'won', metadata: {} });
    expect(found.balance_transactions).toMatchObject([
      { amount: -1500, fee: 1500, net: -3000, currency: 'usd' },
      { amount: 1500, fee: 0, net: 1500, currency: 'usd' },
    ]);
    const types = standin.control.events().map(({ type }) => type);
    expect(types.slice(-4)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.funds_reinstated',
      'charge.dispute.closed',
    ]);
  });

  test('an inquiry closes without moving money', async () => {
    const { id } = await captured();
    const { id: disputeId, status } = standin.control.dispute(id, { inquiry: true });
    expect(status).toBe('warning_needs_response');

    standin.control.closeDispute(disputeId, 'warning_closed');

    await expect(stripe.disputes.retrieve(disputeId)).resolves.toMatchObject({
      status: 'warning_closed',
      balance_transactions: [],
    });
    expect(() => standin.control.winDispute(disputeId)).toThrow('has taken nothing');
  });
});
