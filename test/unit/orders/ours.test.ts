import { findOurOrder, type Claim } from '../../../functions/src/orders/ours.ts';
import type { Order } from '../../../functions/src/orders/order.ts';
import { orderBook, orderOf } from '../../harness/orders.ts';

/** Its binding was lost. */
const unbound = orderOf({ orderId: 'order1', gateway: 'somegateway' });
const order = { ...unbound, gatewayRef: 'object1' };
const claim: Claim = { orderId: 'order1', gateway: 'somegateway', mode: 'test', ref: 'object1' };

const find = (changed: Partial<Order>, claimed: Partial<Claim> = {}) =>
  findOurOrder(orderBook({ ...order, ...changed }), { ...claim, ...claimed });

test('an order of this gateway and mode, bound to the object that pays us, is ours', async () => {
  expect(await find({})).toEqual(order);
  expect(await find({}, { isPaidToUs: true })).toEqual(order);
});

// Each differs in one thing from an object that is ours.
test.each<[string, Partial<Order>, Partial<Claim>]>([
  ['it names no order', {}, { orderId: undefined }],
  ['its order is null', {}, { orderId: null }],
  ['its order is not here', {}, { orderId: 'order2' }],
  ['its order is of another gateway', { gateway: 'other' }, {}],
  ['its order is of the other mode', { mode: 'live' }, {}],
  ['the gateway holds it in the other mode', {}, { mode: 'live' }],
  ['its order is bound to another object', { gatewayRef: 'object2' }, {}],
  ['the money goes to another account', {}, { isPaidToUs: false }],
])('%s: not ours', async (_name, changed, claimed) => {
  expect(await find(changed, claimed)).toBeUndefined();
});

test('an order whose binding was lost is paid by the object that names it', async () => {
  expect(await findOurOrder(orderBook(unbound), claim)).toEqual(unbound);
});

test('a gateway without objects asks for none', async () => {
  expect(await find({}, { ref: undefined })).toEqual(order);
  expect(await findOurOrder(orderBook(unbound), { ...claim, ref: undefined })).toEqual(unbound);
});

test('money that goes elsewhere costs no look at the orders', async () => {
  const find = jest.fn(async () => order);
  await findOurOrder({ find }, { ...claim, isPaidToUs: false });
  expect(find).not.toHaveBeenCalled();
  await findOurOrder({ find }, claim);
  expect(find).toHaveBeenCalledWith('order1', undefined);
});
