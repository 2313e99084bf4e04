import {
  readApiConfig,
  readCallbackUrl,
  readConfig,
} from '../../../../functions/src/gateways/cryptomus/config.ts';
import { Misconfigured } from '../../../../functions/src/errors.ts';

const complete = {
  PAYMENTS_MODE: 'live',
  CRYPTOMUS_MERCHANT_ID: 'merchant-standin',
  CRYPTOMUS_PAYMENT_KEY: 'key-standin',
  CRYPTOMUS_CALLBACK_URL: 'https://example.com/cryptomus-handleWebhookEvents',
};

test('the address is the one of Cryptomus', () => {
  expect(readApiConfig(complete).url).toBe('https://api.cryptomus.com');
});

test('in live mode it is no other', () => {
  const elsewhere = { ...complete, CRYPTOMUS_API_URL: 'http://127.0.0.1:9204' };
  expect(() => readApiConfig(elsewhere)).toThrow(Misconfigured);
  expect(readApiConfig({ ...elsewhere, PAYMENTS_MODE: 'test' }).url).toBe('http://127.0.0.1:9204');
});

test.each(['CRYPTOMUS_MERCHANT_ID', 'CRYPTOMUS_PAYMENT_KEY', 'PAYMENTS_MODE'])(
  'without %s there is no gateway',
  (name) => {
    for (const value of [undefined, '', ' ']) {
      expect(() => readApiConfig({ ...complete, [name]: value })).toThrow(Misconfigured);
    }
  },
);

test('notifications of a live deployment travel encrypted', () => {
  const plain = { ...complete, CRYPTOMUS_CALLBACK_URL: 'http://example.com/hook' };
  expect(readCallbackUrl(complete)).toBe(complete.CRYPTOMUS_CALLBACK_URL);
  expect(() => readCallbackUrl(plain)).toThrow(Misconfigured);
  expect(readCallbackUrl({ ...plain, PAYMENTS_MODE: 'test' })).toBe('http://example.com/hook');
  expect(() => readCallbackUrl({ PAYMENTS_MODE: 'test' })).toThrow(Misconfigured);
});

test('an underpaid invoice is credited unless CRYPTOMUS_CREDIT_UNDERPAID says no', () => {
  const given = (value: string) => ({ ...complete, CRYPTOMUS_CREDIT_UNDERPAID: value });
  expect(readConfig(complete).creditsUnderpaid).toBe(true);
  expect(readConfig(given('false')).creditsUnderpaid).toBe(false);
  expect(() => readConfig(given('no'))).toThrow(Misconfigured);
});
