import { Misconfigured } from '../../../../functions/src/errors.ts';
import {
  readApiConfig,
  reconcileSecrets,
  secrets,
  usesApi,
} from '../../../../functions/src/gateways/payeer/config.ts';

const environment = {
  PAYMENTS_MODE: 'live',
  PAYEER_MERCHANT_ID: '700112233',
  PAYEER_ACCOUNT: 'P1000000',
  PAYEER_API_ID: '12345',
  PAYEER_API_PASSWORD: 'payeer-api-standin',
};

test('the API user, who books nothing unless told so', () => {
  expect(readApiConfig(environment)).toEqual({
    url: 'https://payeer.com/ajax/api/api.php',
    merchantId: '700112233',
    account: 'P1000000',
    apiId: '12345',
    password: 'payeer-api-standin',
    books: false,
  });
  expect(readApiConfig({ ...environment, PAYEER_API_BOOKS: 'true' }).books).toBe(true);
});

test.each([
  ['PAYEER_ACCOUNT', '1000000'],
  ['PAYEER_ACCOUNT', ''],
  ['PAYEER_API_ID', ' '],
  ['PAYEER_API_PASSWORD', ''],
  ['PAYEER_API_PASSWORD', 'none'],
  ['PAYEER_API_BOOKS', 'yes'],
  ['PAYEER_API_URL', 'https://evil.test/api.php'],
])('%s may not be "%s"', (name, value) => {
  const read = () => readApiConfig({ ...environment, [name]: value });
  expect(read).toThrow(Misconfigured);
  expect(read).toThrow(name);
  expect(read).not.toThrow(/evil|payeer-api-standin/);
});

test('the API is used where an account is set', () => {
  expect(usesApi(environment)).toBe(true);
  expect(usesApi({ ...environment, PAYEER_ACCOUNT: ' ' })).toBe(false);
  expect(() => usesApi({ PAYEER_ACCOUNT: '1000000' })).toThrow(Misconfigured);
});

test('the second look alone needs the secret of the API', () => {
  expect(secrets).not.toContain('PAYEER_API_PASSWORD');
  expect(reconcileSecrets).toEqual([...secrets, 'PAYEER_API_PASSWORD']);
});
