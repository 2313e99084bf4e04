import { Bench, held } from './stripe-bench.ts';

const bench = new Bench();

async function captured(amount = 1500): Promise<{ id: string; charge: string }> {
  const { id, latest_charge } = await held(bench.stripe, bench.control, { amount });
  await bench.stripe.paymentIntents.capture(id);
  return { id, charge: latest_charge ?? '' };
}

describe('refunds', () => {
  test('need a captured charge and enough left of it', async () => {
    const uncaptured = await held(bench.stripe, bench.control);
    expect(() => bench.control.refund(uncaptured.id)).toThrow('has not been captured');

    const { id } = await captured();
    bench.control.refund(id, 1000);
    expect(() => bench.control.refund(id, 501)).toThrow('has 500 left');
  });

  test('add up on the charge, and the event tells what it was before', async () => {
    const { id, charge } = await captured();
    bench.control.refund(id, 500);
    bench.control.refund(id);

    const found = await bench.stripe.charges.retrieve(charge);
    expect(found).toMatchObject({ amount_refunded: 1500, refunded: true });
    expect('refunds' in found).toBe(false);
    const events = bench.control.events().filter(({ type }) => type === 'charge.refunded');
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
    bench.control.refund(other.id);
    for (let index = 0; index < 130; index += 1) bench.control.refund(id, 10 + index);

    const amounts = [];
    for await (const refund of bench.stripe.refunds.list({ charge, limit: 100 })) {
      expect(refund).toMatchObject({ charge, payment_intent: id, metadata: {} });
      amounts.push(refund.amount);
    }
    expect(amounts).toHaveLength(130);
    expect(new Set(amounts).size).toBe(130);
    const first = await bench.stripe.refunds.list({ payment_intent: id, limit: 100 });
    expect(first).toMatchObject({ has_more: true, data: { length: 100 } });
  });

  test('fail after they had succeeded, with the money returned', async () => {
    const { id, charge } = await captured();
    const refund = bench.control.refund(id, 600);
    bench.control.failRefund(refund.id, 'lost_or_stolen_card');

    const { data } = await bench.stripe.refunds.list({
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
    const types = bench.control.events().map(({ type }) => type);
    expect(types.slice(-3)).toEqual(['refund.updated', 'charge.refund.updated', 'refund.failed']);
  });

  test('wait, and then succeed or are called off', async () => {
    const { id } = await captured();
    const first = bench.control.refund(id, 100, { status: 'pending' });
    const second = bench.control.refund(id, 200, { status: 'requires_action' });
    expect(first.balance_transaction).toBeNull();

    bench.control.settleRefund(first.id);
    bench.control.cancelRefund(second.id);

    await expect(bench.stripe.refunds.retrieve(first.id)).resolves.toMatchObject({
      status: 'succeeded',
    });
    await expect(bench.stripe.refunds.retrieve(second.id)).resolves.toMatchObject({
      status: 'canceled',
    });
    expect(() => bench.control.cancelRefund(first.id)).toThrow('is succeeded');
  });
});

describe('disputes', () => {
  test('move money by balance transactions, with the fee apart', async () => {
    const { id, charge } = await captured();
    const dispute = bench.control.dispute(id);
    expect(dispute).toMatchObject({ charge, payment_intent: id, balance_transactions: [] });

    bench.control.withdrawDispute(dispute.id);
    bench.control.winDispute(dispute.id);

    const found = await bench.stripe.disputes.retrieve(dispute.id);
    expect(found).toMatchObject({ status: 'won', metadata: {} });
    expect(found.balance_transactions).toMatchObject([
      { amount: -1500, fee: 1500, net: -3000, currency: 'usd' },
      { amount: 1500, fee: 0, net: 1500, currency: 'usd' },
    ]);
    const types = bench.control.events().map(({ type }) => type);
    expect(types.slice(-4)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.funds_reinstated',
      'charge.dispute.closed',
    ]);
  });

  test('an inquiry closes without moving money', async () => {
    const { id } = await captured();
    const { id: disputeId, status } = bench.control.dispute(id, { inquiry: true });
    expect(status).toBe('warning_needs_response');

    bench.control.closeDispute(disputeId, 'warning_closed');

    await expect(bench.stripe.disputes.retrieve(disputeId)).resolves.toMatchObject({
      status: 'warning_closed',
      balance_transactions: [],
    });
    expect(() => bench.control.winDispute(disputeId)).toThrow('has taken nothing');
  });
});
