import {
  Misconfigured,
  Unauthentic,
  Unavailable,
  Unusable,
} from '../../../../functions/src/errors.ts';
import { readConfig, readProjectConfig } from '../../../../functions/src/gateways/anypay/config.ts';
import { parseEvent } from '../../../../functions/src/gateways/anypay/events.ts';
import { checkSignature } from '../../../../functions/src/gateways/anypay/signature.ts';
import type { AnypayStandin } from '../../../standins/anypay/server.ts';
import { signedNotice } from '../../../standins/anypay/signature.ts';
import {
  form,
  notice,
  open,
  ORDER,
  PAYMENT,
  PAID,
  PROJECT,
  request,
  SECRET,
  startStandin,
  type SignType,
} from './bench.ts';

describe.each<SignType>(['md5', 'sha256'])('signed with %s', (signType) => {
  let anypay: AnypayStandin;

  beforeAll(async () => {
    anypay = await startStandin(signType);
  });

  beforeEach(() => {
    anypay.control.reset();
  });

  afterAll(() => anypay.stop());

  const told = (changed: Record<string, string> = {}) => notice(signType, { ...PAID, ...changed });
  const genuine = () => signedNotice({ signType, secretKey: SECRET }, { ...PAID });

  function pay(amount = 25, currency = 'USD'): void {
    anypay.control.createForeignPayment(ORDER, amount, currency, '73000001');
    anypay.control.pay(ORDER);
  }

  async function movementsOf(received: ReturnType<typeof request>) {
    const gateway = await open();
    return gateway.movements(await gateway.verify(received));
  }

  test("the money is the order's, the time the API's", async () => {
    pay();
    expect(await movementsOf(told({ profit: '9999.00' }))).toEqual([
      { ...PAYMENT, occurredAt: new Date('2026-10-23T09:01:30Z') },
    ]);
    const event = parseEvent(checkSignature(told(), readProjectConfig()));
    expect((await open()).acknowledge?.(event)).toEqual({
      contentType: 'text/plain',
      body: 'OK',
    });
  });

  test('a changed transaction id makes no second row', async () => {
    pay();
    const replayed = form({
      ...genuine(),
      transaction_id: '73000002',
      email: 'other@example.test',
    });
    expect(await movementsOf(request(replayed))).toEqual(await movementsOf(told()));
  });

  test('a second transaction of the order is a second payment', async () => {
    pay();
    const second = anypay.control.pay(ORDER).transaction_id;
    const moved = await movementsOf(told());
    expect(moved).toEqual([
      expect.objectContaining({ id: '73000001', amountCents: 2500 }),
      expect.objectContaining({ id: String(second), amountCents: 2500 }),
    ]);
  });

  test('a payment that was not ordered keeps no other from the balance', async () => {
    pay();
    const odd = anypay.control.pay(ORDER).transaction_id;
    anypay.control.edit(ORDER, { amount: 5 });
    const [good, kept, ...others] = await movementsOf(told());
    expect(good).toMatchObject({ id: '73000001', amountCents: 2500 });
    expect(kept).toBeInstanceOf(Unusable);
    expect(kept).toMatchObject({ about: String(odd) });
    expect(others).toEqual([]);
  });

  test.each<[string, () => string]>([
    ['an empty body', () => ''],
    ['JSON', () => JSON.stringify(genuine())],
    ['no signature', () => form(PAID)],
    ['an amount changed', () => form({ ...genuine(), amount: '250.00' })],
    ['25 for 25.00', () => form({ ...genuine(), amount: '25' })],
    ['25.0 for 25.00', () => form({ ...genuine(), amount: '25.0' })],
    ['025.00 for 25.00', () => form({ ...genuine(), amount: '025.00' })],
    ['-25.00 for 25.00', () => form({ ...genuine(), amount: '-25.00' })],
    ['an order changed', () => form({ ...genuine(), pay_id: '261023000012346' })],
    ['an order in an array', () => form(genuine()).replace('pay_id', 'pay_id[]')],
    ['an order twice', () => `${form(genuine())}&pay_id=${ORDER}`],
    ['a project changed', () => form({ ...genuine(), merchant_id: '14078' })],
    ['another project', () => told({ merchant_id: '14078' }).body.toString()],
    [
      'the other type of signature',
      () => notice(signType === 'md5' ? 'sha256' : 'md5', PAID).body.toString(),
    ],
  ])('%s is refused', async (_name, body) => {
    pay();
    await expect(movementsOf(request(body()))).rejects.toThrow(Unauthentic);
  });

  test('an upper-case signature is one', async () => {
    pay();
    const signed = genuine();
    const body = form({ ...signed, sign: signed['sign']?.toUpperCase() ?? '' });
    expect(await movementsOf(request(body))).toHaveLength(1);
  });

  test.each(['26102300001234x', '2610230000123456', ''])(
    'the order "%s", signed, is none',
    async (pay_id) => {
      await expect(movementsOf(told({ pay_id }))).rejects.toThrow(Unusable);
    },
  );

  test.each([
    [
      'another amount',
      () => {
        pay(2.5);
      },
    ],
    [
      'an amount of three decimals',
      () => {
        pay(25.001);
      },
    ],
    [
      'a negative amount',
      () => {
        pay(-25);
      },
    ],
    [
      'another currency',
      () => {
        pay(25, 'RUB');
      },
    ],
    [
      'a refund of another amount',
      () => {
        pay();
        anypay.control.become(ORDER, 'refund');
        anypay.control.edit(ORDER, { amount: 5 });
      },
    ],
  ])('%s is kept for a person', async (_name, arrange) => {
    arrange();
    const [kept, ...others] = await movementsOf(told());
    expect(kept).toBeInstanceOf(Unusable);
    expect(others).toEqual([]);
  });

  test('money of an unknown order is not ours', async () => {
    anypay.control.createForeignPayment('5', 25);
    anypay.control.pay('5');
    expect(await movementsOf(told({ pay_id: '5' }))).toEqual([]);
  });

  test.each(['paid', 'refund'])(
    '%s that the API does not confirm is told again',
    async (status) => {
      await expect(movementsOf(told({ status }))).rejects.toThrow(Unavailable);
      anypay.control.createForeignPayment(ORDER, 25);
      await expect(movementsOf(told({ status }))).rejects.toThrow(Unavailable);
    },
  );

  test.each(['chargeback', 'partially-paid'])('%s is kept for a person', async (status) => {
    anypay.control.createForeignPayment(ORDER, 25);
    anypay.control.edit(ORDER, { status: status as 'paid' });
    expect(await movementsOf(told({ status }))).toEqual([expect.any(Unusable)]);
  });

  test('paid, where the API says what we do not know: kept for a person', async () => {
    anypay.control.createForeignPayment(ORDER, 25);
    anypay.control.edit(ORDER, { status: 'frozen' as 'paid' });
    expect(await movementsOf(told({ status: 'paid' }))).toEqual([expect.any(Unusable)]);
  });

  test.each([
    ['an error', { status: 500 }],
    ['too many requests', { status: 429 }],
    ['half an answer', { cutOff: true as const }],
  ])('%s of the API: AnyPay must tell us again', async (_name, fault) => {
    pay();
    anypay.control.fault({ match: 'GET /api', ...fault });
    await expect(movementsOf(told())).rejects.toThrow(Unavailable);
    expect(await movementsOf(told())).toHaveLength(1);
  });

  test.each([
    [101, Misconfigured],
    [102, Misconfigured],
    [103, Misconfigured],
    [104, Misconfigured],
    [105, Unavailable],
    [200, Unavailable],
  ])('error %d of the API', async (code, error) => {
    pay();
    anypay.control.refuse(code);
    await expect(movementsOf(told())).rejects.toThrow(error);
  });

  test('a test payment counts in test mode alone', async () => {
    pay();
    expect(await movementsOf(told({ test: '1' }))).toHaveLength(1);
    const url = process.env['ANYPAY_API_URL'];
    process.env['PAYMENTS_MODE'] = 'live';
    Reflect.deleteProperty(process.env, 'ANYPAY_API_URL');
    const live = await open('live');
    expect(await live.movements(await live.verify(told({ test: '1' })))).toEqual([]);
    process.env['PAYMENTS_MODE'] = 'test';
    process.env['ANYPAY_API_URL'] = url;
  });

  test.each(['', '203.0.113.1', '185.162.128.3'])(
    '"%s" is no address of AnyPay',
    async (address) => {
      pay();
      await expect(movementsOf(request(told().body, address))).rejects.toThrow(Unauthentic);
      expect(await movementsOf(request(told().body, '185.162.128.88'))).toHaveLength(1);
    },
  );
});

