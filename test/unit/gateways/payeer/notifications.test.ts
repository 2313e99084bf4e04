import { Misconfigured, Unauthentic, Unusable } from '../../../../functions/src/errors.ts';
import { readConfig, readFormConfig } from '../../../../functions/src/gateways/payeer/config.ts';
import { sign, signedNotice } from '../../../standins/payeer/signature.ts';
import {
  configure,
  form,
  notification,
  open,
  ORDER,
  PAYMENT,
  PAID,
  request,
  SECRET,
} from './bench.ts';

beforeEach(configure);

async function movementsOf(received: ReturnType<typeof request>) {
  const gateway = await open();
  return gateway.movements(await gateway.verify(received));
}

const GENUINE = signedNotice(PAID, SECRET);

test("the money is the order's, the time is Moscow's", async () => {
  expect(await movementsOf(notification(PAID))).toEqual([
    { ...PAYMENT, occurredAt: new Date('2026-02-03T11:05:31Z') },
  ]);
});

test('a second operation of the order is a second payment', async () => {
  const [second] = await movementsOf(notification({ ...PAID, m_operation_id: '1994455668' }));
  expect(second).toMatchObject({ id: '1994455668', amountCents: 2500, orderId: ORDER });
});

test('what is not signed decides nothing', async () => {
  const extras = { summa_out: '9999', client_account: 'P1', m_uid: 'user2', transfer_id: '1' };
  expect(await movementsOf(request(form({ ...GENUINE, ...extras })))).toEqual(
    await movementsOf(notification(PAID)),
  );
});

describe('what nobody has proven is refused', () => {
  test.each<[string, string]>([
    ['an empty body', ''],
    ['JSON', JSON.stringify(GENUINE)],
    ['no signature', form(PAID)],
    ['no operation', form({ ...GENUINE, m_operation_id: '' }).replace('m_operation_id=&', '')],
    ['an operation in an array', form(GENUINE).replace('m_operation_id', 'm_operation_id[]')],
    ['a field twice', `${form(GENUINE)}&m_operation_id=1994455667`],
    ['a signature in an array', form(GENUINE).replace('m_sign', 'm_sign[]')],
    ['parameters added', form({ ...GENUINE, m_params: '{}' })],
    ['empty parameters added', form({ ...GENUINE, m_params: '' })],
    [
      'parameters left out',
      form({ ...signedNotice({ ...PAID, m_params: '' }, SECRET), m_params: 'x' }).replace(
        '&m_params=x',
        '',
      ),
    ],
    ['a signature of another order', form({ ...GENUINE, m_orderid: '81726355' })],
    ['an amount changed', form({ ...GENUINE, m_amount: '250.00' })],
    ['the signature of the form', form({ ...PAID, m_sign: formSignature() })],
  ])('%s', async (_name, body) => {
    await expect(movementsOf(request(body))).rejects.toThrow(Unauthentic);
  });

  function formSignature(): string {
    return sign(SECRET, [PAID['m_shop'], ORDER, '25.00', 'USD', PAID['m_desc']].map(String));
  }
});

test('empty parameters are signed when they are posted', async () => {
  expect(await movementsOf(notification({ ...PAID, m_params: '' }))).toHaveLength(1);
});

