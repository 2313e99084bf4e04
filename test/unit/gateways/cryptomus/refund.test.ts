import { Conflict, NotFound, Unavailable } from '../../../../functions/src/errors.ts';
import { giveBack } from '../../../harness/giving-back.ts';
import { Bench, UUID } from './bench.ts';

const bench = new Bench();

const PATH = '/v1/payment/refund';
const address = 'TBuyer0123456789';

beforeEach(() => {
  bench.control.pay(UUID);
});

async function refund(to = address, paymentId = UUID): Promise<string> {
  return giveBack((await bench.open()).refunds, { paymentId, address: to }, 1250);
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
