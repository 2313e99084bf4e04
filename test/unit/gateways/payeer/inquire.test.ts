import { Misconfigured, Unavailable, Unusable } from '../../../../functions/src/errors.ts';
import { setEnvironment } from '../../../harness/environment.ts';
import { notification, PAID } from './bench.ts';
import { API_USER, FIRST, Look, movementOf, NOW, SECOND } from './look.ts';

describe.each(['same', 'other'] as const)('the API has the %s numbers as notices', (numbers) => {
  let look: Look;

  beforeAll(async () => {
    look = await Look.start(numbers);
  });

  beforeEach(() => {
    look.reset();
  });

  afterAll(() => look.stop());

  const transactions = (orderId: string) =>
    look.payeer.control.payments(orderId).map(({ transactionId }) => transactionId);

  test('a payment that has its row is the movement of the row', async () => {
    await look.pay(FIRST);
    const told = await look.tell();
    expect(told).toHaveLength(1);
    expect(await look.inquire(FIRST)).toEqual(told);
  });

  test('two payments that have their rows are the movements of the rows', async () => {
    await look.pay(FIRST);
    const first = await look.tell();
    look.payeer.control.pay(FIRST);
    const second = await look.tell();
    const found = await look.inquire(FIRST);
    expect(found).toEqual([...first, ...second]);
    expect(look.rowsOf(FIRST)).toBe(2);
  });

  test('an order that was not paid, or in vain, moved nothing', async () => {
    await look.begin(FIRST);
    expect(await look.inquire(FIRST)).toEqual([]);
    look.payeer.control.fail(FIRST);
    expect(await look.inquire(FIRST)).toEqual([]);
    expect(await look.inquire(SECOND)).toEqual([]);
  });

  test('a payment without a row is kept for a person, with the number of the API', async () => {
    await look.pay(FIRST);
    const [kept, ...others] = (await look.inquire(FIRST)) ?? [];
    expect(kept).toBeInstanceOf(Unusable);
    expect(kept).toMatchObject({ about: transactions(FIRST)[0] });
    expect((kept as Unusable).message).toContain('PAYEER_API_BOOKS');
    expect(others).toEqual([]);
  });

  test('the second payment of an order is kept, and the first is not', async () => {
    await look.pay(FIRST);
    const first = await look.tell();
    look.payeer.control.pay(FIRST);
    const found = await look.inquire(FIRST);
    expect(found).toEqual([...first, expect.any(Unusable)]);
    expect(found?.[1]).toMatchObject({ about: transactions(FIRST)[1] });
  });

  test.each(['false', 'true'])(
    'a late notification credits nothing twice, where PAYEER_API_BOOKS is %s',
    async (books) => {
      // An operator sets it where the numbers are the same, and not elsewhere.
      setEnvironment({ PAYEER_API_BOOKS: numbers === 'same' ? books : 'false' });
      await look.pay(FIRST);
      look.book((await look.inquire(FIRST)) ?? []);
      await look.tell();
      await look.tell();
      expect(look.rowsOf(FIRST)).toBe(1);
      look.book((await look.inquire(FIRST)) ?? []);
      expect(look.rowsOf(FIRST)).toBe(1);
    },
  );

  test('a payment whose row is written between the two reads is not found twice', async () => {
    await look.pay(FIRST);
    const gateway = await look.open();
    const answered = gateway.inquire?.({ orderId: FIRST, ref: null, paymentId: null });
    const told = await look.tell();
    expect(await answered).toEqual(told);
  });
});

describe('where the operator has compared the numbers', () => {
  let look: Look;

  async function start(numbers: 'same' | 'other'): Promise<void> {
    look = await Look.start(numbers);
    setEnvironment({ PAYEER_API_BOOKS: 'true' });
  }

  afterEach(() => look.stop());

  test('a payment without a row is what its notification makes of it', async () => {
    await start('same');
    await look.pay(FIRST);
    const found = await look.inquire(FIRST);
    const [id = ''] = look.payeer.control.invoice(FIRST).operations;
    expect(found).toEqual([movementOf(FIRST, id)]);
    expect(await look.tell()).toEqual(found);
    look.payeer.control.pay(FIRST);
    expect(await look.inquire(FIRST)).toHaveLength(2);
  });

  test('a row with another number speaks against it', async () => {
    await start('other');
    await look.pay(FIRST);
    const told = await look.tell();
    look.payeer.control.pay(FIRST);
    const found = (await look.inquire(FIRST)) ?? [];
    expect(found).toEqual([...told, expect.any(Unusable)]);
    expect((found[1] as Unusable).message).toContain('another number');
  });
});

