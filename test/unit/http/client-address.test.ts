import { Misconfigured } from '../../../functions/src/errors.ts';
import { readSettings } from '../../../functions/src/config/settings.ts';
import type { FrameworkRequest } from '../../../functions/src/http/on-request.ts';
import { readRequest } from '../../../functions/src/http/request.ts';

function received(headers: Record<string, string | string[]>): FrameworkRequest {
  return { method: 'POST', headers } as unknown as FrameworkRequest;
}

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['185.71.65.92, 203.0.113.7', '203.0.113.7'],
  ['185.71.65.92,203.0.113.7 ', '203.0.113.7'],
  ['', ''],
])('of "%s" only what our own proxy has added is believed', (header, address) => {
  const { clientAddress } = readRequest(
    received({ 'x-forwarded-for': header }),
    'POST',
    'x-forwarded-for',
  );
  expect(clientAddress).toBe(address);
});

test('a proxy that says nothing is not the same as no proxy', () => {
  expect(readRequest(received({}), 'POST', 'x-forwarded-for').clientAddress).toBe('');
  expect(readRequest(received({ 'x-forwarded-for': '203.0.113.7' }), 'POST')).not.toHaveProperty(
    'clientAddress',
  );
});

test('the header is configured', () => {
  const environment = { PAYMENTS_MODE: 'test', TRUSTED_PROXY_HEADER: 'X-Forwarded-For' };
  expect(readSettings(environment).trustedProxyHeader).toBe('x-forwarded-for');
  expect(readSettings({ PAYMENTS_MODE: 'test' }).trustedProxyHeader).toBeUndefined();
  const malformed = { ...environment, TRUSTED_PROXY_HEADER: 'x forwarded' };
  expect(() => readSettings(malformed)).toThrow(Misconfigured);
});
