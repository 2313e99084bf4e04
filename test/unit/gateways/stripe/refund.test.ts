import { Unusable } from '../../../../functions/src/errors.ts';
import type { RefundedPayment } from '../../../../functions/src/gateway.ts';
import { openRefunds } from '../../../../functions/src/gateways/stripe/refund.ts';
import type { Refund } from '../../../../functions/src/gateways/stripe/objects.ts';

const payment: RefundedPayment = {
  paymentId: 'pi_1',
  orderId: null,
  amountCents: 1500,
  refundedCents: 0,
  address: '',
  earlier: 'none',
};

const refundWith = (given: Partial<Refund>): Refund => ({
  id: 're_1',
  status: 'succeeded',
  amount: 500,
  currency: 'usd',
  created: new Date(0),
  metadata: {},
  ...given,
});

/** Gives 5.00 back under the key `k`, beside a refund that is there; counts the refunds made. */
async function giveBack(listed: Partial<Refund>, made: Partial<Refund> = {}) {
  let calls = 0;
  const refunds = openRefunds({
    listRefunds: () => Promise.resolve([refundWith(listed)]),
    createRefund: () => {
      calls += 1;
      return Promise.resolve(refundWith({ id: 're_2', ...made }));
    },
  });
  if (refunds.can === 'none') throw new Error('Stripe gives money back');
  return { ...(await refunds.refund(payment, 500, 'k')), calls };
}

test('a refund that carries the key is the answer, though Stripe has forgotten the key', async () => {
  const marked = { metadata: { refund_request: 'k' } };
  expect(await giveBack(marked)).toEqual({ refundId: 're_1', calls: 0 });
});

test('a refund of another request is no answer', async () => {
  const other = { metadata: { refund_request: 'other' } };
  expect(await giveBack(other)).toEqual({ refundId: 're_2', calls: 1 });
});

test.each(['failed', 'canceled'])('a refund that has %s gave nothing back', async (status) => {
  await expect(giveBack({}, { status })).rejects.toThrow(/sent the refund back/);
});

test.each([
  ['unknown', 0],
  ['none', 1],
] as const)('a refund that cannot be read, after earlier calls: %s', async (earlier, made) => {
  let calls = 0;
  const refunds = openRefunds({
    listRefunds: () => Promise.resolve([new Unusable('unusable', { about: 're_1' })]),
    createRefund: () => {
      calls += 1;
      return Promise.resolve(refundWith({ id: 're_2' }));
    },
  });
  if (refunds.can === 'none') throw new Error('Stripe gives money back');
  const end = await refunds.refund({ ...payment, earlier }, 500, 'k').catch(() => undefined);
  expect([end?.refundId, calls]).toEqual([made === 0 ? undefined : 're_2', made]);
});
