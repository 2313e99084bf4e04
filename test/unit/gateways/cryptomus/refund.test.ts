import { Conflict, NotFound, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { openRefunds } from '../../../../functions/src/gateways/cryptomus/refund.ts';
import type { RefundedPayment } from '../../../../functions/src/gateway.ts';
import { giveBack } from '../../../harness/giving-back.ts';
import { Bench, UUID } from './bench.ts';

const bench = new Bench();

const PATH = '/v1/payment/refund';
const address = 'TBuyer0123456789';

beforeEach(() => {
  bench.control.pay(UUID);
});

async function refund(
  to = address,
  paymentId = UUID,
  earlier: RefundedPayment['earlier'] = 'none',
): Promise<string> {
  return giveBack((await bench.open()).refunds, { paymentId, address: to, earlier }, 1250);
}

const status = () => bench.control.invoices()[0]?.status;
const asked = () => bench.control.requests().filter(({ path }) => path === PATH);

test('the whole invoice goes to the address, and the fee is ours', async () => {
  expect(await refund()).toBe(`${UUID}-refund`);
  expect(asked()).toMatchObject([{ parameters: { uuid: UUID, address, is_subtract: true } }]);
  expect(status()).toBe('refund_process');
});

test.each(['under way', 'over'])('a refund that is %s is not asked for again', async (when) => {
  bench.control.fault({ path: PATH, cutOff: true });
  await expect(refund()).rejects.toThrow(Unavailable);
  if (when === 'over') bench.control.endRefund(UUID);
  expect(await refund()).toBe(`${UUID}-refund`);
  expect(asked()).toHaveLength(1);
});

test('coins that came back are sent to another address', async () => {
  await refund();
  bench.control.endRefund(UUID, 'refund_fail');
  expect(await refund('TOther0123456789')).toBe(`${UUID}-refund`);
  expect(asked()).toMatchObject([{}, { parameters: { address: 'TOther0123456789' } }]);
});

test('money that Cryptomus holds is not given back', async () => {
  bench.control.lock(UUID);
  await expect(refund()).rejects.toThrow(Conflict);
  expect(asked()).toEqual([]);
});

test('an invoice that Cryptomus does not know', async () => {
  await expect(refund(address, '00000000-0000-4000-8000-000000000000')).rejects.toThrow(NotFound);
});

test('a refund that Cryptomus has taken and does not show yet is not asked for again', async () => {
  await expect(refund(address, UUID, 'taken')).rejects.toThrow(Unavailable);
  expect(asked()).toEqual([]);
  await refund();
  bench.control.endRefund(UUID, 'refund_fail');
  expect(await refund('TOther0123456789', UUID, 'taken')).toBe(`${UUID}-refund`);
});

test('a status that says nothing of an earlier call does not end the request', async () => {
  bench.control.lock(UUID);
  await expect(refund(address, UUID, 'unknown')).rejects.toThrow(Unusable);
});

test('a call that is refused because an earlier one was late has been made', async () => {
  let shown = 'paid';
  const refunds = openRefunds({
    readInvoice: () => Promise.resolve({ status: shown } as never),
    refundInvoice: () => {
      shown = 'refund_process';
      return Promise.resolve(false);
    },
  });
  expect(await giveBack(refunds, { paymentId: UUID, address }, 1250)).toBe(`${UUID}-refund`);
});
