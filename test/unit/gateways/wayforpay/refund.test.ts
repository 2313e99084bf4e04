import { Conflict, NotFound, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import type { OrderStatus, RefundReply } from '../../../../functions/src/gateways/wayforpay/api.ts';
import { openRefunds } from '../../../../functions/src/gateways/wayforpay/refund.ts';
import { giveBack } from '../../../harness/giving-back.ts';
import type { WayforpayStandin } from '../../../standins/wayforpay/server.ts';
import { open, ORDER, startStandin } from './bench.ts';

let wayforpay: WayforpayStandin;

beforeEach(async () => {
  wayforpay = await startStandin();
  wayforpay.control.createForeignOrder(ORDER, 1250);
  wayforpay.control.pay(ORDER);
});

afterEach(() => wayforpay.stop());

/** Gives back of the payment of 12.50, of which refunds had taken so much before. */
async function refund(cents: number, refundedCents = 0, paymentId = ORDER): Promise<string> {
  return giveBack((await open()).refunds, { paymentId, refundedCents }, cents);
}

const given = () => wayforpay.control.order(ORDER).refundedCents;
const asked = () =>
  wayforpay.control.requests().filter((one) => one['transactionType'] === 'REFUND');

test('a part, then the rest: each is named by the sum of both', async () => {
  expect(await refund(500)).toBe(`${ORDER}_refund_500`);
  expect(await refund(750, 500)).toBe(`${ORDER}_refund_1250`);
  expect(asked()).toMatchObject([
    { amount: 5, currency: 'USD', comment: 'Refund r1', apiVersion: 1 },
    { amount: 7.5 },
  ]);
});

test('an answer that is lost: the second call finds the refund, and asks for no other', async () => {
  wayforpay.control.fault({ match: 'POST /api/REFUND', cutOff: true });
  await expect(refund(500)).rejects.toThrow(Unavailable);
  expect(await refund(500)).toBe(`${ORDER}_refund_500`);
  expect([given(), asked()]).toEqual([500, [expect.anything()]]);
});

test('a call that never came: the second call makes it', async () => {
  wayforpay.control.fault({ match: 'POST /api/REFUND', drop: true });
  await expect(refund(500)).rejects.toThrow(Unavailable);
  expect(await refund(500)).toBe(`${ORDER}_refund_500`);
  expect(given()).toBe(500);
});

test('a refund that waits for the balance is taken, and not asked for again', async () => {
  wayforpay.control.queueRefunds(true);
  expect(await refund(500)).toBe(`${ORDER}_refund_500`);
  await expect(refund(500)).rejects.toThrow(Unavailable);
  wayforpay.control.endRefund(ORDER);
  expect(await refund(500)).toBe(`${ORDER}_refund_500`);
  expect([given(), asked()]).toEqual([500, [expect.anything()]]);
});

test.each<[string, number, number, typeof Conflict | typeof Unusable | typeof Unavailable, RegExp]>(
  [
    ['less, which is not booked', 200, 0, Conflict, /recheck <payment>, then ask again/],
    ['more, of which this one may be a part', 700, 0, Unusable, /close the request/],
    ['less than is booked', 200, 300, Unavailable, /behind its own callbacks/],
  ],
)('in the cabinet was given back %s: no refund is made', async (_, cents, booked, error, words) => {
  wayforpay.control.refund(ORDER, cents);
  await expect(refund(500, booked)).rejects.toThrow(error);
  await expect(refund(500, booked)).rejects.toThrow(words);
  expect([given(), asked()]).toEqual([cents, []]);
});

test('a voided order has nothing left, also when its sum is not told', async () => {
  wayforpay.control.hideRefunds(true);
  wayforpay.control.become(ORDER, 'Voided');
  expect(await refund(1250)).toBe(`${ORDER}_refund_1250`);
  wayforpay.control.become(ORDER, 'Refunded');
  await expect(refund(1250)).rejects.toThrow(Unusable);
  expect(asked()).toEqual([]);
});

test.each([
  [1117, /ask its support/],
  [1118, /ask its support/],
  [1123, /ask its support/],
  [1128, /refuses the sum/],
  [1130, /refuses the sum/],
  [1136, /top it up/],
  [1141, /refund all of it/],
  [1126, /look at the payment in its cabinet/],
])('refused by %d: nothing was given, and the cure is told', async (code, words) => {
  wayforpay.control.refuseRefunds(code);
  await expect(refund(500)).rejects.toThrow(Conflict);
  await expect(refund(500)).rejects.toThrow(words);
  expect(given()).toBe(0);
});

test('another refund is worked on: it is not known whether this one is made', async () => {
  wayforpay.control.refuseRefunds(1138);
  await expect(refund(500)).rejects.toThrow(Unavailable);
});

test('an answer that WayForPay has not signed is none', async () => {
  const api = { transactionStatus: 'Refunded', reasonCode: 1100, merchantSignature: 'guessed' };
  wayforpay.control.answerRefunds(api);
  await expect(refund(500)).rejects.toThrow('not signed');
  wayforpay.control.answerRefunds({ reasonCode: 1129 });
  await expect(refund(500)).rejects.toThrow('what became of the refund');
});

test('an order that WayForPay does not know', async () => {
  await expect(refund(500, 0, 'tn-other')).rejects.toThrow(NotFound);
});

describe('an order as WayForPay may show it for a while', () => {
  const behind = { currency: 'USD', amountCents: 1250, processedAt: undefined };

  /** A refund of such an order; counts how often WayForPay is asked for one. */
  async function refundOf(
    shown: Pick<OrderStatus, 'status' | 'refundedCents'>,
    cents: number,
    earlier: 'unknown' | 'taken',
  ): Promise<{ id: string; calls: number }> {
    let calls = 0;
    const reply: RefundReply = { transactionStatus: 'Declined', reasonCode: '1130' };
    const refunds = openRefunds({
      checkStatus: () => Promise.resolve({ ...behind, ...shown }),
      refund: () => {
        calls += 1;
        return Promise.resolve(reply);
      },
    });
    const id = await giveBack(refunds, { paymentId: 'o', earlier }, cents).catch(
      (error: unknown) => (error as Error).name,
    );
    return { id, calls };
  }

  test('refunded, by a sum of 0: it may be the refund of an earlier call', async () => {
    const shown = { status: 'Refunded', refundedCents: 0 };
    expect(await refundOf(shown, 300, 'unknown')).toEqual({ id: 'Unavailable', calls: 0 });
  });

  test('voided, by a sum of 0: all was given back', async () => {
    const shown = { status: 'Voided', refundedCents: 0 };
    expect(await refundOf(shown, 1250, 'unknown')).toEqual({ id: 'o_refund_1250', calls: 0 });
  });

  test('approved, though it has taken the refund: no other is made', async () => {
    const shown = { status: 'Approved', refundedCents: undefined };
    expect(await refundOf(shown, 300, 'taken')).toEqual({ id: 'Unavailable', calls: 0 });
  });
});