describe('whatever the numbers are', () => {
  let look: Look;

  beforeAll(async () => {
    look = await Look.start('same');
  });

  beforeEach(() => {
    look.reset();
    setEnvironment({ PAYEER_API_BOOKS: 'true' });
  });

  afterAll(() => look.stop());

  test('an order that is not ours is not asked about', async () => {
    await look.pay(FIRST);
    expect(await look.inquire(FIRST, { orders: [] })).toEqual([]);
    expect(await look.inquire(FIRST, { mode: 'live' })).toEqual([]);
    const gateway = await look.open();
    expect(await gateway.inquire?.({ orderId: null, ref: null, paymentId: '1' })).toEqual([]);
    expect(look.payeer.control.requests()).toEqual([]);
  });

  test('an order is asked about once, by our id, which it is bound to', async () => {
    await look.pay(FIRST);
    const gateway = await look.open();
    const asked = { orderId: null, ref: FIRST, paymentId: null };
    expect(await gateway.inquire?.(asked)).toHaveLength(1);
    expect(look.payeer.control.requests()).toEqual([
      { action: 'paymentDetails', merchantId: '700112233', referenceId: FIRST },
    ]);
  });

  test.each<[string, string, string]>([
    ['another amount', '24.99', 'USD'],
    ['another currency', '25.00', 'RUB'],
  ])('%s is kept for a person', async (_name, amount, currency) => {
    await look.pay(FIRST, amount, currency);
    const [id] = look.payeer.control.invoice(FIRST).operations;
    const found = await look.inquire(FIRST);
    expect(found).toEqual([expect.any(Unusable)]);
    expect(found?.[0]).toMatchObject({ about: id });
  });

  test('a payment of another amount does not take the place of the right one', async () => {
    await look.pay(FIRST, '5.00');
    await look.pay(FIRST);
    const told = await look.tell();
    expect(await look.inquire(FIRST)).toEqual([...told, expect.any(Unusable)]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['no number', { merchantTransactionId: null }, 'order'],
    ['a number that is a text', { merchantTransactionId: 'x1' }, 'order'],
    ['no amount', { amount: null }, 'payment'],
    ['no order', { referenceId: null }, 'payment'],
    ['a strange time', { processed: {} }, 'payment'],
  ])('a payment with %s is kept, beside the others', async (_name, details, about) => {
    await look.pay(FIRST);
    look.payeer.control.edit(FIRST, { details });
    look.payeer.control.pay(FIRST);
    const [odd, good] = look.payeer.control.payments(FIRST);
    const found = await look.inquire(FIRST);
    expect(found).toEqual([movementOf(FIRST, good?.transactionId ?? ''), expect.any(Unusable)]);
    expect(found?.[1]).toMatchObject({ about: about === 'order' ? FIRST : odd?.transactionId });
  });

  test.each<[string, Record<string, unknown>]>([
    ['null', { processed: null, processed_ts: null }],
    ['nothing', { processed: '', processed_ts: 0 }],
    ['false', { processed: false, processed_ts: false }],
    ["the database's zero", { processed: '0000-00-00 00:00:00', processed_ts: null }],
  ])('an invoice whose time of payment is %s was not paid', async (_name, details) => {
    await look.pay(FIRST);
    look.payeer.control.edit(FIRST, { details });
    expect(await look.inquire(FIRST)).toEqual([]);
  });

  test('a payment without a unix time was made when we look', async () => {
    await look.pay(FIRST);
    look.payeer.control.edit(FIRST, { details: { processed_ts: null } });
    expect(await look.inquire(FIRST)).toEqual([expect.objectContaining({ occurredAt: NOW })]);
  });

  test('a payment of another order is not booked', async () => {
    await look.pay(FIRST);
    look.payeer.control.edit(FIRST, { details: { referenceId: SECOND } });
    expect(await look.inquire(FIRST)).toEqual([]);
  });

  test('a look that must change nothing finds the same', async () => {
    await look.pay(FIRST);
    const before = look.payeer.control.payments(FIRST);
    expect(await look.inquire(FIRST, { isReadOnly: true })).toEqual(await look.inquire(FIRST));
    expect(look.payeer.control.payments(FIRST)).toEqual(before);
  });

  test.each([
    ['an error', { status: 500 }],
    ['too many requests', { status: 429 }],
    ['half an answer', { cutOff: true as const }],
    ['no answer', { drop: true as const }],
  ])('%s is no "unpaid"', async (_name, fault) => {
    look.payeer.control.fault({ match: 'POST /ajax', ...fault });
    await expect(look.inquire(FIRST)).rejects.toThrow(Unavailable);
    expect(await look.inquire(FIRST)).toEqual([]);
  });
});

describe('an API user that Payeer refuses', () => {
  let look: Look;

  beforeAll(async () => {
    look = await Look.start('same');
  });

  beforeEach(() => {
    look.reset();
    setEnvironment({ PAYEER_API_PASSWORD: 'wrong-standin' });
  });

  afterAll(() => look.stop());

  test('is not tried again for six hours, so that it is not blocked', async () => {
    let now = NOW;
    const gateway = await look.open({ now: () => now });
    const inquire = async () => gateway.inquire?.({ orderId: FIRST, ref: null, paymentId: null });
    for (let time = 0; time < 5; time += 1) await expect(inquire()).rejects.toThrow(Misconfigured);
    expect(look.payeer.control.requests()).toHaveLength(1);
    await expect(gateway.history?.list(NOW, NOW)[Symbol.asyncIterator]().next()).rejects.toThrow(
      Misconfigured,
    );
    now = new Date(NOW.getTime() + 6 * 3_600_000 - 1);
    await expect(inquire()).rejects.toThrow(Misconfigured);
    expect(look.payeer.control.requests()).toHaveLength(1);
    now = new Date(NOW.getTime() + 6 * 3_600_000);
    await expect(inquire()).rejects.toThrow(Misconfigured);
    expect(look.payeer.control.requests()).toHaveLength(2);
  });

  test('the error names the variables, and no value', async () => {
    const refused = await look.inquire(FIRST).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Misconfigured);
    const { message } = refused as Misconfigured;
    expect(message).toContain('PAYEER_ACCOUNT, PAYEER_API_ID or PAYEER_API_PASSWORD');
    expect(message).not.toMatch(/wrong-standin|P1000000|12345/);
  });
});