describe('a status that was changed on the way', () => {
  const forged = (signType: SignType) => {
    const waiting = signedNotice({ signType, secretKey: SECRET }, { ...PAID, status: 'waiting' });
    return request(form({ ...waiting, status: 'paid' }));
  };

  test('SHA-256 signs it', async () => {
    const anypay = await startStandin('sha256');
    await expect((await open()).verify(forged('sha256'))).rejects.toThrow(Unauthentic);
    await anypay.stop();
  });

  test('under MD5 the API does not confirm it', async () => {
    const anypay = await startStandin('md5');
    anypay.control.createForeignPayment(ORDER, 25);
    const gateway = await open();
    const event = await gateway.verify(forged('md5'));
    await expect(gateway.movements(event)).rejects.toThrow(Unavailable);
    await anypay.stop();
  });
});

test('what is missing or malformed is named', () => {
  const environment = {
    PAYMENTS_MODE: 'test',
    ANYPAY_PROJECT_ID: PROJECT,
    ANYPAY_SECRET_KEY: 'secret-standin',
    ANYPAY_API_ID: 'api-id',
    ANYPAY_API_KEY: 'api-key-standin',
  };
  expect(readConfig(environment)).toMatchObject({
    signType: 'md5',
    apiUrl: 'https://anypay.io/api',
  });
  for (const [name, value] of [
    ['ANYPAY_PROJECT_ID', '14077a'],
    ['ANYPAY_SECRET_KEY', ''],
    ['ANYPAY_SIGN_TYPE', 'sha1'],
    ['ANYPAY_API_KEY', ' '],
  ] as const) {
    const read = () => readConfig({ ...environment, [name]: value });
    expect(read).toThrow(Misconfigured);
    expect(read).toThrow(name);
  }
  const live = { ...environment, PAYMENTS_MODE: 'live', ANYPAY_API_URL: 'https://evil.test/api' };
  expect(() => readConfig(live)).toThrow(Misconfigured);
});
