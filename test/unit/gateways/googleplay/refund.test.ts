import {
  Conflict,
  Malformed,
  Misconfigured,
  NotFound,
  Unavailable,
} from '../../../../functions/src/errors.ts';
import { openRefunds } from '../../../../functions/src/gateways/googleplay/refund.ts';
import { giveBack } from '../../../harness/giving-back.ts';
import type { Sale } from '../../../standins/googleplay/shop.ts';
import { Bench, claim } from './bench.ts';

const bench = new Bench();
const REFUND = 'POST /androidpublisher/v3/applications/:id/orders/';

let sale: Sale;

beforeEach(() => {
  sale = bench.google.control.buy({ productId: 'credits_500' });
});

const refund = (paymentId = sale.orderId ?? '') =>
  giveBack(bench.gateway().refunds, { paymentId, amountCents: 500 }, 500);

const now = () => bench.google.control.sale(sale.token);
const asked = () =>
  bench.google.control.requests().filter(({ path }) => path.endsWith(':refund')).length;

test('the whole order is given back and taken away, so that Google announces and lists it', async () => {
  expect(await refund()).toBe(`${sale.orderId ?? ''}-refund-1`);
  expect(now()).toMatchObject({ orderState: 'REFUNDED', state: 'CANCELLED' });
});

test('the movement that Google shows afterwards has the id that was answered', async () => {
  await bench.purchases().syncPurchase(sale.token, claim);
  const id = await refund();
  const { movements } = await bench.purchases().syncPurchase(sale.token);
  expect(movements.map((one) => one.id)).toEqual([sale.orderId, id]);
});

test('an answer that is lost: the second call sees the refund, and asks for no other', async () => {
  bench.google.control.fault({ match: REFUND, applyThen: true, drop: true });
  await expect(refund()).rejects.toThrow(Unavailable);
  expect(await refund()).toBe(`${sale.orderId ?? ''}-refund-1`);
  expect(asked()).toBe(1);
});

test('an order that was refunded in the console is not asked for', async () => {
  bench.google.control.void(sale.token);
  expect(await refund()).toBe(`${sale.orderId ?? ''}-refund-1`);
  expect(asked()).toBe(0);
});

test('a refund that Google works on is waited for', async () => {
  bench.google.control.edit(sale.token, { orderState: 'PENDING_REFUND' });
  await expect(refund()).rejects.toThrow(Unavailable);
  expect(asked()).toBe(0);
});

test('Google refuses an old order: nothing was given', async () => {
  bench.google.control.edit(sale.token, { completedAt: '2020-01-01T00:00:00Z' });
  await expect(refund()).rejects.toThrow(Conflict);
  expect(now().orderState).toBe('PROCESSED');
});

test('a service account that may see orders and not refund them: the right is named', async () => {
  bench.google.control.fault({ match: REFUND, status: 403 });
  await expect(refund()).rejects.toThrow(Misconfigured);
  bench.google.control.fault({ match: REFUND, status: 403 });
  await expect(refund()).rejects.toThrow('Manage orders and subscriptions');
});

test('a quota that is used up, and an order that Google does not know', async () => {
  bench.google.control.fault({ match: REFUND, status: 403, code: 'rateLimitExceeded' });
  await expect(refund()).rejects.toThrow(Unavailable);
  await expect(refund('GPA.9999-1111-2222-00001')).rejects.toThrow(NotFound);
});

test('a call that is refused because an earlier one was late has been made', async () => {
  let state = 'PROCESSED';
  const refunds = openRefunds({
    readOrder: () => Promise.resolve({ state, purchaseToken: 't', isPaid: true }),
    refundOrder: () => {
      state = 'REFUNDED';
      return Promise.reject(new Malformed('no such purchase'));
    },
  });
  expect(await giveBack(refunds, { paymentId: 'GPA.1' }, 500)).toBe('GPA.1-refund-1');
});