describe('without an API user', () => {
  let look: Look;

  beforeAll(async () => {
    look = await Look.start('same');
  });

  afterAll(() => look.stop());

  test('there is no second look, and all else is as it was', async () => {
    setEnvironment({ PAYEER_ACCOUNT: '', PAYEER_API_PASSWORD: 'none' });
    const gateway = await look.open();
    expect(Object.keys(gateway).toSorted()).toEqual([
      'acknowledge',
      'movements',
      'refunds',
      'subjectOf',
      'verify',
    ]);
    await look.pay(FIRST);
    expect(await look.tell()).toHaveLength(1);
    setEnvironment({ PAYEER_ACCOUNT: API_USER.account });
  });

  test.each(['', 'none'])(
    'the webhook opens with the secret "%s", and the look does not',
    async (secret) => {
      setEnvironment({ PAYEER_API_PASSWORD: secret });
      await look.pay(SECOND);
      expect(await look.tell()).toHaveLength(1);
      await expect(look.inquire(SECOND)).rejects.toThrow(/PAYEER_API_PASSWORD/);
      await expect(look.list()).rejects.toThrow(Misconfigured);
      expect(look.payeer.control.requests()).toEqual([]);
    },
  );
});

describe('the subject of a parked event', () => {
  let look: Look;

  beforeAll(async () => {
    look = await Look.start('same');
  });

  afterAll(() => look.stop());

  test('is the operation and the order that the notification names', async () => {
    const gateway = await look.open();
    for (const change of [{ m_status: 'pending' }, { m_amount: '5.00' }, { m_curr: 'RUB' }]) {
      const event = await gateway.verify(notification({ ...PAID, ...change }));
      await expect(gateway.movements(event)).rejects.toThrow(Unusable);
      const stored: unknown = JSON.parse(JSON.stringify(event));
      const subject = { orderId: FIRST, ref: FIRST, paymentId: '1994455667' };
      expect(gateway.subjectOf?.(stored)).toEqual(subject);
    }
  });

  test.each([
    [{ id: 'a hash', type: 'unreadable' }],
    [{ id: '1', type: 'success', orderId: '1|success' }],
    [{ id: 1, orderId: FIRST }],
    [null],
    [undefined],
    ['text'],
  ])('%j does not tell', async (stored) => {
    expect((await look.open()).subjectOf?.(stored)).toBeUndefined();
  });
});