describe('signed, and nothing that Payeer writes', () => {
  test.each<[string, Record<string, string>]>([
    ['an operation of 200 digits', { m_operation_id: '1'.repeat(200) }],
    ['an operation that is no number', { m_operation_id: '19a' }],
    ['an empty operation', { m_operation_id: '' }],
    ['an order with a bar', { m_orderid: '1|success' }],
    ['an order with a line feed', { m_orderid: '1\n' }],
    ['an order with HTML', { m_orderid: '<b>1</b>' }],
    ['an order with a path', { m_orderid: '../1' }],
    ['an invalid description', { m_desc: 'no base64!' }],
  ])('%s', async (_name, changed) => {
    await expect(movementsOf(notification({ ...PAID, ...changed }))).rejects.toThrow(Unusable);
  });

  test('a failed payment whose colons are moved so that it reads "success"', async () => {
    // The buyer's return address is a part of the parameters, and may hold whatever it likes.
    const params = '{"success_url":"https://app.example.test/?a=:success:b"}';
    const failed = signedNotice({ ...PAID, m_status: 'fail', m_params: params }, SECRET);
    const [before = '', after = ''] = params.split(':success:');
    const moved = {
      ...failed,
      m_desc: `${String(PAID['m_desc'])}:fail:${before}`,
      m_status: 'success',
      m_params: after,
    };
    expect(signedNotice(moved, SECRET)['m_sign']).toBe(failed['m_sign']);
    await expect(movementsOf(request(form(moved)))).rejects.toThrow(Unusable);
  });

  test('however often it comes, and with whatever else, is parked once', async () => {
    const signed = signedNotice({ ...PAID, m_operation_id: '' }, SECRET);
    const about: unknown = expect.stringMatching(/^[0-9a-f]{32}$/);
    const seen = new Set<unknown>();
    for (const more of [{}, { lang: 'en' }, { m_sign: signed['m_sign']?.toLowerCase() ?? '' }]) {
      const refused: unknown = await movementsOf(request(form({ ...signed, ...more }))).catch(
        (error: unknown) => error,
      );
      expect(refused).toMatchObject({ name: 'Unusable', about });
      seen.add((refused as Unusable).about);
    }
    expect(seen.size).toBe(1);
    // The name is logged, and a signature is not.
    expect(signed['m_sign']?.toLowerCase()).not.toContain([...seen][0]);
  });
});

describe('authentic, and not what was ordered: kept for a person', () => {
  test.each<[string, Record<string, string>]>([
    ['25', { m_amount: '25' }],
    ['25.0', { m_amount: '25.0' }],
    ['25,00', { m_amount: '25,00' }],
    ['-25.00', { m_amount: '-25.00' }],
    ['2.5e1', { m_amount: '2.5e1' }],
    ['24.99', { m_amount: '24.99' }],
    ['another currency', { m_curr: 'RUB' }],
    ['a currency in small letters', { m_curr: 'usd' }],
  ])('%s', async (_name, changed) => {
    const gateway = await open();
    const event = await gateway.verify(notification({ ...PAID, ...changed }));
    await expect(gateway.movements(event)).rejects.toThrow(Unusable);
    expect(gateway.acknowledge?.(event).body).toMatch(/^\d+\|success$/);
  });

  test('an unknown order is not ours', async () => {
    expect(await movementsOf(notification({ ...PAID, m_orderid: '81726355' }))).toEqual([]);
  });
});

test.each([['Success'], ['SUCCESS'], ['pending']])('%s is kept for a person', async (m_status) => {
  const gateway = await open();
  const event = await gateway.verify(notification({ ...PAID, m_status }));
  await expect(gateway.movements(event)).rejects.toThrow(Unusable);
  expect(gateway.acknowledge?.(event).body).toBe(`${ORDER}|error`);
});

describe('source addresses', () => {
  const { body } = notification(PAID);

  test.each(['185.71.65.92', '185.71.65.189', '149.202.17.210'])('%s is one', async (address) => {
    expect(await movementsOf(request(body, address))).toHaveLength(1);
  });

  test.each(['', '203.0.113.1', '185.71.65.9', '::ffff:185.71.65.92'])(
    '"%s" is none, signed or not',
    async (address) => {
      await expect(movementsOf(request(body, address))).rejects.toThrow(Unauthentic);
    },
  );

  test('the list is configured', () => {
    process.env['PAYEER_SOURCE_ADDRESSES'] = '203.0.113.1, 203.0.113.2';
    expect(readConfig().addresses).toEqual(['203.0.113.1', '203.0.113.2']);
    Reflect.deleteProperty(process.env, 'PAYEER_SOURCE_ADDRESSES');
  });
});

test('without its keys nothing opens', () => {
  const environment = { PAYEER_MERCHANT_ID: '1', PAYEER_SECRET_KEY: ' ', PAYMENTS_MODE: 'test' };
  expect(() => readConfig(environment)).toThrow(Misconfigured);
  expect(() => readFormConfig({ ...environment, PAYEER_SECRET_KEY: 'x' })).toThrow(Misconfigured);
});
