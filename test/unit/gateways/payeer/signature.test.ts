import { buildForm, encryptParams } from '../../../../functions/src/gateways/payeer/form.ts';
import { signatureOf } from '../../../../functions/src/gateways/payeer/signature.ts';
import { orderOf } from '../../../harness/orders.ts';
import { decryptedParams, sign } from '../../../standins/payeer/signature.ts';
import {
  configure,
  ENCRYPTION_KEY,
  form,
  notification,
  open,
  ORDER,
  PAID,
  request,
  SECRET,
  SHOP,
} from './bench.ts';

/** The worked examples of the form. */
const PARAMS_JSON = String.raw`{"success_url":"https:\/\/app.example.test\/funds?status=success","fail_url":"https:\/\/app.example.test\/funds?status=error","reference":{"o":"81726354"}}`;
const PARAMS =
  'VGHUHLBiDb4hmjOz6wGFUbkVPg8xwMd2Uuyuw2g4G%2FVAb47b6UR7ROjzY3omiUkBj6uxlYfDmFdOdyHBkZoW6aly0wIunLpC0gdteTclXyCuS4ADXzUFG%2BJHjVH1px9hVNwmf6ZB8HRUylDCygOjbkiRTl1Z%2FiZtQiU5D8l9si54KFwFaX%2F63Jhn0ERL5coQ1tSeAectAjpGY06alRRgJg%3D%3D';
const FORM = [SHOP, ORDER, '25.00', 'USD', 'VG9wLXVwIDgxNzI2MzU0'];

describe('the form', () => {
  test.each([
    ['PY-1', FORM, '3E1C5F10BA54A20E876B2E8AF1BF6106D175153FAEB9031F7BB3492E7E983203'],
    [
      'PY-2, with additional parameters',
      [...FORM, PARAMS],
      '35ADF96DA744F2C1A8300DBF223D6D71A4660CD56759925545BF6B9A330BFD9F',
    ],
  ])('%s', (_name, values, signature) => {
    expect(signatureOf(SECRET, values)).toBe(signature);
    expect(sign(SECRET, values)).toBe(signature);
  });

  test('PY-2: the parameters are encrypted with a key of their order', () => {
    expect(encryptParams(ENCRYPTION_KEY, ORDER, PARAMS_JSON)).toBe(PARAMS);
    expect(decryptedParams(ENCRYPTION_KEY, ORDER, PARAMS)).toBe(PARAMS_JSON);
    expect(encryptParams(ENCRYPTION_KEY, '81726355', PARAMS_JSON)).not.toBe(PARAMS);
  });

  test('is signed over the texts that are posted', () => {
    const config = { merchantId: SHOP, secretKey: SECRET, encryptionKey: ENCRYPTION_KEY };
    const urls = {
      success_url: 'https://app.example.test/a',
      fail_url: 'https://app.example.test/b',
    };
    const order = orderOf({ orderId: ORDER, gateway: 'payeer', amountCents: 2500 });
    const posted = buildForm(config, order, urls);
    const values = [SHOP, ORDER, '25.00', 'USD', posted.m_desc, posted.m_params];
    expect(posted).toMatchObject({
      m_shop: SHOP,
      m_orderid: ORDER,
      m_amount: '25.00',
      m_curr: 'USD',
      m_sign: sign(SECRET, values),
      m_cipher_method: 'AES-256-CBC',
    });
    expect(Buffer.from(posted.m_desc, 'base64').toString()).toBe('Top-up 25.00 USD');
    expect(JSON.parse(decryptedParams(ENCRYPTION_KEY, ORDER, posted.m_params))).toEqual(urls);
  });
});

describe('the notification', () => {
  beforeEach(configure);

  test.each([
    ['PY-3', {}, '0F85F1E65A0478A3DCCBD946819B64B1F82A6697028DF198CA33C286678851F8', 'success'],
    [
      'PY-4, with parameters',
      { m_params: '{"reference":{"o":"81726354"}}' },
      'F95F4A90089B281192EEBE5D446AC8C4AC19301BEE0C34729AD9BF52B84CC354',
      'success',
    ],
    [
      'PY-5, failed',
      { m_status: 'fail' },
      '8E4399A47394E56E2106C5CF689E84619BA447BB42AAF23454B2D34C60ABC392',
      'error',
    ],
  ])('%s', async (_name, changed, m_sign, answer) => {
    const gateway = await open();
    for (const signature of [m_sign, m_sign.toLowerCase()]) {
      const body = form({ ...PAID, ...changed, m_sign: signature });
      const event = await gateway.verify(request(body));
      expect(gateway.acknowledge?.(event)).toEqual({
        contentType: 'text/plain',
        body: `${ORDER}|${answer}`,
      });
    }
    const { body } = notification({ ...PAID, ...changed });
    expect(new URLSearchParams(body.toString()).get('m_sign')).toBe(m_sign);
  });
});
