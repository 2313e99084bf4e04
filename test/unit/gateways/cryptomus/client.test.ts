import { post } from '../../../../functions/src/gateways/cryptomus/client.ts';
import { Misconfigured, Unavailable } from '../../../../functions/src/errors.ts';
import { startCryptomus, type CryptomusStandin } from '../../../standins/cryptomus/server.ts';
import { listen } from '../../../standins/http.ts';

let cryptomus: CryptomusStandin;

beforeAll(async () => {
  cryptomus = await startCryptomus({ merchantId: 'merchant', paymentKey: 'key-standin' });
});

afterAll(() => cryptomus.stop());

beforeEach(() => {
  cryptomus.control.reset();
});

const request = { amount: '12.50', currency: 'USD', order_id: 'order1' };

function make({ paymentKey = 'key-standin', ...changes }: Record<string, string> = {}, ms = 2_000) {
  const config = {
    mode: 'test' as const,
    merchantId: 'merchant',
    paymentKeys: [paymentKey] as const,
    url: cryptomus.origin,
  };
  return post({ ...config, ...changes }, '/v1/payment', request, ms);
}

test('what it answers', async () => {
  expect(await make()).toMatchObject({ result: { order_id: 'order1', amount: '12.50' } });
});

test('what it refuses in its own words is undefined', async () => {
  cryptomus.control.fault({ status: 422 }, { status: 404 }, { status: 200 });
  for (let call = 0; call < 3; call += 1) expect(await make()).toBeUndefined();
});

test('another key or merchant is a matter of configuration', async () => {
  await expect(make({ paymentKey: 'other' })).rejects.toThrow(Misconfigured);
  await expect(make({ merchantId: 'other' })).rejects.toThrow(Misconfigured);
});

test.each([
  { status: 500 },
  { status: 503, body: 'a page' },
  { status: 429 },
  { status: 403, body: '<html>' },
  { status: 404, body: 'a page' },
  { status: 200, body: '' },
  { status: 200, body: 'a page' },
  { status: 200, body: { state: 2 } },
  { status: 500, body: { state: 0, result: {} } },
  { drop: true },
  { cutOff: true },
] as const)('%j is no answer', async (fault) => {
  cryptomus.control.fault(fault);
  await expect(make()).rejects.toThrow(Unavailable);
});

test('nor is silence', async () => {
  cryptomus.control.fault({ timeout: true });
  await expect(make({}, 50)).rejects.toThrow(Unavailable);
});

test('nor a closed port', async () => {
  const closed = await listen(() => ({ status: 200 }));
  await closed.stop();
  await expect(make({ url: closed.origin })).rejects.toThrow(Unavailable);
});

test('a redirect is not followed: the signature goes nowhere else', async () => {
  let calls = 0;
  const elsewhere = await listen(() => {
    calls += 1;
    return { status: 200, body: { state: 0, result: {} } };
  });
  for (const status of [301, 302, 307, 308]) {
    cryptomus.control.fault({ status, headers: { location: `${elsewhere.origin}/v1/payment` } });
    await expect(make()).rejects.toThrow(Unavailable);
  }
  await elsewhere.stop();
  expect(calls).toBe(0);
});
